//! `Ordered` delivers in index order and holds no more than its window; at root, every call of the
//! sink comes from the calling thread.

use std::cell::Cell;
use std::ops::Range;

use super::log::Log;
use super::plan::Plan;
use super::subject::{Run, Way};
use super::toy::{Row, Toy};
use super::{Subject, ToyDevice, Verdict, ensure};
use crate::{Backend, Cause, IndexSet, Ordered, Sink};

const LEN: usize = 120;

/// See the [module](self). Collective.
///
/// # Errors
/// When the law is broken.
pub fn law<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    for plan in Plan::all() {
        for way in Way::WITH_SINK {
            for (window, done) in [(1, false), (5, true), (1000, false)] {
                check(subject, way, plan, window, done)?;
            }
        }
    }
    Ok(())
}

fn check<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    way: Way,
    plan: Plan,
    window: usize,
    some_done: bool,
) -> Verdict {
    let what = format!("{way:?}, {plan:?}, window {window}");
    let (toy, mut log) = (Toy::new(LEN), Log::new());
    log.complete = (0..LEN).filter(|i| some_done && i % 4 == 1).collect();
    let delivered = Cell::new(0);
    let mut gate = Gate {
        ordered: Ordered::new(
            Counting {
                log: &mut log,
                delivered: &delivered,
            },
            window,
        ),
        delivered: &delivered,
        taken: 0,
        most: 0,
    };
    let outcome = subject.run(way, &Run::new(&toy, plan), &mut gate);
    subject.fine(outcome, &what)?;
    let held = subject.gathered(gate.most)?;
    ensure(held.iter().all(|most| *most <= window), || {
        format!("{what}: held {held:?}")
    })?;
    let increasing = log.rows.is_sorted_by(|a, b| a.0 < b.0);
    subject.on_every_rank(increasing, || format!("{what}: delivered {:?}", log.rows))?;
    subject.on_every_rank(!log.on_other_thread, || {
        format!("{what}: the sink was called from another thread")
    })?;
    let ranks = subject.gathered(log.sorted())?;
    if way == Way::AtRoot {
        ensure(ranks.iter().skip(1).all(Vec::is_empty), || {
            format!("{what}: rows were written elsewhere than at root")
        })?;
    }
    let rows = subject.all_rows(log.sorted())?;
    let expected = (0..LEN).filter(|i| !(some_done && i % 4 == 1));
    ensure(rows.iter().map(|(index, _)| *index).eq(expected), || {
        format!("{what}: {rows:?}")
    })
}

/// Before `Ordered`: counts what goes in.
struct Gate<'c, S> {
    ordered: Ordered<S, Row>,
    delivered: &'c Cell<usize>,
    taken: usize,
    most: usize,
}

impl<S: Sink<Row>> Sink<Row> for Gate<'_, S> {
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        self.ordered.done(within)
    }

    fn limit(&mut self) -> Result<usize, Cause> {
        self.ordered.limit()
    }

    fn write(&mut self, index: usize, row: Row) -> Result<(), Cause> {
        self.taken += 1;
        self.most = self.most.max(self.taken - self.delivered.get());
        self.ordered.write(index, row)
    }

    fn commit(&mut self, fresh: &[usize]) -> Result<(), Cause> {
        self.ordered.commit(fresh)
    }
}

/// Behind `Ordered`: counts what comes out.
struct Counting<'c> {
    log: &'c mut Log,
    delivered: &'c Cell<usize>,
}

impl Sink<Row> for Counting<'_> {
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        self.log.done(within)
    }

    fn write(&mut self, index: usize, row: Row) -> Result<(), Cause> {
        self.delivered.set(self.delivered.get() + 1);
        self.log.write(index, row)
    }

    fn commit(&mut self, fresh: &[usize]) -> Result<(), Cause> {
        self.log.commit(fresh)
    }
}
