//! How the blocks of a job are dealt: to the ranks of one run, or to several runs that know nothing
//! of each other.

mod chunks;
mod divider;
mod group;
mod leased;
mod leases;

pub(crate) use chunks::Chunks;
pub(crate) use divider::{Divider, Portion};
pub use leases::{LeaseName, Leases};

/// How the blocks of a job are dealt to the ranks. Results do not depend on it.
#[derive(Clone, Copy, Debug, Default)]
pub enum Division<'a> {
    /// Each rank has a fixed part, by the engine's [`Layout`](crate::Layout). For even work.
    #[default]
    Static,
    /// Ranks claim blocks from a shared counter, `chunk` at a time, or more where a backend wants
    /// more at once; a [reduction](crate::Engine::reduce) begins with larger chunks. For uneven
    /// work.
    Dynamic {
        /// How many blocks one claim takes at least.
        chunk: usize,
    },
    /// Ranks claim blocks one by one in a directory, where other runs of the same job claim theirs:
    /// processes that do not know each other, on one machine or on several with a common file
    /// system. A run ends when every block is complete, whoever did it; what a run that died had
    /// claimed is done by another. Only for [`Engine::write`](crate::Engine::write), to sinks that
    /// several processes may fill: a sink is asked what is done of a block after the block is
    /// claimed, and what it wrote of the block is committed before the claim ends.
    Leased(&'a Leases),
}

impl Division<'_> {
    /// Whether other processes do part of the work, so that their outputs are not here.
    pub(crate) fn is_leased(&self) -> bool {
        matches!(self, Division::Leased(_))
    }
}
