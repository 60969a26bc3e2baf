use jobwise_core::{Comm, Result, Wire};

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
    /// Tasks of this run that others hold, or that are running in nobody's hands, at the end.
    pub elsewhere: usize,
    /// Whether the run was told to end.
    pub cancelled: bool,
    /// Wall time in s.
    pub seconds: f64,
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
        let mut bytes = self.to_bytes();
        if let Some(all) = comm.gather(0, &bytes)? {
            let mut sum = Tally::default();
            for tally in all {
                let tally = Tally::from_bytes(&tally)?;
                sum.done += tally.done;
                sum.failed += tally.failed;
                sum.misfortunes.extend(tally.misfortunes);
                sum.given_back += tally.given_back;
                // Every rank knows of all.
                sum.elsewhere = sum.elsewhere.max(tally.elsewhere);
                sum.cancelled |= tally.cancelled;
                sum.seconds = sum.seconds.max(tally.seconds);
            }
            sum.misfortunes.truncate(Self::TOLD);
            bytes = sum.to_bytes();
        }
        comm.broadcast(0, &mut bytes)?;
        Tally::from_bytes(&bytes)
    }
}

impl Wire for Tally {
    fn put(&self, out: &mut Vec<u8>) {
        (self.done, self.failed, self.given_back).put(out);
        (self.elsewhere, self.cancelled, self.seconds).put(out);
        let pairs = self
            .misfortunes
            .iter()
            .map(|m| (m.task.clone(), m.why.clone()));
        pairs.collect::<Vec<_>>().put(out);
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        let (done, failed, given_back) = Wire::take(input)?;
        let (elsewhere, cancelled, seconds) = Wire::take(input)?;
        let pairs = Vec::<(String, String)>::take(input)?;
        Ok(Tally {
            done,
            failed,
            given_back,
            elsewhere,
            cancelled,
            seconds,
            misfortunes: pairs
                .into_iter()
                .map(|(task, why)| Misfortune { task, why })
                .collect(),
        })
    }
}
