use super::model::Model;
use super::precision::{Bordered, Factor};
use crate::{Error, Result};

/// Prior mean of the conductance, 1/gigaohm.
const PRIOR_MEAN: f64 = 3.0;

/// One direction of the bias: all that can be known before the current is.
///
/// The unknowns are the conductance at `points` biases, evenly spaced over both signs of the
/// largest bias and joined by straight lines, and after them the capacitance.
#[derive(Clone, Debug)]
pub struct Segment {
    x: Vec<f64>,
    design: Vec<Row>,
    factor: Factor,
    deviations: Vec<f64>,
    /// Inverse variance of the noise.
    weight: f64,
    /// Prior precision times prior mean, the same at every grid point.
    pull: f64,
}

/// One time: how the current follows from the unknowns.
#[derive(Clone, Copy, Debug)]
struct Row {
    /// The first of two neighbouring grid points.
    below: usize,
    /// Factors of the conductance there and at the next point.
    bias: [f64; 2],
    /// Factor of the capacitance.
    charging: f64,
}

impl Segment {
    /// Prepares the inference for this bias (volt, at even times over half a period) of that
    /// frequency (hertz), with `points` grid points.
    ///
    /// The duration of a step is taken as `1 / (frequency (times - 1))`: as if the half period were
    /// a whole one. The capacitance is therefore twice the physical one, as in all results of this
    /// method so far.
    ///
    /// # Errors
    /// When the bias cannot carry an inference: too few times, not finite, never positive; or when
    /// the grid is so fine, or the amplitude so small, that rounding would spoil the result.
    ///
    /// # Panics
    /// When there are fewer than 3 points.
    pub fn new(bias: &[f64], frequency: f64, points: usize, model: &Model) -> Result<Self> {
        assert!(points >= 3, "a grid of {points} points");
        let Some(times) = bias.len().checked_sub(1).filter(|&steps| steps > 0) else {
            return Err(Error::Request(format!(
                "half a period of {} bias values: there must be at least 2",
                bias.len()
            )));
        };
        if let Some(wrong) = bias.iter().find(|value| !value.is_finite()) {
            return Err(Error::Request(format!(
                "a bias is {wrong}: all must be finite"
            )));
        }
        let largest = bias.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if largest <= 0.0 {
            return Err(Error::Request(format!(
                "half a period of the bias never exceeds {largest} V: a period of a sine is \
                 needed, in volt"
            )));
        }
        let step = 2.0 * largest / (points - 1) as f64;
        let x: Vec<f64> = (0..points)
            .map(|i| {
                if i + 1 == points {
                    largest
                } else {
                    i as f64 * step - largest
                }
            })
            .collect();
        let duration = 1.0 / frequency / times as f64;
        let design = design(bias, &x, duration, model.r_extra);
        let weight = 1.0 / (model.gam * model.gam);
        let mut precision = prior(points, x[1] - x[0], model);
        add_data(&mut precision, &design, weight);
        let factor = precision
            .factor()
            .ok_or_else(|| too_fine(largest, points))?;
        let deviations = (0..points)
            .map(|i| factor.inverse_column(i)[i].max(0.0).sqrt())
            .collect();
        Ok(Self {
            x,
            design,
            factor,
            deviations,
            weight,
            pull: PRIOR_MEAN / (model.sigma * model.sigma),
        })
    }

    /// Biases of the grid, volt, ascending.
    pub fn x(&self) -> &[f64] {
        &self.x
    }

    /// Times of the bias.
    pub fn times(&self) -> usize {
        self.design.len()
    }

    /// Posterior standard deviations of the conductance at the grid points, 1/gigaohm.
    pub fn deviations(&self) -> &[f64] {
        &self.deviations
    }

    /// One column of the posterior covariance of all unknowns.
    ///
    /// # Panics
    /// When there is no such unknown.
    pub fn covariance(&self, column: usize) -> Vec<f64> {
        self.factor.inverse_column(column)
    }

