/// The weights of a pixel: a symmetric matrix of T, Q and U.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Weights {
    /// Of T.
    pub tt: f64,
    /// Of T and Q.
    pub tq: f64,
    /// Of T and U.
    pub tu: f64,
    /// Of Q.
    pub qq: f64,
    /// Of Q and U.
    pub qu: f64,
    /// Of U.
    pub uu: f64,
}

/// Matrices with a larger condition number are not inverted.
const LARGEST_CONDITION: f64 = 1e12;

impl Weights {
    /// T, Q and U without their weights; NaN where these say too little.
    pub fn remove(&self, [t, q, u]: [f64; 3]) -> [f64; 3] {
        let condition = condition(self);
        if self.tt == 0.0 || condition.is_nan() || condition > LARGEST_CONDITION {
            return [f64::NAN; 3];
        }
        let Weights {
            tt,
            tq,
            tu,
            qq,
            qu,
            uu,
        } = *self;
        let [c_tt, c_tq, c_tu] = [qq * uu - qu * qu, tu * qu - tq * uu, tq * qu - tu * qq];
        let [c_qq, c_qu, c_uu] = [tt * uu - tu * tu, tq * tu - tt * qu, tt * qq - tq * tq];
        let determinant = tt * c_tt + tq * c_tq + tu * c_tu;
        [
            (c_tt * t + c_tq * q + c_tu * u) / determinant,
            (c_tq * t + c_qq * q + c_qu * u) / determinant,
            (c_tu * t + c_qu * q + c_uu * u) / determinant,
        ]
    }

    /// T, Q and U times their weights.
    pub fn apply(&self, [t, q, u]: [f64; 3]) -> [f64; 3] {
        [
            self.tt * t + self.tq * q + self.tu * u,
            self.tq * t + self.qq * q + self.qu * u,
            self.tu * t + self.qu * q + self.uu * u,
        ]
    }
}

/// The condition number of a matrix: its largest eigenvalue over its smallest, both without sign.
/// Infinite where one is zero, NaN where all are or the matrix is not finite.
pub fn condition(weights: &Weights) -> f64 {
    let Weights {
        tt,
        tq,
        tu,
        qq,
        qu,
        uu,
    } = *weights;
    let mut matrix = [[tt, tq, tu], [tq, qq, qu], [tu, qu, uu]];
    if !matrix.iter().flatten().all(|value| value.is_finite()) {
        return f64::NAN;
    }
    // Rotations that make one element zero after the other (Jacobi): every eigenvalue keeps its
    // digits. Five rounds are more than any matrix needs.
    for _ in 0..5 {
        for (p, q) in [(0, 1), (0, 2), (1, 2)] {
            rotate(&mut matrix, p, q);
        }
    }
    let values = [0, 1, 2].map(|at: usize| matrix[at][at].abs());
    let largest = values.into_iter().fold(0.0, f64::max);
    largest / values.into_iter().fold(f64::INFINITY, f64::min)
}

/// Makes the element at `(p, q)` zero.
fn rotate(matrix: &mut [[f64; 3]; 3], p: usize, q: usize) {
    if matrix[p][q] == 0.0 {
        return;
    }
    let theta = (matrix[q][q] - matrix[p][p]) / (2.0 * matrix[p][q]);
    let tangent = theta.signum() / (theta.abs() + theta.hypot(1.0));
    let cos = 1.0 / tangent.hypot(1.0);
    let sin = tangent * cos;
    let change = tangent * matrix[p][q];
    matrix[p][p] -= change;
    matrix[q][q] += change;
    matrix[p][q] = 0.0;
    matrix[q][p] = 0.0;
    let other = 3 - p - q;
    let (at_p, at_q) = (matrix[p][other], matrix[q][other]);
    matrix[p][other] = cos * at_p - sin * at_q;
    matrix[q][other] = sin * at_p + cos * at_q;
    matrix[other][p] = matrix[p][other];
    matrix[other][q] = matrix[q][other];
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(detectors: &[(f64, f64, f64)]) -> Weights {
        let mut sum = Weights::default();
        for &(w, q, u) in detectors {
            sum.tt += w;
            sum.tq += w * q;
            sum.tu += w * u;
            sum.qq += w * q * q;
            sum.qu += w * q * u;
            sum.uu += w * u * u;
        }
        sum
    }

    #[test]
    fn weights_are_removed_where_three_detectors_differ() {
        let detectors = [(1.234, 0.6, 0.8), (0.777, 0.2, -0.5), (0.333, -0.8, 0.1)];
        let weights = seen(&detectors);
        // Of numpy: linalg.cond.
        assert!((condition(&weights) - 9.114_541_610_776_284).abs() < 1e-9);
        let sky = [3.0, -1.0, 0.5];
        let found = weights.remove(weights.apply(sky));
        for (found, expected) in found.iter().zip(sky) {
            assert!((found - expected).abs() < 1e-13);
        }
        for few in [&detectors[..0], &detectors[..1], &detectors[..2]] {
            let weights = seen(few);
            assert!(weights.remove([1.0; 3])[0].is_nan(), "{weights:?}");
        }
        assert!(condition(&seen(&[(f64::NAN, 1.0, 1.0)])).is_nan());
    }

    #[test]
    fn condition_numbers_near_the_limit_have_their_digits() {
        for small in [1e-3, 1e-8, 1e-11, 1e-13] {
            let weights = Weights {
                tt: 1.0,
                qq: 0.5 + small / 2.0,
                qu: 0.5 - small / 2.0,
                uu: 0.5 + small / 2.0,
                ..Weights::default()
            };
            let found = condition(&weights) * small;
            assert!((found - 1.0).abs() < 1e-2, "{small} {found}");
        }
    }
}
