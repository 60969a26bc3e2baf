use std::ops::Range;

use crate::{Division, Job, Layout};

/// How a run is divided: what results must not depend on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan<'a> {
    pub(super) division: Division<'a>,
    pub(super) layout: Layout,
    pub(super) width: usize,
    pub(super) job: (usize, usize),
}

impl<'a> Plan<'a> {
    /// Static contiguous, static strided and claimed, in blocks of `width`.
    pub(super) fn dealings(width: usize) -> [Plan<'a>; 3] {
        let fixed = Plan {
            division: Division::Static,
            layout: Layout::Contiguous,
            width,
            job: (0, 1),
        };
        [
            fixed,
            Plan {
                layout: Layout::Strided,
                ..fixed
            },
            Plan {
                division: Division::Dynamic { chunk: 2 },
                ..fixed
            },
        ]
    }

    /// Every dealing with narrow, middling and wide blocks.
    pub(super) fn all() -> impl Iterator<Item = Plan<'a>> {
        [1, 3, 64].into_iter().flat_map(Plan::dealings)
    }

    /// Job `index` of `count`.
    pub(super) fn of_job(self, index: usize, count: usize) -> Plan<'a> {
        Plan {
            job: (index, count),
            ..self
        }
    }

    pub(super) fn job(&self) -> Job {
        let (index, count) = self.job;
        Job::new(index, count).expect("laws ask for jobs below their count")
    }

    /// The items of the job's blocks, dealt out by hand: an independent reference for the engine's
    /// arithmetic.
    pub(super) fn blocks(&self, len: usize) -> Vec<Range<usize>> {
        let (index, count) = self.job;
        let blocks: Vec<Range<usize>> = (0..len)
            .step_by(self.width)
            .map(|start| start..(start + self.width).min(len))
            .collect();
        match self.layout {
            Layout::Strided => blocks.into_iter().skip(index).step_by(count).collect(),
            Layout::Contiguous => {
                // Each job in turn takes its fair share of what is left, rounded up.
                let mut left = blocks.into_iter();
                let mut part = Vec::new();
                for job in 0..=index {
                    let share = left.len().div_ceil(count - job);
                    part = left.by_ref().take(share).collect();
                }
                part
            }
        }
    }

    /// The items of the job, ascending.
    pub(super) fn items(&self, len: usize) -> Vec<usize> {
        self.blocks(len).into_iter().flatten().collect()
    }
}
