//! The normal distribution about a Newton step, which conductivities are drawn from.

use std::f64::consts::TAU;

use crate::cholesky::{factor, log_determinant, solve_lower, solve_upper};
use crate::earth::Earth;
use crate::likelihood::Observation;
use crate::random::Draws;
use crate::settings::Settings;

/// How often the prior is made twice as wide where a matrix cannot be inverted.
const TRIES: usize = 10;
/// m: how far the half-space reaches where changes are weighed.
const HALF_SPACE: f64 = 1e6;

/// What is known of the data where a step begins.
#[derive(Clone, Copy, Debug)]
pub struct Local<'a> {
    /// The data.
    pub observation: &'a Observation,
    /// Channel by channel, derivatives by ln(S/m) of each layer.
    pub jacobian: &'a [f64],
    /// One per channel.
    pub predicted: &'a [f64],
    /// One per channel that counts.
    pub deviations: &'a [f64],
}

/// `N(ln sigma - scaling H g, H)`: H is the inverse of what data and prior together say of the
/// curvature, g the gradient. Memory is reused.
#[derive(Clone, Debug)]
pub struct Newton {
    rows: usize,
    /// The part of the prior in the curvature.
    prior: Vec<f64>,
    /// The lower triangle of the curvature after Cholesky.
    triangle: Vec<f64>,
    gradient: Vec<f64>,
    mean: Vec<f64>,
    /// Differences.
    scratch: Vec<f64>,
    log_determinant: f64,
}

impl Newton {
    /// Memory for so many layers.
    pub fn new(layers: usize) -> Newton {
        let (row, square) = (vec![0.0; layers], vec![0.0; layers * layers]);
        Newton {
            rows: 0,
            prior: square.clone(),
            triangle: square,
            gradient: row.clone(),
            mean: row.clone(),
            scratch: row,
            log_determinant: 0.0,
        }
    }

    /// Computes the distribution of a step from `earth`, with what the data say where they are
    /// used. False where there is none: the curvature cannot be inverted.
    ///
    /// # Panics
    /// The earth has more layers than there is memory for, or a Jacobian is of other layers.
    pub fn prepare(
        &mut self,
        settings: &Settings,
        prior_mean: f64,
        earth: &Earth,
        local: Option<Local<'_>>,
    ) -> bool {
        let rows = earth.count();
        self.rows = rows;
        let mut variance = settings.parameter_standard_deviation.powi(2);
        for _ in 0..TRIES {
            self.weigh_prior(settings, variance, earth);
            let triangle = &mut self.triangle[..rows * rows];
            triangle.copy_from_slice(&self.prior[..rows * rows]);
            if let Some(local) = local {
                add_data(triangle, rows, local);
            }
            if factor(triangle, rows) {
                self.log_determinant = log_determinant(&self.triangle, rows);
                self.step(settings.covariance_scaling, prior_mean, earth, local);
                return true;
            }
            variance *= 2.0;
        }
        false
    }

    /// ln(S/m), one per layer: the middle of the distribution.
    pub fn mean(&self) -> &[f64] {
        &self.mean[..self.rows]
    }

    /// The inverse of the curvature, row by row.
    pub fn inverse(&self) -> Vec<f64> {
        let rows = self.rows;
        let mut inverse = vec![0.0; rows * rows];
        for (place, row) in inverse.chunks_exact_mut(rows).enumerate() {
            row[place] = 1.0;
            solve_lower(&self.triangle, row);
            solve_upper(&self.triangle, row);
        }
        inverse
    }

    /// The gradient of half the misfit and of minus the prior's logarithm, one per layer.
    pub fn gradient(&self) -> &[f64] {
        &self.gradient[..self.rows]
    }

    /// Draws ln(S/m) of every layer.
    ///
    /// # Panics
    /// There is not one per layer.
    pub fn draw(&mut self, draws: &mut Draws, values: &mut [f64]) {
        values.fill_with(|| draws.normal());
        solve_upper(&self.triangle, values);
        for (value, mean) in values.iter_mut().zip(&self.mean[..self.rows]) {
            *value += mean;
        }
    }

