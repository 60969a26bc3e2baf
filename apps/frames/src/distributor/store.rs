use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::frame::{Digest, Frame};

/// The metadata that a rank has heard of, for its lanes.
#[derive(Default)]
pub(super) struct MetadataStore(Mutex<State>);

#[derive(Default)]
pub(super) struct State {
    /// Those that every reader has told of, in their order, from number `dropped` on; each with its
    /// key as a number.
    sequence: VecDeque<(usize, Frame)>,
    dropped: u64,
    /// By reader, its own.
    sets: HashMap<usize, Set>,
    /// By the index of a data frame that was handed out, what goes in front of it.
    contexts: HashMap<usize, Context>,
}

/// The last metadata of each type, in the order in which they came.
pub(super) type Set = Arc<Vec<Own>>;

/// Metadata of one reader.
#[derive(Clone)]
pub(super) struct Own {
    pub(super) digest: Digest,
    /// Its key as a number.
    pub(super) index: usize,
    pub(super) frame: Frame,
}

/// What goes in front of a data frame.
#[derive(Clone, Default)]
pub(super) struct Context {
    /// So many of the sequence.
    pub(super) sequence: u64,
    /// Those of its reader.
    pub(super) set: Set,
}

impl MetadataStore {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next one of the sequence.
    pub(super) fn append(&self, index: usize, frame: Frame) {
        self.lock().sequence.push_back((index, frame));
    }

    /// One of a reader alone.
    pub(super) fn set(&self, reader: usize, metadata: Own) {
        let mut state = self.lock();
        let set = Arc::make_mut(state.sets.entry(reader).or_default());
        set.retain(|own| own.frame.kind() != metadata.frame.kind());
        set.push(metadata);
    }

    /// A data frame of this reader is handed out.
    pub(super) fn hand_out(&self, reader: usize, index: usize) {
        let mut state = self.lock();
        let context = Context {
            sequence: state.dropped + state.sequence.len() as u64,
            set: state.sets.get(&reader).cloned().unwrap_or_default(),
        };
        state.contexts.insert(index, context);
    }

    /// What goes in front of a data frame that was handed out.
    pub(super) fn take_context(&self, index: usize) -> Option<Context> {
        self.lock().contexts.remove(&index)
    }

    /// Up to which number of the sequence lanes may see it now: what goes in front of the data
    /// frames that were handed out and not begun.
    pub(super) fn visible(&self) -> u64 {
        let state = self.lock();
        let all = state.dropped + state.sequence.len() as u64;
        let waiting = state.contexts.values().map(|context| context.sequence);
        waiting.min().unwrap_or(all)
    }

    /// Of the sequence, the numbers from `from` up to `to`.
    pub(super) fn between(&self, from: u64, to: u64) -> Vec<(usize, Frame)> {
        let state = self.lock();
        let at = |number: u64| (number.saturating_sub(state.dropped)) as usize;
        state.sequence.range(at(from)..at(to)).cloned().collect()
    }

    /// How many of the sequence are kept.
    pub(super) fn kept(&self) -> usize {
        self.lock().sequence.len()
    }

    /// All lanes have seen the sequence up to this number.
    pub(super) fn forget(&self, to: u64) {
        let mut state = self.lock();
        let seen = to.saturating_sub(state.dropped) as usize;
        state.sequence.drain(..seen);
        state.dropped = state.dropped.max(to);
    }
}
