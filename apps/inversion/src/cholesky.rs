//! Symmetric matrices of a few rows, in place: row by row in `rows * rows` numbers.

/// Makes a positive definite matrix, of which the lower half is read, the lower triangle L with
/// `L L^T` the matrix. False where it is not positive definite; what is left then means nothing.
///
/// # Panics
/// There are fewer than `rows * rows` numbers.
pub(crate) fn factor(matrix: &mut [f64], rows: usize) -> bool {
    for row in 0..rows {
        for column in 0..=row {
            let mut sum = matrix[row * rows + column];
            for inner in 0..column {
                sum -= matrix[row * rows + inner] * matrix[column * rows + inner];
            }
            if row > column {
                matrix[row * rows + column] = sum / matrix[column * rows + column];
            } else if sum > 0.0 && sum.is_finite() {
                matrix[row * rows + row] = sum.sqrt();
            } else {
                return false;
            }
        }
    }
    true
}

/// Solves `L y = x` in place.
pub(crate) fn solve_lower(factor: &[f64], x: &mut [f64]) {
    let rows = x.len();
    for row in 0..rows {
        let mut sum = x[row];
        for column in 0..row {
            sum -= factor[row * rows + column] * x[column];
        }
        x[row] = sum / factor[row * rows + row];
    }
}

/// Solves `L^T y = x` in place.
pub(crate) fn solve_upper(factor: &[f64], x: &mut [f64]) {
    let rows = x.len();
    for row in (0..rows).rev() {
        let mut sum = x[row];
        for below in row + 1..rows {
            sum -= factor[below * rows + row] * x[below];
        }
        x[row] = sum / factor[row * rows + row];
    }
}

/// `ln det L`.
pub(crate) fn log_determinant(factor: &[f64], rows: usize) -> f64 {
    (0..rows).map(|row| factor[row * rows + row].ln()).sum()
}
