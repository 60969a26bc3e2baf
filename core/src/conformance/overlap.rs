//! Items are read while others are computed: on a backend of several lanes, and from a feed too. A
//! backend of one lane may read and compute in turn.

use std::sync::atomic::Ordering;

use super::awaited::AwaitedRead;
use super::log::Log;
use super::plan::Plan;
use super::subject::{Run, Way};
use super::toy::{Read, Toy};
use super::{Subject, ToyDevice, Verdict};
use crate::{Arrival, Backend, Cause, Feed};

/// See the [module](self). Collective.
///
/// # Errors
/// When the law is broken.
pub fn law<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    // More than what the lanes hold when the first item is computed.
    let each = 4 * subject.lanes() * subject.grain();
    let len = each * subject.size();
    // Where claims are dealt a rank may get one item, and read no other.
    let [contiguous, strided, _] = Plan::dealings(1);
    for plan in [contiguous, strided] {
        for way in Way::ALL {
            let toy = waiting(subject, len);
            let outcome = subject.run(way, &Run::new(&toy, plan), &mut Log::new());
            subject.fine(outcome, &format!("{way:?}, {plan:?}"))?;
            met(subject, &toy, &format!("{way:?}, {plan:?}"))?;
        }
    }
    let toy = waiting(subject, len);
    let next = each * subject.rank();
    let mut feed = Counting {
        toy: &toy,
        next,
        end: next + each,
    };
    let run = Run::new(&toy, contiguous);
    let outcome = subject.stream(&run, Some(&mut feed), &mut Log::new());
    subject.fine(outcome, "a stream")?;
    met(subject, &toy, "a stream")
}

fn waiting<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>, len: usize) -> Toy {
    Toy {
        waits: (subject.lanes() > 1).then(AwaitedRead::default),
        ..Toy::new(len)
    }
}

fn met<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>, toy: &Toy, what: &str) -> Verdict {
    let has_met = toy.waits.as_ref().is_none_or(AwaitedRead::has_come);
    subject.on_every_rank(has_met, || {
        format!("{what}: nothing was read while an item was computed")
    })
}

/// Brings the items of a rank, and counts them as read.
struct Counting<'t> {
    toy: &'t Toy,
    next: usize,
    end: usize,
}

impl Feed<Read> for Counting<'_> {
    fn poll(&mut self) -> Result<Arrival<Read>, Cause> {
        let index = self.next;
        if index == self.end {
            return Ok(Arrival::End);
        }
        self.next += 1;
        self.toy.reads[index].fetch_add(1, Ordering::SeqCst);
        Ok(Arrival::Item(index, Read::of(index)))
    }
}
