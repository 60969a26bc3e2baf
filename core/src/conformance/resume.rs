//! Cancelled or killed anywhere and resumed: the same content, nothing marked without data, nothing
//! marked done again.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::plan::Plan;
use super::subject::{End, Run, Way};
use super::toy::{Row, Toy, value};
use super::{Subject, ToyDevice, Verdict, ensure};
use crate::{Backend, Cancel, Cause, IndexSet, Sink};

const LEN: usize = 40;

/// See the [module](self). Collective.
///
/// # Errors
/// When the law is broken.
pub fn law<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    for way in Way::WITH_SINK {
        for plan in Plan::dealings(3) {
            for checkpoint in [Duration::ZERO, Duration::from_hours(1)] {
                for after in [1, 2, 5, 13, LEN] {
                    interrupted(subject, way, plan, checkpoint, after)?;
                }
            }
        }
    }
    Ok(())
}

fn interrupted<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    way: Way,
    plan: Plan,
    checkpoint: Duration,
    after: usize,
) -> Verdict {
    let what = format!("{way:?}, {plan:?}, commit every {checkpoint:?}, ended after {after}");
    let (toy, cancel) = (Toy::new(LEN), Cancel::new());
    let mut disk = Disk::new(Store::default());
    disk.interrupt = Some((after, cancel.clone()));
    let run = Run {
        cancel,
        checkpoint,
        ..Run::new(&toy, plan)
    };
    let outcome = subject.run(way, &run, &mut disk);
    let ends = subject.ends(&outcome)?;
    let known = [End::Fine, End::Cancelled];
    ensure(ends.iter().all(|end| known.contains(end)), || {
        format!("{what}: {ends:?}")
    })?;
    sound(subject, &disk, &what)?;
    // What a kill at that moment would have left; then what the orderly end left.
    let killed = disk.killed.take().unwrap_or_else(|| disk.store.clone());
    for left in [killed, disk.store] {
        let left = shared(subject, &left)?;
        finish(subject, way, plan, &left, &what)?;
    }
    Ok(())
}

/// Resumes from `left` and checks that the file is what an uninterrupted run writes.
fn finish<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    way: Way,
    plan: Plan,
    left: &Store,
    what: &str,
) -> Verdict {
    let toy = Toy::new(LEN);
    let mut disk = Disk::new(left.clone());
    let outcome = subject.run(way, &Run::new(&toy, plan), &mut disk);
    subject.fine(outcome, what)?;
    sound(subject, &disk, what)?;
    let again = (0..LEN)
        .filter(|&i| left.marked.contains(i) && toy.reads[i].load(Ordering::SeqCst) > 0)
        .count();
    let again = subject.total(again)?;
    ensure(again == 0, || {
        format!("{what}: {again} items that were marked were done again")
    })?;
    let file = shared(subject, &disk.store)?;
    let expected: BTreeMap<_, _> = (0..LEN).map(|i| (i, value(0, i).to_bits())).collect();
    ensure(file.rows == expected && file.marked.len() == LEN, || {
        format!("{what}: after resuming: {file:?}")
    })
}

fn sound<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    disk: &Disk,
    what: &str,
) -> Verdict {
    let wrong = subject.gathered(disk.wrong.clone())?.concat();
    ensure(wrong.is_empty(), || format!("{what}: {wrong:?}"))
}

/// All ranks' stores in one, as if they lay in one file.
fn shared<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    mine: &Store,
) -> Result<Store, String> {
    let rows: Vec<(usize, u64)> = mine.rows.iter().map(|(i, bits)| (*i, *bits)).collect();
    let mut all = Store::default();
    for (rows, marked) in subject.gathered((rows, mine.marked.clone()))? {
        all.rows.extend(rows);
        let both = (0..LEN).filter(|&i| all.marked.contains(i) || marked.contains(i));
        all.marked = both.collect();
    }
    Ok(all)
}

/// What survives a kill.
#[derive(Clone, Debug, Default)]
struct Store {
    rows: BTreeMap<usize, u64>,
    marked: IndexSet,
}

/// A file: rows are written to a buffer, become durable by a commit, and are marked after that.
#[derive(Debug)]
struct Disk {
    store: Store,
    buffer: Vec<(usize, u64)>,
    rows: usize,
    /// After this many rows the run is cancelled, and `killed` keeps what a kill would leave.
    interrupt: Option<(usize, Cancel)>,
    killed: Option<Store>,
    wrong: Vec<String>,
}

impl Disk {
    fn new(store: Store) -> Disk {
        Disk {
            store,
            buffer: Vec::new(),
            rows: 0,
            interrupt: None,
            killed: None,
            wrong: Vec::new(),
        }
    }
}

impl Sink<Row> for Disk {
    fn done(&mut self, _: Range<usize>) -> Result<IndexSet, Cause> {
        Ok(self.store.marked.clone())
    }

    fn write(&mut self, index: usize, row: Row) -> Result<(), Cause> {
        self.rows += 1;
        self.buffer.push((index, row.value.to_bits()));
        if let Some((after, cancel)) = &self.interrupt
            && self.rows == *after
        {
            self.killed = Some(self.store.clone());
            cancel.cancel();
        }
        Ok(())
    }

    fn commit(&mut self, fresh: &[usize]) -> Result<(), Cause> {
        self.store.rows.extend(self.buffer.drain(..));
        for &index in fresh {
            if !self.store.rows.contains_key(&index) {
                self.wrong.push(format!("item {index} marked without data"));
            }
            if self.store.marked.contains(index) {
                self.wrong.push(format!("item {index} marked twice"));
            }
            self.store.marked.insert(index..index + 1);
        }
        Ok(())
    }
}
