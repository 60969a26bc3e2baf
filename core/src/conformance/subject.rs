use std::time::Duration;

use super::ToyDevice;
use super::Verdict;
use super::mutants::{FaultyFeed, FaultySink, Flaw, MergesLate};
use super::plan::Plan;
use super::toy::{Read, Row, Sum, Toy};
use crate::{
    Backend, Cancel, Comm, Dealing, Engine, Error, Feed, Job, NoticeHandler, OnError, Reduce,
    Report, Result, Sink, Wire,
};

/// A backend under test, and perhaps one thing that is wrong in how it is used.
#[derive(Debug)]
pub struct Subject<'b, B> {
    backend: &'b B,
    flaw: Option<Flaw>,
}

/// A way to run the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Write,
    AtRoot,
    Reduce,
    Collect,
}

impl Way {
    pub(super) const ALL: [Way; 4] = [Way::Write, Way::AtRoot, Way::Reduce, Way::Collect];
    pub(super) const WITH_SINK: [Way; 2] = [Way::Write, Way::AtRoot];
}

/// A run of the engine on a toy: what to do, apart from where the outputs go.
#[derive(Clone, Debug)]
pub(super) struct Run<'t> {
    pub(super) toy: &'t Toy,
    pub(super) plan: Plan<'t>,
    pub(super) on_error: OnError,
    pub(super) cancel: Cancel,
    pub(super) checkpoint: Duration,
    pub(super) dealing: Dealing,
}

impl<'t> Run<'t> {
    pub(super) fn new(toy: &'t Toy, plan: Plan<'t>) -> Self {
        Run {
            toy,
            plan,
            on_error: OnError::Stop,
            cancel: Cancel::new(),
            checkpoint: Duration::ZERO,
            dealing: Dealing::default(),
        }
    }
}

/// What a run brought on one rank.
#[derive(Clone, Debug, Default)]
pub(super) struct Brought {
    pub(super) report: Report,
    pub(super) sum: f64,
    pub(super) list: Vec<(usize, u64)>,
}

impl<'b, B: Backend<Device: ToyDevice>> Subject<'b, B> {
    /// Puts `backend` to the test.
    pub fn new(backend: &'b B) -> Self {
        Subject {
            backend,
            flaw: None,
        }
    }

    pub(super) fn flawed(backend: &'b B, flaw: Option<Flaw>) -> Self {
        Subject { backend, flaw }
    }

    pub(super) fn comm(&self) -> &dyn Comm {
        self.backend.comm()
    }

    pub(super) fn rank(&self) -> usize {
        self.comm().rank()
    }

    pub(super) fn size(&self) -> usize {
        self.comm().size()
    }

    pub(super) fn lanes(&self) -> usize {
        self.backend.lanes()
    }

    pub(super) fn grain(&self) -> usize {
        self.backend.grain()
    }

    /// Runs the engine the given way. Collective.
    pub(super) fn run(&self, way: Way, run: &Run<'_>, sink: &mut dyn Sink<Row>) -> Result<Brought> {
        match self.flaw {
            Some(Flaw::StaleScratch) => run.toy.keep_stale_scratch(),
            Some(Flaw::SeedByJob) => run.toy.shift_seed(run.plan.job().index()),
            _ => {}
        }
        let (engine, kernel) = (self.engine(run), run.toy);
        let mut sink = FaultySink::new(sink, self.flaw);
        let mut brought = Brought::default();
        match way {
            Way::Write => brought.report = engine.write(kernel, &mut sink)?,
            Way::AtRoot => brought.report = engine.write_at_root(kernel, &mut sink)?,
            Way::Reduce => brought.sum = engine.reduce(kernel, &Sum)?,
            Way::Collect => {
                let list = engine.collect(kernel)?;
                brought.list = list
                    .iter()
                    .map(|(i, row)| (*i, row.value.to_bits()))
                    .collect();
            }
        }
        Ok(brought)
    }

    /// Reduces the toy's rows. Collective.
    pub(super) fn reduce<R: Reduce<Row>>(&self, run: &Run<'_>, reduce: &R) -> Result<R::Acc> {
        let engine = self.engine(run);
        if self.flaw == Some(Flaw::MergesLate) {
            let late = MergesLate(reduce);
            return engine.reduce(run.toy, &late).map(|blocks| late.end(blocks));
        }
        engine.reduce(run.toy, reduce)
    }

    /// Streams what `feed` brings through the toy. Collective.
    pub(super) fn stream<F: Feed<Read>>(
        &self,
        run: &Run<'_>,
        feed: Option<&mut F>,
        sink: &mut dyn Sink<Row>,
    ) -> Result<Report> {
        let mut feed = feed.map(|feed| FaultyFeed::new(feed, self.flaw));
        let feed = feed.as_mut().map(|feed| feed as &mut dyn Feed<Read>);
        let mut sink = FaultySink::new(sink, self.flaw);
        self.engine(run).stream(run.toy, feed, &mut sink)
    }

    /// Streams what `feed` brings through the toy; `handler` handles its notices. Collective.
    pub(super) fn stream_with_notices<F: Feed<Read>>(
        &self,
        run: &Run<'_>,
        feed: Option<&mut F>,
        handler: &mut dyn NoticeHandler,
        sink: &mut dyn Sink<Row>,
    ) -> Result<Report> {
        let mut feed = feed.map(|feed| FaultyFeed::new(feed, self.flaw));
        let feed = feed.as_mut().map(|feed| feed as &mut dyn Feed<Read>);
        let engine = self.engine(run);
        engine.stream_with_notices(run.toy, feed, handler, sink)
    }

