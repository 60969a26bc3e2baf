//! A feed is asked only while there is room: until the one rank that computes has written its first
//! row, where its sink stalls, its readers go on only until its window is full.

use std::time::Duration;

use super::super::bounded::Stalling;
use super::super::plan::Plan;
use super::super::subject::Run;
use super::super::toy::Toy;
use super::super::{Subject, ToyDevice, Verdict};
use super::Numbers;
use crate::Backend;

/// See the [module](self). Collective.
///
/// # Errors
/// When the law is broken.
pub fn law<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    let size = subject.size();
    // One rank alone does not ask while its sink stalls.
    let readers = size.max(2) - 1;
    let mut roles = vec![true; size];
    if size > 1 {
        roles[size - 1] = false;
    }
    let (lanes, grain) = (subject.lanes(), subject.grain());
    let window = 4 * subject.most_of_all(lanes.max(grain))?;
    let in_flight = 2 * subject.most_of_all(lanes * grain)?;
    let [plan, ..] = Plan::dealings(1);
    // Many more than may wait.
    let len = (20 * window).max(20_000) * readers;
    let toy = Toy::new(len);
    let mut feed = Numbers::of(&roles, subject.rank(), len);
    // It would read all of them while the sink stalls.
    if let Some(feed) = &mut feed {
        feed.is_slow = false;
    }
    let mut slow = Stalling::new(1, Duration::from_millis(200));
    let run = Run {
        checkpoint: Duration::from_hours(1),
        ..Run::new(&toy, plan)
    };
    let outcome = subject.stream(&run, feed.as_mut(), &mut slow);
    subject.fine(outcome, "a sink that stalls")?;
    // The clocks of ranks on one machine agree; those of others by far better than the stall.
    let (_, end) = subject.gathered(slow.stall)?[size - 1];
    let brought = feed.map_or(Vec::new(), |feed| feed.brought);
    let ahead = brought.iter().filter(|&&at| at < end).count();
    // What may wait, and what the lanes have taken up.
    let most = 2 * window + in_flight;
    subject.on_every_rank(ahead <= most, || {
        format!("until the sink had its first row {ahead} items were read, at most {most} allowed")
    })
}
