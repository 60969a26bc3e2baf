//! Loops as vector instructions of this processor.

/// Runs a loop compiled for the widest vectors that this processor has. Products and sums are not
/// fused, so the result has the same bits with any of them.
///
/// What the loop calls must be inlined, or it is compiled for the narrowest.
pub(crate) fn run<R>(body: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(body)
}
