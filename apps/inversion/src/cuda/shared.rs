//! Shared memory for the layers of a model.

use jobwise_cuda::{Cuda, Fault, Function};

/// What a block may have without being asked for.
const UNASKED: usize = 48 << 10;

/// Lets blocks of a kernel have the shared memory that models of so many layers take, which
/// `bytes` says.
///
/// # Errors
/// The device has less.
pub(super) fn allow_layers(
    device: &Cuda,
    kernel: &Function,
    layers: usize,
    bytes: impl Fn(usize) -> usize,
) -> Result<(), Fault> {
    let most = device.shared_memory()?;
    if bytes(layers) > most {
        let fit = (1..layers).rev().find(|fewer| bytes(*fewer) <= most);
        return Err(format!(
            "models of {layers} layers have no room on {device}, at most {} fit: use --device cpu",
            fit.unwrap_or(0)
        )
        .into());
    }
    if bytes(layers) > UNASKED {
        kernel.allow_shared(bytes(layers))?;
    }
    Ok(())
}
