//! An error or a cancellation on any rank reaches all of them soon, whatever they wait for, and
//! leaves nothing behind for the next stream. What was written is committed also while nothing
//! comes.

use std::cell::Cell;
use std::ops::Range;
use std::time::{Duration, Instant};

use super::super::log::{Log, SinkFault};
use super::super::plan::Plan;
use super::super::subject::{End, Run};
use super::super::toy::{FAULT, Fault, Read, Row, Toy};
use super::super::{Subject, ToyDevice, Verdict, ensure};
use super::numbers::Last;
use super::{Numbers, once, roles};
use crate::{Arrival, Backend, Cause, Feed, IndexSet, Sink};

const LEN: usize = 200;

/// Far longer than an end takes.
const LONG: Duration = Duration::from_secs(20);

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    Feed,
    Item,
    Sink,
    Cancel,
}

/// See the [module](self). Collective.
///
/// # Errors
/// When the law is broken.
pub fn law<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    for roles in roles(subject.size()) {
        for trouble in [Trouble::Feed, Trouble::Item, Trouble::Sink, Trouble::Cancel] {
            ends(subject, &roles, trouble)?;
            once::check(subject, &roles, 50, &[])?;
        }
    }
    committed_meanwhile(subject)
}

fn ends<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    roles: &[bool],
    trouble: Trouble,
) -> Verdict {
    let [plan, ..] = Plan::dealings(1);
    let rank = subject.rank();
    let faults: &[(usize, Fault)] = match trouble {
        Trouble::Item => &[(LEN / 2, Fault::Compute)],
        _ => &[],
    };
    let (toy, mut log) = (Toy::failing(LEN, faults), Log::new());
    let reader = roles.iter().position(|reads| *reads).unwrap_or(0);
    let worker = roles.iter().position(|reads| !reads).unwrap_or(0);
    if trouble == Trouble::Sink && rank == worker {
        log.fault = Some(SinkFault::Write(1));
    }
    let mut feed = Numbers::of(roles, rank, LEN);
    if let Some(feed) = &mut feed {
        feed.last = match trouble {
            Trouble::Feed if rank == reader => Last::Fails,
            _ => Last::Waits(LONG, Instant::now()),
        };
    }
    let run = Run::new(&toy, plan);
    let begun = Instant::now();
    let outcome = std::thread::scope(|scope| {
        if trouble == Trouble::Cancel && rank + 1 == subject.size() {
            let cancel = &run.cancel;
            scope.spawn(move || {
                std::thread::sleep(Duration::from_millis(30));
                cancel.cancel();
            });
        }
        subject.stream(&run, feed.as_mut(), &mut log)
    });
    let took = begun.elapsed();
    let ends = subject.ends(&outcome)?;
    let right = match trouble {
        Trouble::Cancel => ends.iter().all(|end| *end == End::Cancelled),
        _ => ends.iter().all(|end| end.tells(FAULT)),
    };
    ensure(right, || {
        format!("{trouble:?}, {roles:?} read: the ranks ended with {ends:?}")
    })?;
    let committed = log.committed.len() == log.rows.len();
    subject.on_every_rank(committed && took < LONG / 2, || {
        format!("{trouble:?}, {roles:?} read: ended after {took:?}, rows committed: {committed}")
    })
}

/// One item, and the end when it has been committed.
fn committed_meanwhile<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    let [plan, ..] = Plan::dealings(1);
    // Every rank reads its own item.
    let rank = subject.rank();
    let (toy, committed) = (Toy::new(subject.size()), Cell::new(false));
    let mut feed = Patient {
        index: Some(rank),
        committed: &committed,
        since: Instant::now(),
    };
    let run = Run {
        checkpoint: Duration::from_millis(10),
        ..Run::new(&toy, plan)
    };
    let outcome = subject.stream(&run, Some(&mut feed), &mut Marking(&committed));
    subject.fine(outcome, "waiting for a commit").map(drop)
}

struct Patient<'c> {
    index: Option<usize>,
    committed: &'c Cell<bool>,
    since: Instant,
}

impl Feed<Read> for Patient<'_> {
    fn poll(&mut self) -> Result<Arrival<Read>, Cause> {
        if let Some(index) = self.index.take() {
            return Ok(Arrival::Item(index, Read::of(index)));
        }
        if self.committed.get() {
            return Ok(Arrival::End);
        }
        if self.since.elapsed() > LONG / 2 {
            return Err("what was written is not committed while nothing comes".into());
        }
        Ok(Arrival::Wait)
    }
}

struct Marking<'c>(&'c Cell<bool>);

impl Sink<Row> for Marking<'_> {
    fn done(&mut self, _: Range<usize>) -> Result<IndexSet, Cause> {
        Ok(IndexSet::new())
    }

    fn write(&mut self, _: usize, _: Row) -> Result<(), Cause> {
        Ok(())
    }

    fn commit(&mut self, fresh: &[usize]) -> Result<(), Cause> {
        self.0.set(self.0.get() || !fresh.is_empty());
        Ok(())
    }
}
