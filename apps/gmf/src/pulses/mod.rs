//! Where the pulses of a recording lie.
//!
//! | file | one idea |
//! |---|---|
//! | `profile` | the power over an inter-pulse period, of several pulses together, and where a pulse stands out |
//! | `look` | profiles of a recording, until one shows a pulse |
//! | `origin` | the sample that pulses are counted from: given, found, or taken for granted |

mod look;
mod origin;
mod profile;

pub(crate) use look::Look;
pub use origin::PulseOrigin;
pub(crate) use origin::{Known, asked_for, find};
