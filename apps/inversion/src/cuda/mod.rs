//! Responses on CUDA devices: many models at once, of chains that go on together.
//!
//! | room | what is in it |
//! |---|---|
//! | `soundings` | soundings in batches: chains on the host, responses on the device |
//! | `evaluations` | models in batches |
//! | `responses` | models of the systems of a survey |
//! | `frequency`, `time` | models of a system |
//! | `answers` | from what a device found to what was asked for |
//! | `shared` | shared memory for the layers of a model |
//! | `buffers` | numbers on their way to and from a device |

mod answers;
mod buffers;
mod evaluations;
mod frequency;
mod responses;
mod shared;
mod soundings;
#[cfg(test)]
mod tests;
mod time;

use crate::forward::{Formula, Wanted};

/// Threads of a warp.
const WARP: u32 = 32;

/// For how many soundings, models and layers a lane has room.
#[derive(Clone, Copy, Debug)]
struct Size {
    soundings: usize,
    models: usize,
    layers: usize,
}

/// Bytes that models need.
#[derive(Clone, Copy, Debug, Default)]
struct Bytes {
    /// Tables on the device.
    lane: usize,
    /// A sounding, on the device and on the host.
    sounding: usize,
    /// A model of it, on the device and on the host.
    model: usize,
    /// What a model takes on the device beside.
    on_device: usize,
}

/// `JACOBIAN`, `PEER` and `HEIGHT`, as kernels have them.
fn wanted_bits(wanted: Wanted) -> usize {
    let formula = match wanted.jacobian {
        None => 0,
        Some(Formula::Correct) => 1,
        Some(Formula::Peer) => 3,
    };
    formula + if wanted.height { 4 } else { 0 }
}
