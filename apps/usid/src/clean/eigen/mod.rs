//! The leading eigenvectors of a Gram matrix: the principal components of the windows.

mod dense;
mod krylov;

use faer::{Mat, MatRef};
use ndarray::Array2;

use crate::{Error, Result};

/// The largest matrix that is decomposed whole when a few components are wanted.
const DENSE: usize = 2048;

/// Principal components, the strongest first. Equal matrices give equal bits, on any number of
/// threads.
#[derive(Clone, Debug, PartialEq)]
pub struct Components {
    /// Singular values of the windows, decreasing: the square roots of the eigenvalues.
    pub singular: Vec<f64>,
    /// The components in rows, orthonormal: `[components, pixels of a window]`. The entry of the
    /// largest magnitude (the first of equals) is positive.
    pub vectors: Array2<f64>,
}

/// The `wanted` leading components of windows with this Gram matrix.
///
/// A matrix of up to 2048 pixels, or one of which more than an eighth of the components is wanted,
/// is decomposed whole. Of a larger one a block Krylov space is built until all residuals are at
/// most `1e-10` of the largest eigenvalue.
///
/// # Errors
/// The matrix has fewer components, is not finite, or the iteration does not converge.
///
/// # Panics
/// The matrix is not square.
pub fn components(gram: &Array2<f64>, wanted: usize) -> Result<Components> {
    let pixels = gram.nrows();
    assert_eq!(pixels, gram.ncols(), "a Gram matrix is square");
    if wanted > pixels {
        return Err(Error::Request(format!(
            "{wanted} components are wanted of windows of {pixels} pixels: ask for at most {pixels}"
        )));
    }
    if gram.iter().any(|entry| !entry.is_finite()) {
        return Err(Error::Request(
            "sums of products of pixels overflow: scale the image down".to_owned(),
        ));
    }
    let entries = gram.as_standard_layout();
    // Symmetric: rows are columns.
    let matrix = entries.as_slice().map_or_else(
        || MatRef::from_row_major_slice(&[], 0, 0),
        |entries| MatRef::from_column_major_slice(entries, pixels, pixels),
    );
    let found = if pixels <= DENSE || 8 * wanted > pixels {
        dense::eigen(matrix)
    } else {
        krylov::eigen(matrix, wanted)
    };
    let pairs = found.ok_or_else(|| {
        Error::Request(format!(
            "the components of windows of {pixels} pixels were not found: ask for all or for fewer"
        ))
    })?;
    let singular = pairs.values[..wanted]
        .iter()
        .map(|value| value.max(0.0).sqrt())
        .collect();
    let mut vectors = Array2::zeros((wanted, pixels));
    for (index, mut row) in vectors.rows_mut().into_iter().enumerate() {
        let vector = pairs.vectors.col_as_slice(index);
        let largest =
            vector.iter().fold(
                0.0_f64,
                |largest, v| if v.abs() > largest.abs() { *v } else { largest },
            );
        for (to, from) in row.iter_mut().zip(vector) {
            *to = from * largest.signum();
        }
    }
    Ok(Components { singular, vectors })
}

/// Eigenvalues, decreasing, and their vectors in columns.
struct Pairs {
    values: Vec<f64>,
    vectors: Mat<f64>,
}