    /// Replaces `mean` by the posterior mean: conductances (1/gigaohm), then the capacitance
    /// (nanofarad, doubled).
    ///
    /// # Panics
    /// When there are not as many currents (nanoampere) as times.
    pub fn infer(&self, current: impl ExactSizeIterator<Item = f64>, mean: &mut Vec<f64>) {
        assert_eq!(current.len(), self.times(), "currents");
        mean.clear();
        mean.resize(self.x.len() + 1, 0.0);
        let mut charging = 0.0;
        for (row, y) in self.design.iter().zip(current) {
            mean[row.below] += row.bias[0] * y;
            mean[row.below + 1] += row.bias[1] * y;
            charging += row.charging * y;
        }
        for sum in &mut mean[..self.x.len()] {
            *sum = *sum * self.weight + self.pull;
        }
        mean[self.x.len()] = charging * self.weight;
        self.factor.solve(mean);
    }

    /// The current that follows from these unknowns, nanoampere, one per time.
    ///
    /// # Panics
    /// When there are not as many unknowns as grid points and one.
    pub fn current<'m>(&'m self, mean: &'m [f64]) -> impl ExactSizeIterator<Item = f64> + 'm {
        assert_eq!(mean.len(), self.x.len() + 1, "unknowns");
        self.design.iter().map(move |row| {
            row.bias[0] * mean[row.below]
                + row.bias[1] * mean[row.below + 1]
                + row.charging * mean[self.x.len()]
        })
    }
}

fn design(bias: &[f64], x: &[f64], duration: f64, r_extra: f64) -> Vec<Row> {
    let spacing = x[1] - x[0];
    let row = |time: usize| {
        let value = bias[time];
        // The last slope is that of the step before.
        let from = time.min(bias.len() - 2);
        let slope = (bias[from + 1] - bias[from]) / duration;
        let cell = ((value - x[0]) / spacing).floor().max(0.0) as usize;
        let below = cell.min(x.len() - 2);
        let share = (value - x[below]) / (x[below + 1] - x[below]);
        Row {
            below,
            bias: [value * (1.0 - share), value * share],
            charging: slope + r_extra * value,
        }
    };
    (0..bias.len()).map(row).collect()
}

/// `(1 + L^3) / sigma^2` and `1 / sigma_c^2`, where L is the negative second difference that does
/// not see a constant.
fn prior(points: usize, spacing: f64, model: &Model) -> Bordered {
    let scale = spacing.powi(-6);
    let variance = model.sigma * model.sigma;
    let mut band = vec![[0.0; 4]; points];
    for column in 0..points {
        let mut cubed = vec![0.0; points];
        cubed[column] = 1.0;
        for _ in 0..3 {
            cubed = second_difference(&cubed);
        }
        for row in column..points.min(column + 4) {
            let unit = f64::from(u8::from(row == column));
            band[row][column + 3 - row] = (unit + scale * cubed[row]) / variance;
        }
    }
    Bordered {
        band,
        border: vec![0.0; points],
        corner: 1.0 / (model.sigma_c * model.sigma_c),
    }
}

/// In units of the spacing.
fn second_difference(values: &[f64]) -> Vec<f64> {
    (0..values.len())
        .map(|i| {
            let before = if i > 0 {
                values[i] - values[i - 1]
            } else {
                0.0
            };
            let after = values.get(i + 1).map_or(0.0, |next| values[i] - next);
            before + after
        })
        .collect()
}

fn add_data(precision: &mut Bordered, design: &[Row], weight: f64) {
    for row in design {
        let (below, [low, high]) = (row.below, row.bias);
        precision.band[below][3] += weight * low * low;
        precision.band[below + 1][3] += weight * high * high;
        precision.band[below + 1][2] += weight * low * high;
        precision.border[below] += weight * low * row.charging;
        precision.border[below + 1] += weight * high * row.charging;
        precision.corner += weight * row.charging * row.charging;
    }
}

fn too_fine(largest: f64, points: usize) -> Error {
    Error::Request(format!(
        "a bias of {largest} V on {points} grid points per direction is too fine for double \
         precision: \
         ask for fewer num_x_steps, or check that the bias is in volt"
    ))
}
