//! Where a function deals the items of a stream, each goes to the rank that it says, in every run.

use super::super::log::Log;
use super::super::plan::Plan;
use super::super::subject::Run;
use super::super::toy::Toy;
use super::super::{Subject, ToyDevice, Verdict};
use super::{Numbers, roles};
use crate::{Backend, Dealing};

const LEN: usize = 300;

/// The rank, among those that compute, that an item is dealt to: every item in three goes on.
fn which(index: usize, _: usize) -> usize {
    index / 3
}

/// See the [module](self). Collective.
///
/// # Errors
/// When the law is broken.
pub fn law<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    for roles in roles(subject.size()) {
        let workers: Vec<usize> = (0..roles.len()).filter(|&rank| !roles[rank]).collect();
        if workers.is_empty() {
            continue;
        }
        let [plan, ..] = Plan::dealings(1);
        let (toy, mut log) = (Toy::new(LEN), Log::new());
        let mut feed = Numbers::of(&roles, subject.rank(), LEN);
        let run = Run {
            dealing: Dealing::By(which),
            ..Run::new(&toy, plan)
        };
        let outcome = subject.stream(&run, feed.as_mut(), &mut log);
        subject.fine(outcome, "items dealt by a function")?;
        let mine = workers.iter().position(|&rank| rank == subject.rank());
        let is_mine = |index: &usize| Some(which(*index, workers.len()) % workers.len()) == mine;
        let expected: Vec<usize> = (0..LEN).filter(is_mine).collect();
        let rows: Vec<usize> = log.sorted().into_iter().map(|(index, _)| index).collect();
        subject.on_every_rank(rows == expected, || {
            format!("{roles:?} read: items {rows:?} were dealt here instead of {expected:?}")
        })?;
    }
    Ok(())
}
