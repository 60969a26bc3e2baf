//! Which predictor suits a block.

use super::prediction::{BEFORE, Predictor};

/// Coefficients and the order below 16 that vectors of four divide.
const LAGS: usize = 16;

/// Bits of a coefficient.
pub(super) const PRECISION: u32 = 15;

/// The fixed predictor with the least residuals, of an order of at most 4 and below the number of
/// samples.
pub(super) fn fixed(block: &[i32]) -> Predictor {
    let mut sums = [0u64; 5];
    let mut last = [0i64; 4];
    for (at, &sample) in block.iter().enumerate() {
        let mut difference = i64::from(sample);
        for (order, last) in last.iter_mut().enumerate() {
            // The first samples of a block have no residual.
            if at >= 4 {
                sums[order] += difference.unsigned_abs();
            }
            (*last, difference) = (difference, difference - *last);
        }
        if at >= 4 {
            sums[4] += difference.unsigned_abs();
        }
    }
    let orders = 0..5.min(block.len());
    let order = orders.min_by_key(|&order| sums[order]).unwrap_or(0);
    Predictor::fixed(order)
}

/// Linear predictors of the block, of orders up to `greatest` (below 16), the most promising first:
/// at most `count`. None where the block is too short or too regular.
pub(super) fn linear(
    block: &[i32],
    greatest: usize,
    count: usize,
    window: &mut Window,
) -> Vec<Predictor> {
    let greatest = greatest.min(LAGS - 1);
    if block.len() <= 2 * greatest {
        return Vec::new();
    }
    let correlation = autocorrelation(block, window.of(block.len()));
    let orders = levinson(&correlation, greatest);
    let samples = block.len() as f64;
    // Bits that the residuals take, up to a constant, and those of the coefficients and of the
    // first samples.
    let size = |order: usize, error: f64| {
        let residuals = 0.5 * (error / correlation[0]).max(f64::MIN_POSITIVE).log2();
        residuals * samples + (order as f64) * f64::from(2 * PRECISION)
    };
    let mut sized: Vec<(f64, &[f64])> = orders
        .iter()
        .map(|(error, coefficients)| (size(coefficients.len(), *error), &coefficients[..]))
        .collect();
    sized.sort_by(|a, b| a.0.total_cmp(&b.0));
    sized
        .into_iter()
        .take(count)
        .filter_map(|(_, coefficients)| quantized(coefficients))
        .collect()
}

/// Weights that fall off smoothly at both ends of a block.
#[derive(Debug, Default)]
pub(super) struct Window(Vec<f64>);

impl Window {
    /// The weights of a block of this length; they are kept for the next one.
    fn of(&mut self, length: usize) -> &[f64] {
        if self.0.len() != length {
            // A quarter at each end falls off as a cosine does.
            let ramp = (length / 4).max(1);
            let weight = |at: usize| {
                let edge = at.min(length - 1 - at);
                let angle = std::f64::consts::PI * (edge as f64 + 0.5) / ramp as f64;
                if edge < ramp {
                    0.5 - 0.5 * angle.cos()
                } else {
                    1.0
                }
            };
            self.0 = (0..length).map(weight).collect();
        }
        &self.0
    }
}

/// Of the block under the weights.
fn autocorrelation(block: &[i32], weights: &[f64]) -> [f64; LAGS] {
    let mut samples = vec![0.0; LAGS - 1];
    let weighted = block.iter().zip(weights);
    samples.extend(weighted.map(|(&sample, weight)| f64::from(sample) * weight));
    // One sum per lag, side by side: the compiler makes vectors of them.
    let mut sums = [0.0; LAGS];
    for window in samples.windows(LAGS) {
        let Some((&last, _)) = window.split_last() else {
            continue;
        };
        for (sum, &before) in sums.iter_mut().zip(window) {
            *sum += last * before;
        }
    }
    sums.reverse();
    sums
}

/// For each order, the mean square of the residuals and the coefficients, the first one for the
/// sample just before.
fn levinson(correlation: &[f64; LAGS], greatest: usize) -> Vec<(f64, Vec<f64>)> {
    let mut orders = Vec::new();
    let mut error = correlation[0];
    let mut coefficients: Vec<f64> = Vec::new();
    for order in 0..greatest {
        if error <= 0.0 || !error.is_finite() {
            break;
        }
        let known: f64 = coefficients
            .iter()
            .enumerate()
            .map(|(i, coefficient)| coefficient * correlation[order - i])
            .sum();
        let reflection = (correlation[order + 1] - known) / error;
        let before = coefficients.clone();
        for (coefficient, mirrored) in coefficients.iter_mut().zip(before.iter().rev()) {
            *coefficient -= reflection * mirrored;
        }
        coefficients.push(reflection);
        error *= 1.0 - reflection * reflection;
        orders.push((error.max(0.0), coefficients.clone()));
    }
    orders
}

/// Coefficients as whole numbers; `None` where they are too great for that.
fn quantized(coefficients: &[f64]) -> Option<Predictor> {
    let greatest = coefficients
        .iter()
        .fold(0.0, |most: f64, c| most.max(c.abs()));
    if !greatest.is_finite() || greatest <= 0.0 {
        return None;
    }
    let limit = f64::from((1 << (PRECISION - 1)) - 1);
    let shift = (0..16)
        .rev()
        .find(|&shift| greatest * f64::from(1 << shift) <= limit)?;
    let mut whole = [0; BEFORE];
    let mut error = 0.0;
    for (to, coefficient) in whole.iter_mut().rev().zip(coefficients) {
        let exact = coefficient * f64::from(1 << shift) + error;
        let rounded = exact.round().clamp(-limit, limit);
        // What rounding took from one coefficient, the next one gets.
        error = exact - rounded;
        *to = rounded as i32;
    }
    Some(Predictor {
        order: coefficients.len(),
        shift: shift as u32,
        coefficients: whole,
    })
}