    /// What the names of blocks begin with where they are claimed: the same on every rank.
    pub(super) fn claims_prefix(&self) -> String {
        match self.flaw {
            Some(Flaw::NamesByRank) => format!("rank-{}-block-", self.rank()),
            _ => "block-".to_owned(),
        }
    }

    fn engine<'e>(&'e self, run: &'e Run<'_>) -> Engine<'e, B> {
        let (mut job, mut width) = (run.plan.job(), run.plan.width);
        match self.flaw {
            Some(Flaw::WrongJob) => {
                job = Job::new((job.index() + 1) % job.count(), job.count()).unwrap_or(job);
            }
            Some(Flaw::WidthByRanks) => width += self.size() - 1,
            _ => {}
        }
        let engine = Engine::new(self.backend);
        let engine = match self.flaw {
            Some(Flaw::IgnoresCancel) => engine,
            _ => engine.cancel(&run.cancel),
        };
        let engine = match self.flaw {
            Some(Flaw::DealsByLoad) => engine,
            _ => engine.dealing(run.dealing),
        };
        engine
            .job(job)
            .layout(run.plan.layout)
            .division(run.plan.division)
            .block(width)
            .on_error(run.on_error)
            .checkpoint(run.checkpoint)
    }

    /// Every rank's `mine`, by rank, on every rank. Collective.
    pub(super) fn gathered<T: Wire>(&self, mine: T) -> Result<Vec<T>, String> {
        if self.size() == 1 {
            return Ok(vec![mine]);
        }
        let all = self.comm().all_gather(&mine);
        all.map_err(|error| format!("gathering what the ranks saw: {error}"))
    }

    /// The largest number that a rank has, on every rank. Collective.
    pub(super) fn most_of_all(&self, mine: usize) -> Result<usize, String> {
        Ok(self.gathered(mine)?.into_iter().max().unwrap_or(mine))
    }

    /// All ranks' rows together, sorted. Collective.
    pub(super) fn all_rows(&self, mine: Vec<(usize, u64)>) -> Result<Vec<(usize, u64)>, String> {
        let mut rows = self.gathered(mine)?.concat();
        rows.sort_unstable();
        Ok(rows)
    }

    /// Whether `holds` on every rank, with the complaint of the lowest rank where it does not.
    /// Collective.
    pub(super) fn on_every_rank(&self, holds: bool, otherwise: impl FnOnce() -> String) -> Verdict {
        let complaints = self.gathered((!holds).then(otherwise))?;
        let lowest = complaints
            .into_iter()
            .enumerate()
            .find_map(|(rank, c)| Some((rank, c?)));
        lowest.map_or(Ok(()), |(rank, complaint)| {
            Err(format!("rank {rank}: {complaint}"))
        })
    }

    /// The sum over all ranks of `mine`. Collective.
    pub(super) fn total(&self, mine: usize) -> Result<usize, String> {
        Ok(self.gathered(mine)?.into_iter().sum())
    }

    /// How the run ended on each rank, on every rank. Collective.
    pub(super) fn ends<T>(&self, mine: &Result<T>) -> Result<Vec<End>, String> {
        self.gathered(End::of(mine))
    }

    /// Whether the run ended well on every rank. Collective.
    ///
    /// # Errors
    /// `what` and the ends, when it did not.
    pub(super) fn fine<T>(&self, mine: Result<T>, what: &str) -> Result<T, String> {
        let ends = self.ends(&mine)?;
        match mine {
            Ok(brought) if ends.iter().all(|end| *end == End::Fine) => Ok(brought),
            _ => Err(format!("{what}: {ends:?}")),
        }
    }
}

/// How a run ended on one rank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    Fine,
    Cancelled,
    Item(usize, String),
    Peer(usize, String),
    Other(String),
}

impl End {
    /// Whether it is a failure that says `text`.
    pub(super) fn tells(&self, text: &str) -> bool {
        match self {
            End::Fine | End::Cancelled => false,
            End::Item(_, cause) | End::Peer(_, cause) | End::Other(cause) => cause.contains(text),
        }
    }

    fn of<T>(outcome: &Result<T>) -> End {
        match outcome {
            Ok(_) => End::Fine,
            Err(Error::Cancelled) => End::Cancelled,
            Err(Error::Item { index, cause }) => End::Item(*index, cause.to_string()),
            Err(Error::Peer { rank, cause }) => End::Peer(*rank, cause.clone()),
            Err(other) => End::Other(other.to_string()),
        }
    }
}

impl Wire for End {
    fn put(&self, out: &mut Vec<u8>) {
        let (kind, number, text) = match self {
            End::Fine => (0u8, 0, String::new()),
            End::Cancelled => (1, 0, String::new()),
            End::Item(index, text) => (2, *index, text.clone()),
            End::Peer(rank, text) => (3, *rank, text.clone()),
            End::Other(text) => (4, 0, text.clone()),
        };
        (kind, number, text).put(out);
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        let (kind, number, text) = <(u8, usize, String)>::take(input)?;
        Ok(match kind {
            0 => End::Fine,
            1 => End::Cancelled,
            2 => End::Item(number, text),
            3 => End::Peer(number, text),
            _ => End::Other(text),
        })
    }
}
