//! Responses on CUDA devices: many models at once, of chains that go on together.
//!
//! | room | what is in it |
//! |---|---|
//! | `soundings` | soundings in batches: chains on the host, responses on the device |
//! | `responses` | models of the systems of a survey |
//! | `frequency` | models of a frequency-domain system |
//! | `buffers` | numbers on their way to and from a device |

mod buffers;
mod frequency;
mod responses;
mod soundings;

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

/// `JACOBIAN`, `PEER` and `HEIGHT`, as kernels have them.
fn wanted_bits(wanted: Wanted) -> usize {
    let formula = match wanted.jacobian {
        None => 0,
        Some(Formula::Correct) => 1,
        Some(Formula::Peer) => 3,
    };
    formula + if wanted.height { 4 } else { 0 }
}
