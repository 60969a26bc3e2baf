//! Symmetric matrices of a band with a border: what the posterior's precision looks like.

/// Diagonals on each side of the main one.
const BAND: usize = 3;

/// The lower half of a symmetric matrix: a band of [`BAND`] diagonals beside the main one, and a
/// last row.
#[derive(Clone, Debug)]
pub(super) struct Bordered {
    /// Row i: columns i - 3, i - 2, i - 1 and i; zero where there is no such column.
    pub(super) band: Vec<[f64; BAND + 1]>,
    /// The last row without its last element.
    pub(super) border: Vec<f64>,
    /// The last element.
    pub(super) corner: f64,
}

/// The Cholesky factor of a [`Bordered`] matrix, which has the same shape.
#[derive(Clone, Debug)]
pub(super) struct Factor(Bordered);

/// A pivot below this share of the diagonal element that it comes from has lost too many digits.
const LEAST_PIVOT: f64 = 1e-13;

impl Bordered {
    /// The Cholesky factor; `None` where the matrix is not positive definite, to working precision.
    pub(super) fn factor(mut self) -> Option<Factor> {
        let size = self.border.len();
        for i in 0..size {
            for j in i.saturating_sub(BAND)..=i {
                let mut sum = self.band[i][j + BAND - i];
                let original = sum;
                for k in i.saturating_sub(BAND)..j {
                    // Row j reaches back less far than column k only where k < j - BAND, which k >=
                    // i - BAND excludes.
                    sum -= self.band[i][k + BAND - i] * self.band[j][k + BAND - j];
                }
                self.band[i][j + BAND - i] = if i == j {
                    pivot(sum, original)?
                } else {
                    sum / self.band[j][BAND]
                };
            }
        }
        let mut corner = self.corner;
        for j in 0..size {
            let row = self.band[j];
            let mut sum = self.border[j];
            for k in j.saturating_sub(BAND)..j {
                sum -= self.border[k] * row[k + BAND - j];
            }
            self.border[j] = sum / row[BAND];
            corner -= self.border[j] * self.border[j];
        }
        self.corner = pivot(corner, self.corner)?;
        Some(Factor(self))
    }
}

/// The square root of a pivot that is large enough.
fn pivot(value: f64, original: f64) -> Option<f64> {
    (value > LEAST_PIVOT * original).then(|| value.sqrt())
}

impl Factor {
    /// Rows, and columns.
    pub(super) fn size(&self) -> usize {
        self.0.border.len() + 1
    }

    /// Replaces a right-hand side by the solution.
    ///
    /// # Panics
    /// When it has not as many elements as the matrix has rows.
    pub(super) fn solve(&self, rhs: &mut [f64]) {
        assert_eq!(rhs.len(), self.size(), "elements of the right-hand side");
        let Bordered {
            band,
            border,
            corner,
        } = &self.0;
        let (x, last) = rhs.split_at_mut(border.len());
        let last = &mut last[0];
        for i in 0..x.len() {
            let mut sum = x[i];
            for j in i.saturating_sub(BAND)..i {
                sum -= band[i][j + BAND - i] * x[j];
            }
            x[i] = sum / band[i][BAND];
            *last -= border[i] * x[i];
        }
        *last /= corner * corner;
        for i in (0..x.len()).rev() {
            let value = (x[i] - border[i] * *last) / band[i][BAND];
            x[i] = value;
            for j in i.saturating_sub(BAND)..i {
                x[j] -= band[i][j + BAND - i] * value;
            }
        }
    }

    /// One column of the inverse.
    ///
    /// # Panics
    /// When there is no such column.
    pub(super) fn inverse_column(&self, column: usize) -> Vec<f64> {
        let mut unit = vec![0.0; self.size()];
        unit[column] = 1.0;
        self.solve(&mut unit);
        unit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Diagonally dominant, every element of the shape filled.
    fn matrix(size: usize) -> Bordered {
        let element = |i: usize, j: usize| ((i * 7 + j * 3) % 11) as f64 / 11.0 - 0.4;
        Bordered {
            band: (0..size)
                .map(|i| {
                    [3, 2, 1, 0].map(|back| match i.checked_sub(back) {
                        Some(j) if j == i => 6.0,
                        Some(j) => element(i, j),
                        None => 0.0,
                    })
                })
                .collect(),
            border: (0..size).map(|j| element(size, j) / 4.0).collect(),
            corner: 5.0,
        }
    }

    fn times(matrix: &Bordered, x: &[f64]) -> Vec<f64> {
        let size = matrix.border.len();
        let mut y = vec![0.0; size + 1];
        for i in 0..size {
            for back in 0..=BAND.min(i) {
                let (j, element) = (i - back, matrix.band[i][BAND - back]);
                y[i] += element * x[j];
                if back > 0 {
                    y[j] += element * x[i];
                }
            }
            y[i] += matrix.border[i] * x[size];
            y[size] += matrix.border[i] * x[i];
        }
        y[size] += matrix.corner * x[size];
        y
    }

    #[test]
    fn solutions_solve() {
        for size in [1, 2, 3, 4, 9, 40] {
            let matrix = matrix(size);
            let factor = matrix.clone().factor().expect("positive definite");
            let x: Vec<f64> = (0..=size).map(|i| (i as f64).sin() + 0.3).collect();
            let mut solved = times(&matrix, &x);
            factor.solve(&mut solved);
            for (found, expected) in solved.iter().zip(&x) {
                assert!(
                    (found - expected).abs() < 1e-13,
                    "{size}: {found} {expected}"
                );
            }
        }
    }

    #[test]
    fn a_matrix_that_is_not_positive_definite_has_no_factor() {
        let mut indefinite = matrix(9);
        indefinite.band[5][BAND] = -1.0;
        assert!(indefinite.factor().is_none());
        let mut border = matrix(9);
        border.corner = 1e-3;
        assert!(border.factor().is_none());
        let mut rounded = matrix(1);
        rounded.band[0][BAND] = 1.0;
        rounded.border[0] = 1.0;
        rounded.corner = 1.0 + 1e-15;
        assert!(rounded.factor().is_none());
        let mut nothing = matrix(9);
        nothing.band[2][BAND] = f64::NAN;
        assert!(nothing.factor().is_none());
    }
}