    /// The logarithm of the density at `x` of a normal distribution of the same shape about
    /// `middle`, both ln(S/m), one per layer.
    pub fn log_density(&mut self, x: &[f64], middle: &[f64]) -> f64 {
        for (difference, (x, middle)) in self.scratch.iter_mut().zip(x.iter().zip(middle)) {
            *difference = x - middle;
        }
        // | L^T d |^2.
        let rows = self.rows;
        let mut square = 0.0;
        for column in 0..rows {
            let below = column..rows;
            let product: f64 = below
                .map(|row| self.triangle[row * rows + column] * self.scratch[row])
                .sum();
            square += product * product;
        }
        self.largest_log_density() - 0.5 * square
    }

    /// The largest value of [`log_density`](Self::log_density).
    pub fn largest_log_density(&self) -> f64 {
        self.log_determinant - 0.5 * self.rows as f64 * TAU.ln()
    }

    /// The middle of the distribution that geobipy takes for the way back from `candidate`: a step
    /// with the gradient there, up instead of down, of the same shape. Afterwards
    /// [`mean`](Self::mean) and [`gradient`](Self::gradient) are those of the way back.
    pub fn turn_back(
        &mut self,
        settings: &Settings,
        prior_mean: f64,
        candidate: &Earth,
        local: Option<Local<'_>>,
    ) {
        self.step(-settings.covariance_scaling, prior_mean, candidate, local);
    }

    /// The gradient at `earth`, and the middle a step down by `scaling H g` from there.
    fn step(&mut self, scaling: f64, prior_mean: f64, earth: &Earth, local: Option<Local<'_>>) {
        let rows = self.rows;
        let gradient = &mut self.gradient[..rows];
        for (row, gradient) in gradient.iter_mut().enumerate() {
            let prior = self.prior[row * rows..]
                .iter()
                .zip(earth.log_conductivity());
            *gradient = prior.map(|(weight, log)| weight * (log - prior_mean)).sum();
        }
        if let Some(local) = local {
            let active = local.observation.active().iter().zip(local.deviations);
            for (active, deviation) in active {
                let left = local.predicted[active.channel] - active.datum;
                let weight = left / (deviation * deviation);
                let jacobian = &local.jacobian[active.channel * rows..][..rows];
                for (gradient, slope) in gradient.iter_mut().zip(jacobian) {
                    *gradient += weight * slope;
                }
            }
        }
        let mean = &mut self.mean[..rows];
        mean.copy_from_slice(gradient);
        solve_lower(&self.triangle, mean);
        solve_upper(&self.triangle, mean);
        for (mean, log) in mean.iter_mut().zip(earth.log_conductivity()) {
            *mean = log - scaling * *mean;
        }
    }

    /// The part of the prior: conductivities with `variance`, and changes.
    fn weigh_prior(&mut self, settings: &Settings, variance: f64, earth: &Earth) {
        let rows = self.rows;
        let [values, changes] = settings.weights();
        let prior = &mut self.prior[..rows * rows];
        prior.fill(0.0);
        for row in 0..rows {
            prior[row * rows + row] = values / variance;
        }
        if changes == 0.0 {
            return;
        }
        let changes = changes / settings.gradient_standard_deviation.powi(2);
        if rows == 1 {
            prior[0] += changes;
            return;
        }
        let thickness = earth.thickness();
        for row in 0..rows - 1 {
            let below = match thickness.get(row + 1) {
                Some(thickness) => *thickness,
                None if rows == 2 => thickness[0],
                None => thickness[row] + earth.depth()[row] + HALF_SPACE,
            };
            let middle = 0.5 * (thickness[row] + below) * (rows - 1) as f64;
            let weight = changes / (middle * middle);
            prior[row * rows + row] += weight;
            prior[(row + 1) * rows + row + 1] += weight;
            prior[row * rows + row + 1] -= weight;
            prior[(row + 1) * rows + row] -= weight;
        }
    }
}

/// Adds `J^T W J` to the lower half of a matrix.
fn add_data(curvature: &mut [f64], rows: usize, local: Local<'_>) {
    let active = local.observation.active().iter().zip(local.deviations);
    for (active, deviation) in active {
        let weight = 1.0 / (deviation * deviation);
        let jacobian = &local.jacobian[active.channel * rows..][..rows];
        for row in 0..rows {
            let slope = weight * jacobian[row];
            let entries = curvature[row * rows..][..=row].iter_mut();
            for (entry, other) in entries.zip(jacobian) {
                *entry += slope * other;
            }
        }
    }
}
