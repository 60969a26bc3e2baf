use super::{Series, normal};

/// By how much the spread of a quantity would shrink if these chains went on for ever: 1 where they
/// agree. Chains are split in halves, samples replaced by normal scores of their ranks; the larger
/// of the value for the samples and for their distances from the median counts, so that it tells of
/// locations and of scales that differ. Vehtari, Gelman, Simpson, Carpenter and Bürkner,
/// "Rank-normalization, folding, and localization" (2021).
///
/// Not a number where the quantity never changes in any chain, or has fewer than 8 samples in one;
/// infinite where it never changes in a chain but differs between chains.
pub fn scale_reduction(chains: &[&Series]) -> f64 {
    let half = chains.iter().map(|chain| chain.samples().len() / 2).min();
    let Some(half) = half.filter(|half| *half >= 4) else {
        return f64::NAN;
    };
    let halves = chains.iter().flat_map(|chain| {
        let samples = chain.samples();
        [&samples[..half], &samples[samples.len() - half..]]
    });
    let mut samples: Vec<f32> = halves.flatten().copied().collect();
    let bulk = reduction(&scores(&samples), half);
    let middle = median(&samples);
    for sample in &mut samples {
        *sample = (f64::from(*sample) - middle).abs() as f32;
    }
    let tail = reduction(&scores(&samples), half);
    // One of them may be no number where the other is one.
    if bulk.is_nan() { tail } else { bulk.max(tail) }
}

/// Without ranks, of rows of so many values each.
fn reduction(values: &[f64], length: usize) -> f64 {
    let count = length as f64;
    let rows: Vec<[f64; 2]> = values.chunks_exact(length).map(spread).collect();
    let within = rows.iter().map(|[_, squares]| squares / (count - 1.0));
    let within = within.sum::<f64>() / rows.len() as f64;
    let means: Vec<f64> = rows.iter().map(|[mean, _]| *mean).collect();
    let between = spread(&means)[1] / (rows.len() as f64 - 1.0);
    (between / within + (count - 1.0) / count).sqrt()
}

/// The mean, and the sum of squares of differences from it: exactly 0 where values are equal.
fn spread(values: &[f64]) -> [f64; 2] {
    let from = |value: &f64| value - values[0];
    let mean = values.iter().map(from).sum::<f64>() / values.len() as f64;
    let squares = values.iter().map(|value| (from(value) - mean).powi(2));
    [values[0] + mean, squares.sum()]
}

/// The normal scores of the ranks of values, equal ones having their mean rank.
fn scores(values: &[f32]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut scores = vec![0.0; values.len()];
    let mut first = 0;
    for equal in order.chunk_by(|a, b| values[*a].total_cmp(&values[*b]).is_eq()) {
        let rank = first as f64 + 0.5 * (equal.len() + 1) as f64;
        first += equal.len();
        let score = normal::quantile((rank - 0.375) / (values.len() as f64 + 0.25));
        for place in equal {
            scores[*place] = score;
        }
    }
    scores
}

fn median(values: &[f32]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    let middle = sorted.len() / 2;
    let below = if sorted.len().is_multiple_of(2) {
        middle - 1
    } else {
        middle
    };
    0.5 * (f64::from(sorted[below]) + f64::from(sorted[middle]))
}
