use faer::diag::Diag;
use faer::dyn_stack::MemBuffer;
use faer::linalg::evd::{ComputeEigenvectors, self_adjoint_evd, self_adjoint_evd_scratch};
use faer::prelude::default;
use faer::{Mat, MatRef, Par};

use super::Pairs;

/// All eigenpairs of a symmetric matrix. None if the iteration does not converge.
pub(super) fn eigen(matrix: MatRef<'_, f64>) -> Option<Pairs> {
    let n = matrix.nrows();
    let mut values = Diag::zeros(n);
    let mut vectors = Mat::zeros(n, n);
    // On one thread, whatever else the process has set: the bits depend on how the work is cut.
    let room = self_adjoint_evd_scratch::<f64>(n, ComputeEigenvectors::Yes, Par::Seq, default());
    let mut room = MemBuffer::new(room);
    let stack = faer::dyn_stack::MemStack::new(&mut room);
    self_adjoint_evd(
        matrix,
        values.as_mut(),
        Some(vectors.as_mut()),
        Par::Seq,
        stack,
        default(),
    )
    .ok()?;
    Some(Pairs {
        values: values.column_vector().iter().rev().copied().collect(),
        vectors: vectors.reverse_cols().to_owned(),
    })
}
