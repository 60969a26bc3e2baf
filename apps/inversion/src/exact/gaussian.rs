//! The normal distribution about a Gauss-Newton step, which conductivities and the height are drawn
//! from.

use std::f64::consts::TAU;

use super::Target;
use crate::cholesky::{factor, log_determinant, solve_lower, solve_upper};
use crate::earth::Earth;
use crate::forward::Response;
use crate::likelihood::Observation;
use crate::random::Draws;

/// ln(S/m): the longest step of a conductivity. Steps that would be longer are cut as a whole, as
/// what is linear near does not reach far.
const LONGEST: f64 = 2.0;

/// What is known of the data where a step begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Local<'a> {
    pub(super) observation: &'a Observation,
    /// With derivatives.
    pub(super) response: &'a Response,
    /// One per channel that counts.
    pub(super) deviations: &'a [f64],
}

/// `N(x - cut(A^-1 g), A^-1)`: x are ln(S/m) of all layers, and the change of the height where it
/// is solved for; A is what prior and data say of the curvature by the formula of Gauss and Newton,
/// g the gradient. Data count as often as the inverse temperature says. Memory is reused.
#[derive(Clone, Debug, Default)]
pub(super) struct Gaussian {
    rows: usize,
    triangle: Vec<f64>,
    mean: Vec<f64>,
    slopes: Vec<f64>,
    log_determinant: f64,
}

impl Gaussian {
    /// Memory for earths of so many layers, and a height.
    pub(super) fn new(layers: usize) -> Gaussian {
        let most = layers + 1;
        Gaussian {
            rows: 0,
            triangle: Vec::with_capacity(most * most),
            mean: Vec::with_capacity(most),
            slopes: Vec::with_capacity(most),
            log_determinant: 0.0,
        }
    }

    /// Computes the distribution of a step from an earth and a height, whose response `local` has.
    /// False where there is none: numbers overflowed.
    pub(super) fn prepare(
        &mut self,
        target: &Target<'_>,
        earth: &Earth,
        height_change: f64,
        local: Option<(Local<'_>, f64)>,
    ) -> bool {
        let layers = earth.count();
        let height = target.settings().height;
        let rows = layers + usize::from(height.is_some());
        self.rows = rows;
        for memory in [&mut self.mean, &mut self.slopes] {
            memory.clear();
            memory.resize(rows, 0.0);
        }
        self.triangle.clear();
        self.triangle.resize(rows * rows, 0.0);
        self.add_prior(target, earth);
        if let Some(walk) = height {
            // As wide as the uniform prior.
            let weight = 3.0 / walk.maximum_change.powi(2);
            self.triangle[rows * rows - 1] = weight;
            self.mean[rows - 1] = weight * height_change;
        }
        if let Some((local, weight)) = local {
            self.add_data(layers, local, weight);
        }
        if !factor(&mut self.triangle, rows) {
            return false;
        }
        self.log_determinant = log_determinant(&self.triangle, rows);
        solve_lower(&self.triangle, &mut self.mean);
        solve_upper(&self.triangle, &mut self.mean);
        let longest = self.mean[..layers]
            .iter()
            .fold(0.0, |a: f64, x| a.max(x.abs()));
        let part = if longest > LONGEST {
            LONGEST / longest
        } else {
            1.0
        };
        let from = earth
            .log_conductivity()
            .iter()
            .copied()
            .chain([height_change]);
        for (mean, from) in self.mean.iter_mut().zip(from) {
            *mean = from - part * *mean;
        }
        true
    }

    /// Draws ln(S/m) of every layer, and the change of the height, which is 0 where it is not
    /// solved for.
    pub(super) fn draw(&self, layers: usize, draws: &mut Draws, logs: &mut Vec<f64>) -> f64 {
        logs.clear();
        logs.resize_with(self.rows, || draws.normal());
        solve_upper(&self.triangle, logs);
        for (value, mean) in logs.iter_mut().zip(&self.mean) {
            *value += mean;
        }
        let height = logs.get(layers).copied().unwrap_or(0.0);
        logs.truncate(layers);
        height
    }

    /// The logarithm of the density there.
    pub(super) fn log_density(&self, earth: &Earth, height_change: f64) -> f64 {
        // | L^T d |^2.
        let rows = self.rows;
        let logs = earth.log_conductivity();
        let difference =
            |row: usize| logs.get(row).copied().unwrap_or(height_change) - self.mean[row];
        let mut square = 0.0;
        for column in 0..rows {
            let below = column..rows;
            let product: f64 = below
                .map(|row| self.triangle[row * rows + column] * difference(row))
                .sum();
            square += product * product;
        }
        self.log_determinant - 0.5 * (rows as f64 * TAU.ln() + square)
    }

    fn add_prior(&mut self, target: &Target<'_>, earth: &Earth) {
        let (rows, logs) = (self.rows, earth.log_conductivity());
        let layers = logs.len();
        let (diagonal, beside) = target.precision();
        for row in 0..layers {
            let neighbours = usize::from(row > 0) + usize::from(row + 1 < layers);
            let own = diagonal[neighbours];
            self.triangle[row * rows + row] = own;
            let from_mean = |row: usize| logs[row] - target.mean();
            let mut gradient = own * from_mean(row);
            if row > 0 {
                self.triangle[row * rows + row - 1] = beside;
                gradient += beside * from_mean(row - 1);
            }
            if row + 1 < layers {
                gradient += beside * from_mean(row + 1);
            }
            self.mean[row] = gradient;
        }
    }

    fn add_data(&mut self, layers: usize, local: Local<'_>, weight: f64) {
        let (rows, response) = (self.rows, local.response);
        let active = local.observation.active().iter().zip(local.deviations);
        for (active, deviation) in active {
            let weight = weight / (deviation * deviation);
            let left = response.predicted[active.channel] - active.datum;
            let slopes = &mut self.slopes;
            slopes[..layers]
                .copy_from_slice(&response.jacobian[active.channel * layers..][..layers]);
            if rows > layers {
                slopes[layers] = response.by_height[active.channel];
            }
            for row in 0..rows {
                let slope = weight * slopes[row];
                self.mean[row] += slope * left;
                let entries = self.triangle[row * rows..][..=row].iter_mut();
                for (entry, other) in entries.zip(slopes.iter()) {
                    *entry += slope * other;
                }
            }
        }
    }
}
