//! One integration: its samples read, searched, and handed on.

use std::sync::Arc;

use jobwise_core::{Cause, CpuKernel, Signature, Workload};

use super::ahead::Ahead;
use super::current::digest;
use super::source::{Counts, Source, Windows};
use super::window::Window;
use crate::Result;
use crate::product::Devices;
use crate::search::{Integration, Scratch, Search};

/// All integrations of an analysis.
#[derive(Debug)]
pub(super) struct Integrations {
    pub(super) source: Arc<Source>,
    pub(super) window: Window,
    pub(super) search: Search,
    /// Reads the next integrations in advance.
    ahead: Option<Ahead<Windows>>,
}

/// Samples that may wait to be computed, in bytes; one integration waits in any case.
const MOST_AHEAD: usize = 256 << 20;

impl Integrations {
    pub(super) fn new(source: Arc<Source>, window: Window, search: Search) -> Integrations {
        Integrations {
            source,
            window,
            search,
            ahead: None,
        }
    }

    /// From now on reads in advance, on so many threads, in the order in which `lanes` integrations
    /// at a time of every `stride`-th file are asked for: twice as many. Only for a recording that
    /// is complete.
    pub(super) fn read_ahead(&mut self, stride: usize, lanes: usize, readers: usize) -> Result<()> {
        let parameters = self.search.parameters().clone();
        let depth = (MOST_AHEAD / Windows::bytes(&parameters).max(1)).clamp(1, 2 * lanes);
        let (order, window, source) = (
            self.window.clone(),
            self.window.clone(),
            Arc::clone(&self.source),
        );
        let follow = move |index| order.following(index, stride);
        let read = move |index| source.read(window.sample(index), &parameters);
        self.ahead = Some(Ahead::new(depth, lanes, readers, follow, read)?);
        Ok(())
    }
}

/// What one integration gave.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) integration: Integration,
    pub(super) counts: Counts,
    /// A digest of its samples; `None` where it was read back and has none of its own.
    pub(super) samples: Option<u64>,
    /// The state of the files that held them, before they were read; `None` where it was read back
    /// and nothing was noted.
    pub(super) state: Option<u64>,
    /// What computed it.
    pub(super) devices: Devices,
}

impl Row {
    /// What was found in the samples of an integration.
    pub(super) fn new(integration: Integration, windows: &Windows, devices: Devices) -> Row {
        let is_left_out = windows.tx.is_empty();
        let is_silent = !is_left_out && integration.acceleration_index.iter().all(|&at| at < 0);
        Row {
            integration,
            samples: Some(digest(windows)),
            state: Some(windows.state),
            counts: Counts {
                left_out: is_left_out.into(),
                silent: is_silent.into(),
                ..windows.counts
            },
            devices,
        }
    }
}

impl Signature for Integrations {
    type Item<'t> = Windows;
    type Output = Row;
}

impl Workload for Integrations {
    fn len(&self) -> usize {
        self.window.integrations()
    }

    fn read(&self, index: usize) -> std::result::Result<Windows, Cause> {
        if let Some(ahead) = &self.ahead {
            return Ok(ahead.take(index)?);
        }
        let start = self.window.sample(index);
        Ok(self.source.read(start, self.search.parameters())?)
    }
}

impl CpuKernel for Integrations {
    type Scratch = Scratch;

    fn scratch(&self) -> std::result::Result<Scratch, Cause> {
        Ok(self.search.scratch())
    }

    fn compute(
        &self,
        _: usize,
        windows: Windows,
        scratch: &mut Scratch,
    ) -> std::result::Result<Row, Cause> {
        let integration = if windows.tx.is_empty() {
            let gates = self.search.parameters().ranges.len();
            Integration::not_analysed(0.0, gates)
        } else {
            self.search.integrate(&windows.tx, &windows.rx, scratch)
        };
        Ok(Row::new(integration, &windows, Devices::CPU))
    }
}
