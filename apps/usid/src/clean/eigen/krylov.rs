//! A block Krylov space with thick restarts and full orthogonalisation.

use faer::linalg::matmul::matmul;
use faer::{Accum, ColMut, Mat, MatRef, Par};

use super::{Pairs, dense};

/// Vectors that are multiplied together.
const BLOCK: usize = 16;
/// Residuals that are allowed, over the largest eigenvalue.
const RESIDUAL: f64 = 1e-10;
/// Restarts before giving up.
const RESTARTS: usize = 200;

/// The `wanted` leading eigenpairs. None if they are not found.
pub(super) fn eigen(matrix: MatRef<'_, f64>, wanted: usize) -> Option<Pairs> {
    let n = matrix.nrows();
    let keep = wanted + BLOCK;
    let most = (2 * keep + 8 * BLOCK).min(n);
    let mut space = Space {
        matrix,
        basis: Mat::zeros(n, most),
        images: Mat::zeros(n, most),
        size: 0,
        drawn: 0,
    };
    let mut next = Mat::zeros(n, BLOCK);
    space.draw(&mut next);
    for _ in 0..RESTARTS {
        while space.size < most {
            space.extend(&next);
            let last = space.size.saturating_sub(BLOCK);
            next = space.images.subcols(last, space.size - last).to_owned();
        }
        let (values, residuals) = space.restart(keep.min(most))?;
        let limit = RESIDUAL * values[0].abs();
        let missing: Vec<usize> = (0..wanted)
            .filter(|&i| residuals.col(i).norm_l2() > limit)
            .collect();
        if missing.is_empty() {
            return Some(Pairs {
                values,
                vectors: space.basis,
            });
        }
        next = Mat::from_fn(n, BLOCK.min(missing.len()), |row, column| {
            residuals[(row, missing[column])]
        });
    }
    None
}

/// An orthonormal basis and what the matrix makes of it.
struct Space<'a> {
    matrix: MatRef<'a, f64>,
    basis: Mat<f64>,
    images: Mat<f64>,
    size: usize,
    /// Numbers drawn so far.
    drawn: u32,
}

impl Space<'_> {
    /// Fills vectors with fixed numbers that look like noise.
    fn draw(&mut self, vectors: &mut Mat<f64>) {
        for column in vectors.col_iter_mut() {
            self.draw_one(column);
        }
    }

    fn draw_one(&mut self, vector: ColMut<'_, f64>) {
        for value in vector.iter_mut() {
            self.drawn = self
                .drawn
                .wrapping_mul(1_664_525)
                .wrapping_add(1_013_904_223);
            *value = f64::from(self.drawn) / f64::from(u32::MAX) - 0.5;
        }
    }

    /// Adds what is new in `next`, as far as there is room, and its images.
    fn extend(&mut self, next: &Mat<f64>) {
        let first = self.size;
        for column in 0..next.ncols().min(self.basis.ncols() - first) {
            let mut vector = next.col(column).to_owned();
            // What the space already holds, or all but holds, is replaced: by noise, which it does
            // not hold.
            while !self.orthonormalise(vector.as_mut()) {
                self.draw_one(vector.as_mut());
            }
            self.basis.col_mut(self.size).copy_from(&vector);
            self.size += 1;
        }
        let count = self.size - first;
        matmul(
            self.images.as_mut().subcols_mut(first, count),
            Accum::Replace,
            self.matrix,
            self.basis.subcols(first, count),
            1.0,
            Par::Seq,
        );
    }

    /// Makes a vector orthogonal to the basis and of length 1. False if nothing of it is left.
    fn orthonormalise(&self, mut vector: ColMut<'_, f64>) -> bool {
        let before = vector.norm_l2();
        let basis = self.basis.subcols(0, self.size);
        // Twice is enough.
        for _ in 0..2 {
            let inside = basis.transpose() * vector.as_ref();
            vector -= basis * inside;
        }
        let after = vector.norm_l2();
        if after <= 1e-12 * before {
            return false;
        }
        vector /= faer::Scale(after);
        true
    }

    /// Replaces the basis by its `keep` leading Ritz vectors: their values and residuals.
    fn restart(&mut self, keep: usize) -> Option<(Vec<f64>, Mat<f64>)> {
        let basis = self.basis.subcols(0, self.size);
        let images = self.images.subcols(0, self.size);
        let mut small = Mat::zeros(self.size, self.size);
        matmul(
            small.as_mut(),
            Accum::Replace,
            basis.transpose(),
            images,
            1.0,
            Par::Seq,
        );
        let ritz = dense::eigen(small.as_ref())?;
        let turn = |vectors: MatRef<'_, f64>| {
            let mut turned = Mat::zeros(vectors.nrows(), keep);
            matmul(
                turned.as_mut(),
                Accum::Replace,
                vectors,
                ritz.vectors.subcols(0, keep),
                1.0,
                Par::Seq,
            );
            turned
        };
        let (basis, images) = (turn(basis), turn(images));
        self.basis.subcols_mut(0, keep).copy_from(&basis);
        self.images.subcols_mut(0, keep).copy_from(&images);
        self.size = keep;
        let residuals = Mat::from_fn(basis.nrows(), keep, |row, column| {
            images[(row, column)] - ritz.values[column] * basis[(row, column)]
        });
        Some((ritz.values, residuals))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Eigenvalues that fall off into a dense crowd, as those of noisy windows do.
    #[test]
    fn leading_pairs_are_those_of_the_whole_matrix() {
        let n = 320;
        let mut state = 1_u32;
        let mut noise = || {
            state = state.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
            f64::from(state >> 8) / f64::from(1_u32 << 24) - 0.5
        };
        let rows = Mat::from_fn(3 * n, n, |r, c| {
            noise() + (0.3 * r as f64 + 0.7 * c as f64).cos()
        });
        let gram = rows.transpose() * &rows;
        let all = dense::eigen(gram.as_ref()).unwrap();
        let some = eigen(gram.as_ref(), 12).unwrap();
        for i in 0..12 {
            let (ours, exact) = (some.values[i], all.values[i]);
            assert!(
                (ours - exact).abs() < 1e-12 * all.values[0],
                "{i}: {ours} {exact}"
            );
            let residual = &gram * some.vectors.col(i) - faer::Scale(ours) * some.vectors.col(i);
            assert!(residual.norm_l2() <= RESIDUAL * all.values[0]);
        }
    }

    /// Of a matrix of low rank more is wanted than it has.
    #[test]
    fn a_space_that_closes_is_opened_by_noise() {
        let gram = Mat::from_fn(
            300,
            300,
            |r, c| if r == c && r < 5 { 5.0 - r as f64 } else { 0.0 },
        );
        let some = eigen(gram.as_ref(), 8).unwrap();
        for (i, expected) in [5.0, 4.0, 3.0, 2.0, 1.0, 0.0, 0.0, 0.0]
            .into_iter()
            .enumerate()
        {
            assert!((some.values[i] - expected).abs() < 1e-12, "{i}");
        }
    }
}
