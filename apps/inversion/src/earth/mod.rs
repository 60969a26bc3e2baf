//! The layered earth: layers as they are computed with, and an earth whose layers come and go.

mod layers;
mod variable;

pub use layers::Layers;
pub use variable::Earth;
pub(crate) use variable::with_memory;
