//! One integration: its samples read, searched, and handed on.

use jobwise_core::{Cause, CpuKernel, Task};

use super::source::{Source, Windows};
use super::window::Window;
use crate::search::{Integration, Scratch, Search};

/// All integrations of an analysis.
#[derive(Debug)]
pub(super) struct Integrations {
    pub(super) source: Source,
    pub(super) window: Window,
    pub(super) search: Search,
}

/// What one integration gave.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) integration: Integration,
    pub(super) missing: u64,
}

impl Task for Integrations {
    type Item<'t> = Windows;
    type Output = Row;

    fn len(&self) -> usize {
        self.window.integrations()
    }

    fn read(&self, index: usize) -> Result<Windows, Cause> {
        let start = self.window.sample(index);
        Ok(self.source.read(start, self.search.parameters())?)
    }
}

impl CpuKernel for Integrations {
    type Scratch = Scratch;

    fn scratch(&self) -> Result<Scratch, Cause> {
        Ok(self.search.scratch())
    }

    fn compute(&self, _: usize, windows: Windows, scratch: &mut Scratch) -> Result<Row, Cause> {
        let integration = if windows.tx.is_empty() {
            let gates = self.search.parameters().ranges.len();
            Integration::not_analysed(0.0, gates)
        } else {
            self.search.integrate(&windows.tx, &windows.rx, scratch)
        };
        Ok(Row {
            integration,
            missing: windows.missing,
        })
    }
}
