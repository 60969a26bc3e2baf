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
/// engine, in the order in which items are handed to the lanes: every item of the same reader in
/// front of a notice was handed out before, and none behind it.
pub trait NoticeHandler {
    /// Whether a notice goes in step: the n-th such notices of all readers are handled together,
    /// behind all items that any reader read in front of its own, and in front of all items behind.
    /// The same on all ranks.
    fn in_step(&self, notice: &[u8]) -> bool {
        let _ = notice;
        false
    }

    /// One notice; of those in step, one of each reader that has not ended, by rank.
    ///
    /// # Errors
    /// Whatever ends the stream; the run ends on every rank.
    fn handle(&mut self, notices: &[Notice]) -> Result<(), Cause>;

    /// An item of the feed of rank `reader` is handed out next.
    fn item(&mut self, reader: usize, index: usize) {
        let _ = (reader, index);
    }
}

/// For feeds without notices.
pub(super) struct NoNotices;

impl NoticeHandler for NoNotices {
    fn handle(&mut self, _: &[Notice]) -> Result<(), Cause> {
        Err("the feed has notices, and nobody handles them".into())
    }
}
