use crate::Cause;

/// Something that a feed tells to every rank that computes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The rank whose feed it comes from.
    pub reader: usize,
    /// What it says.
    pub bytes: Vec<u8>,
}

/// What a rank that computes does with the notices of feeds; called on the thread that runs the
/// engine. Every item of the same reader in front of a notice was handed to the lanes before, and
/// none behind it.
pub trait NoticeHandler {
    /// Whether the readers' notices go in step: the n-th of each together, behind all items that
    /// any reader read in front of its own, and in front of all items behind. The same on all
    /// ranks.
    fn in_step(&self) -> bool {
        false
    }

    /// One notice; in step, one of each reader that has not ended, by rank.
    ///
    /// # Errors
    /// Whatever ends the stream; the run ends on every rank.
    fn handle(&mut self, notices: &[Notice]) -> Result<(), Cause>;
}

/// For feeds without notices.
pub(super) struct NoNotices;

impl NoticeHandler for NoNotices {
    fn handle(&mut self, _: &[Notice]) -> Result<(), Cause> {
        Err("the feed has notices, and nobody handles them".into())
    }
}
