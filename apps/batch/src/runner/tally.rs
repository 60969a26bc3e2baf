use jobwise_core::{Comm, Error, Result, Wire};
use jobwise_tasks::State;

/// What a run did, on all ranks together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// Tasks whose command ended well.
    pub done: usize,
    /// Tasks whose command did not, in the end; the first of them with their reasons.
    pub failed: usize,
    /// Those of them that are told.
    pub misfortunes: Vec<Misfortune>,
    /// Tasks that were given back because the run was told to end.
    pub given_back: usize,
    /// Tasks that others took over, because this run gave no sign of life for too long.
    pub lost: usize,
    /// How all tasks of the run stand at its end.
    pub stands: Stands,
    /// Whether the run was told to end.
    pub cancelled: bool,
    /// Wall time in s.
    pub seconds: f64,
}

/// How tasks stand, whoever worked on them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stands {
    /// How many there are.
    pub tasks: usize,
    /// Done.
    pub done: usize,
    /// Failed.
    pub failed: usize,
    /// At work elsewhere, or running in nobody's hands.
    pub running: usize,
    /// To be done.
    pub open: usize,
    /// With a state file that makes no sense.
    pub invalid: usize,
}

impl Stands {
    pub(super) fn of(states: &[State]) -> Stands {
        let count = |wanted| states.iter().filter(|&&state| state == wanted).count();
        Stands {
            tasks: states.len(),
            done: count(State::Done),
            failed: count(State::Failed),
            running: count(State::Running),
            open: count(State::Open),
            invalid: count(State::Invalid),
        }
    }
}

/// A task that failed, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfortune {
    /// What the user calls it.
    pub task: String,
    /// How its command ended.
    pub why: String,
}

impl Tally {
    /// How many misfortunes are told.
    pub(super) const TOLD: usize = 10;

    pub(super) fn failed(&mut self, task: &str, why: &str) {
        self.failed += 1;
        if self.misfortunes.len() < Self::TOLD {
            self.misfortunes.push(Misfortune {
                task: task.to_owned(),
                why: why.to_owned(),
            });
        }
    }

    /// Adds up all ranks' tallies. Collective.
    pub(super) fn of_all(self, comm: &dyn Comm) -> Result<Tally> {
        comm.all_reduce(&self, |all| {
            let mut sum = Tally::default();
            for tally in all {
                sum.done += tally.done;
                sum.failed += tally.failed;
                sum.misfortunes.extend(tally.misfortunes);
                sum.given_back += tally.given_back;
                sum.lost += tally.lost;
                // Every rank that runs commands knows of all.
                if tally.stands.tasks > 0 {
                    sum.stands = tally.stands;
                }
                sum.cancelled |= tally.cancelled;
                sum.seconds = sum.seconds.max(tally.seconds);
            }
            sum.misfortunes.truncate(Self::TOLD);
            sum
        })
    }
}

impl Wire for Tally {
    fn put(&self, out: &mut Vec<u8>) {
        (self.done, self.failed, self.given_back).put(out);
        (self.lost, self.cancelled, self.seconds).put(out);
        let Stands {
            tasks,
            done,
            failed,
            running,
            open,
            invalid,
        } = self.stands;
        vec![tasks, done, failed, running, open, invalid].put(out);
        let pairs = self
            .misfortunes
            .iter()
            .map(|m| (m.task.clone(), m.why.clone()));
        pairs.collect::<Vec<_>>().put(out);
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        let (done, failed, given_back) = Wire::take(input)?;
        let (lost, cancelled, seconds) = Wire::take(input)?;
        let stands = Vec::<usize>::take(input)?;
        let [tasks, all_done, all_failed, running, open, invalid] = stands[..] else {
            return Err(Error::Malformed("a tally".to_owned()));
        };
        let pairs = Vec::<(String, String)>::take(input)?;
        Ok(Tally {
            done,
            failed,
            given_back,
            lost,
            stands: Stands {
                tasks,
                done: all_done,
                failed: all_failed,
                running,
                open,
                invalid,
            },
            cancelled,
            seconds,
            misfortunes: pairs
                .into_iter()
                .map(|(task, why)| Misfortune { task, why })
                .collect(),
        })
    }
}
