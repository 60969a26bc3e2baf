//! Every rank that computes handles all notices of each reader, in order: behind the items in front
//! of them, in front of those behind; in step, the n-th of all readers together.

use std::cell::RefCell;
use std::ops::Range;

use super::super::plan::Plan;
use super::super::subject::Run;
use super::super::toy::{Read, Row, Toy};
use super::super::{Subject, ToyDevice, Verdict};
use super::roles;
use crate::{Arrival, Backend, Cause, Feed, IndexSet, Notice, NoticeHandler, Sink, Wire};

/// Notices of each reader.
const NOTICES: usize = 12;
/// Indices of a reader between two of its notices.
const BETWEEN: usize = 5;

/// See the [module](self). Collective.
///
/// # Errors
/// When the law is broken.
pub fn law<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    for roles in roles(subject.size()) {
        for in_step in [false, true] {
            check(subject, &roles, in_step)?;
        }
    }
    Ok(())
}

fn check<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    roles: &[bool],
    in_step: bool,
) -> Verdict {
    let [plan, ..] = Plan::dealings(1);
    let readers: Vec<usize> = (0..roles.len()).filter(|&rank| roles[rank]).collect();
    let toy = Toy::new((NOTICES + 1) * BETWEEN * readers.len());
    let mine = readers.iter().position(|&rank| rank == subject.rank());
    let mut feed = mine.map(|number| Announcing {
        seq: 0,
        number,
        readers: readers.len(),
        told: 0,
        asked: 0,
    });
    // Where every rank reads, each hears itself alone.
    let heard_by_me = match mine {
        Some(number) if readers.len() == roles.len() => vec![number],
        Some(_) => Vec::new(),
        None => (0..readers.len()).collect(),
    };
    let scene = RefCell::new(Scene {
        heard: vec![0; readers.len()],
        complaint: None,
    });
    let mut handler = Handler {
        scene: &scene,
        readers: &readers,
        heard_by_me: &heard_by_me,
        in_step,
    };
    let mut sink = Watching {
        scene: &scene,
        heard_by_me: &heard_by_me,
        in_step,
    };
    let what = format!("{roles:?} read, in step: {in_step}");
    let run = Run::new(&toy, plan);
    let outcome = subject.stream_with_notices(&run, feed.as_mut(), &mut handler, &mut sink);
    let scene = scene.into_inner();
    // What a rank saw says more than that the run failed.
    let complaint = scene.complaint;
    subject.on_every_rank(complaint.is_none(), || {
        format!("{what}: {}", complaint.unwrap_or_default())
    })?;
    subject.fine(outcome, &what)?;
    let all_heard = heard_by_me.iter().all(|&at| scene.heard[at] == NOTICES);
    subject.on_every_rank(all_heard, || {
        format!("{what}: {:?} notices were handled", scene.heard)
    })
}

/// A reader's indices, and a notice behind every few of them.
struct Announcing {
    /// Its next index, counted within its own.
    seq: usize,
    number: usize,
    readers: usize,
    told: usize,
    asked: usize,
}

/// How many notices of its reader are in front of an item.
fn in_front(index: usize, readers: usize) -> usize {
    index / readers / BETWEEN
}

impl Feed<Read> for Announcing {
    fn poll(&mut self) -> Result<Arrival<Read>, Cause> {
        // A pause in between: then each goes in a message of its own.
        self.asked += 1;
        if self.asked.is_multiple_of(2) {
            return Ok(Arrival::Wait);
        }
        loop {
            if self.told < self.seq / BETWEEN && self.told < NOTICES {
                self.told += 1;
                return Ok(Arrival::Notice((self.told - 1).to_bytes()));
            }
            if self.seq == (NOTICES + 1) * BETWEEN {
                return Ok(Arrival::End);
            }
            let seq = self.seq;
            self.seq += 1;
            // Readers have unequal numbers of items, some none between two notices.
            if (seq + self.number) % BETWEEN > seq / BETWEEN % BETWEEN {
                continue;
            }
            let index = seq * self.readers + self.number;
            return Ok(Arrival::Item(index, Read::of(index)));
        }
    }
}

/// What one rank saw.
struct Scene {
    /// By reader, the notices that were handled.
    heard: Vec<usize>,
    complaint: Option<String>,
}

impl Scene {
    fn complain(&mut self, complaint: String) {
        self.complaint.get_or_insert(complaint);
    }
}

struct Handler<'s> {
    scene: &'s RefCell<Scene>,
    readers: &'s [usize],
    heard_by_me: &'s [usize],
    in_step: bool,
}

impl NoticeHandler for Handler<'_> {
    fn in_step(&self, _: &[u8]) -> bool {
        self.in_step
    }

    fn handle(&mut self, notices: &[Notice]) -> Result<(), Cause> {
        let mut scene = self.scene.borrow_mut();
        let expected = if self.in_step {
            self.heard_by_me.len()
        } else {
            1
        };
        if notices.len() != expected {
            scene.complain(format!("{} notices at once", notices.len()));
        }
        for notice in notices {
            let number = usize::from_bytes(&notice.bytes)?;
            let at = self.readers.iter().position(|&rank| rank == notice.reader);
            let at = at.ok_or("a notice of a rank that does not read")?;
            if scene.heard[at] != number {
                let heard = scene.heard[at];
                scene.complain(format!(
                    "notice {number} came after {heard} notices of its reader"
                ));
            }
            scene.heard[at] += 1;
        }
        Ok(())
    }
}

/// A sink that is asked of every item when it is handed out.
struct Watching<'s> {
    scene: &'s RefCell<Scene>,
    heard_by_me: &'s [usize],
    in_step: bool,
}

impl Sink<Row> for Watching<'_> {
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        let mut scene = self.scene.borrow_mut();
        let readers = scene.heard.len();
        for index in within {
            let expected = in_front(index, readers);
            for &at in self.heard_by_me {
                let heard = scene.heard[at];
                if heard != expected && (self.in_step || at == index % readers) {
                    scene.complain(format!(
                        "item {index} came after {heard} notices, {expected} lie in front of it"
                    ));
                }
            }
        }
        Ok(IndexSet::new())
    }

    fn write(&mut self, _: usize, _: Row) -> Result<(), Cause> {
        Ok(())
    }

    fn commit(&mut self, _: &[usize]) -> Result<(), Cause> {
        Ok(())
    }
}
