use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::*;

/// What another rank does in between.
type Meddling = Box<dyn FnMut()>;

/// Words of several boards, one of which is meddled with before one of its operations.
struct Shared {
    words: Rc<Vec<Cell<u64>>>,
    until: Cell<Option<usize>>,
    meddling: RefCell<Meddling>,
}

impl Shared {
    fn step(&self) {
        let left = self.until.get();
        self.until.set(left.and_then(|left| left.checked_sub(1)));
        if left == Some(0) {
            (self.meddling.borrow_mut())();
        }
    }
}

impl SharedAtomics for Shared {
    fn len(&self) -> usize {
        self.words.len()
    }

    fn load(&self, at: usize) -> Result<u64> {
        self.step();
        Ok(self.words[at].get())
    }

    fn add(&self, at: usize, n: u64) -> Result<u64> {
        self.step();
        Ok(self.words[at].replace(self.words[at].get().wrapping_add(n)))
    }

    fn replace(&self, at: usize, expected: u64, new: u64) -> Result<u64> {
        self.step();
        let before = self.words[at].get();
        if before == expected {
            self.words[at].set(new);
        }
        Ok(before)
    }
}

fn table(
    words: &Rc<Vec<Cell<u64>>>,
    tasks: usize,
    meddling: Option<(usize, Meddling)>,
) -> TaskTable<'static> {
    let (until, meddling) = match meddling {
        Some((until, meddling)) => (Some(until), meddling),
        None => (None, Box::new(|| {}) as Meddling),
    };
    let words = Shared {
        words: words.clone(),
        until: until.into(),
        meddling: meddling.into(),
    };
    TaskTable {
        words: Box::new(words),
        tasks,
        queued: true,
    }
}

fn words(tasks: usize) -> Rc<Vec<Cell<u64>>> {
    Rc::new(vec![Cell::new(0); TASKS + 2 * tasks])
}

#[test]
fn a_task_that_is_opened_at_any_instant_of_a_claim_is_found() {
    let tasks = 4;
    let none = Ignore::default();
    for instant in 0..15 {
        for opened in 0..tasks {
            let words = words(tasks);
            let other = table(&words, tasks, None);
            other.put(opened, TaskStatus::Done, false).unwrap();
            let meddling = move || other.put(opened, TaskStatus::Open, false).unwrap();
            let one = table(&words, tasks, Some((instant, Box::new(meddling))));
            let all = || {
                std::iter::from_fn(|| one.take(none, TaskStatus::Running).unwrap())
                    .map(|(task, _)| task)
            };
            // What is opened while the last one looks is there for who asks again.
            let mut taken: Vec<_> = all().chain(all()).collect();
            taken.sort_unstable();
            assert_eq!(taken, [0, 1, 2, 3], "task {opened} at instant {instant}");
        }
    }
}

#[test]
fn what_changed_meanwhile_is_not_overwritten() {
    let words = words(1);
    let table = table(&words, 1, None);
    let seen = table.look(0).unwrap();
    // It comes back to what it was, and is not the same.
    table.put(0, TaskStatus::Running, false).unwrap();
    table.put(0, TaskStatus::Open, false).unwrap();
    assert!(!table.turn(0, seen, TaskStatus::Done, false).unwrap());
    assert_eq!(table.look(0).unwrap().is(), TaskStatus::Open);
}

#[test]
fn the_queue_gives_each_task_once_and_in_turn() {
    let words = words(3);
    let table = table(&words, 3, None);
    for task in [2, 0, 2, 0] {
        table.enqueue(task).unwrap();
    }
    assert_eq!(
        (table.pending().unwrap(), table.pop().unwrap()),
        (2, Some(2))
    );
    table.enqueue(2).unwrap();
    assert_eq!(table.pending().unwrap(), 2, "it is still being looked at");
    table.push(2).unwrap();
    assert_eq!(table.pop().unwrap(), Some(0));
    table.dequeue(0).unwrap();
    assert_eq!(
        (
            table.pending().unwrap(),
            table.pop().unwrap(),
            table.pop().unwrap()
        ),
        (1, Some(2), None)
    );
    table.dequeue(2).unwrap();
    table.enqueue(1).unwrap();
    assert_eq!(table.pop().unwrap(), Some(1));
    table.put(1, TaskStatus::Elsewhere, false).unwrap();
    table.enqueue(1).unwrap();
    table.dequeue(1).unwrap();
    assert_eq!(
        (table.pending().unwrap(), table.pop().unwrap()),
        (1, Some(1))
    );
    table.put(1, TaskStatus::Done, false).unwrap();
    table.dequeue(1).unwrap();
    // Many times around the ring.
    for round in 0..10 {
        table.enqueue(round % 3).unwrap();
        assert_eq!(table.pop().unwrap(), Some(round % 3));
        table.dequeue(round % 3).unwrap();
    }
    assert_eq!(table.pending().unwrap(), 0);
}
