//! Cubic splines that are level at both ends, as linear functions of what they go through.

/// A spline through values at fixed places.
#[derive(Clone, Debug)]
pub(super) struct Spline {
    places: Vec<f64>,
    /// Row by row, what each second derivative is made of.
    curvature: Vec<f64>,
}

/// A linear function of the values and the second derivatives of a spline.
#[derive(Clone, Debug)]
pub(super) struct SplineWeights {
    values: Vec<f64>,
    curvatures: Vec<f64>,
}

impl Spline {
    /// A spline through values at these places, at least two, which rise.
    pub(super) fn new(places: &[f64]) -> Spline {
        let count = places.len();
        let mut curvature = vec![0.0; count * count];
        for column in 0..count {
            let mut values = vec![0.0; count];
            values[column] = 1.0;
            for (row, second) in curvatures(places, &values).into_iter().enumerate() {
                curvature[row * count + column] = second;
            }
        }
        Spline {
            places: places.to_vec(),
            curvature,
        }
    }

    pub(super) fn no_weights(&self) -> SplineWeights {
        SplineWeights {
            values: vec![0.0; self.places.len()],
            curvatures: vec![0.0; self.places.len()],
        }
    }

    /// Adds `weight` times the spline at a place.
    pub(super) fn weigh(&self, at: f64, weight: f64, weights: &mut SplineWeights) {
        let above = self.places.partition_point(|place| *place <= at);
        let above = above.clamp(1, self.places.len() - 1);
        let (left, right) = (self.places[above - 1], self.places[above]);
        let step = right - left;
        let (a, b) = ((right - at) / step, (at - left) / step);
        weights.values[above - 1] += weight * a;
        weights.values[above] += weight * b;
        weights.curvatures[above - 1] += weight * (a * a * a - a) * step * step / 6.0;
        weights.curvatures[above] += weight * (b * b * b - b) * step * step / 6.0;
    }

    /// The same function of the values alone.
    pub(super) fn of_values(&self, weights: &SplineWeights) -> Vec<f64> {
        let mut values = weights.values.clone();
        let rows = self.curvature.chunks_exact(values.len());
        for (weight, row) in weights.curvatures.iter().zip(rows) {
            for (value, second) in values.iter_mut().zip(row) {
                *value += weight * second;
            }
        }
        values
    }
}

/// The second derivatives of a spline: a tridiagonal system.
fn curvatures(x: &[f64], y: &[f64]) -> Vec<f64> {
    let last = x.len() - 1;
    let slope = |i: usize| (y[i + 1] - y[i]) / (x[i + 1] - x[i]);
    let (mut upper, mut right) = (vec![0.0; last + 1], vec![0.0; last + 1]);
    upper[0] = 0.5;
    right[0] = 3.0 * slope(0) / (x[1] - x[0]);
    for i in 1..last {
        let share = (x[i] - x[i - 1]) / (x[i + 1] - x[i - 1]);
        let pivot = 2.0 - share * upper[i - 1];
        upper[i] = (1.0 - share) / pivot;
        let change = 6.0 * (slope(i) - slope(i - 1)) / (x[i + 1] - x[i - 1]);
        right[i] = (change - share * right[i - 1]) / pivot;
    }
    let end = -6.0 * slope(last - 1) / (x[last] - x[last - 1]);
    let mut second = vec![0.0; last + 1];
    second[last] = (end - right[last - 1]) / (2.0 - upper[last - 1]);
    for i in (0..last).rev() {
        second[i] = right[i] - upper[i] * second[i + 1];
    }
    second
}
