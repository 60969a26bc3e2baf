//! Ranks that read, and pipelines on ranks and threads that compute.
//!
//! Of several ranks the first `n_io` read, and the others compute: a data frame (of type Scan or
//! Timepoint) goes to one of them, all other frames to all. A rank alone does both. On every rank
//! that computes each lane has a [`Worker`] of its own, a [`Pipeline`](crate::pipeline::Pipeline)
//! for example. See `docs/decisions/0036`.

mod feed;
mod files;
mod handler;
mod key;
mod lanes;
mod message;
mod sequence;
mod steps;
mod store;
#[cfg(test)]
mod tests;
mod worker;

pub use files::{Block, Files, Malformed};
pub use key::{Key, TooMany};
pub use worker::{NoOutput, Worker};

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;

use jobwise_core::{
    Backend, Cancel, Cause, Cluster, Comm, Cpu, Dealing, Engine, Error, Feed, Observer, Report,
    Result, Sink, read_ahead,
};

use crate::frame::FrameType;
use crate::input::{self, Tally};
use feed::FileFeed;
use handler::MetadataHandler;
use lanes::{Lanes, Outputs};
use message::DataFrame;
use store::MetadataStore;

/// Which metadata a worker sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// All workers see all metadata in the same order, and each data frame behind exactly those
    /// that precede it. Files that are read side by side must have the same.
    #[default]
    Strict,
    /// A worker sees, in front of a data frame, the newest metadata of each type that precede it in
    /// what its reader read, where they differ from the last that this worker saw.
    Relaxed,
}

/// Which rank gets a data frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Assignment {
    /// The one with the fewest.
    #[default]
    Dynamic,
    /// The same in every run with as many ranks that compute, by the place of the frame.
    Deterministic,
}

/// Frames of files, to be distributed.
#[derive(Clone, Debug)]
pub struct Distribution {
    /// The files.
    pub files: Files,
    /// How they are read.
    pub input: input::Options,
    /// How many ranks read; by default an eighth of them, but no more than there are files at once,
    /// and at least one.
    pub n_io: Option<usize>,
    /// Which metadata a worker sees.
    pub mode: Mode,
    /// Which rank gets a data frame.
    pub assignment: Assignment,
    /// The types of data frames.
    pub data: BTreeSet<FrameType>,
    /// How many data frames a reader brings in a second, at most.
    pub pace: Option<f64>,
}

impl Distribution {
    /// Of these files, as is usual.
    pub fn new(files: Files) -> Distribution {
        Distribution {
            files,
            input: input::Options::default(),
            n_io: None,
            mode: Mode::default(),
            assignment: Assignment::default(),
            data: [FrameType::SCAN, FrameType::TIMEPOINT].into(),
            pace: None,
        }
    }

    /// How many of `ranks` read.
    ///
    /// # Errors
    /// When none of them would compute, or none would read.
    pub fn readers(&self, ranks: usize) -> Result<usize, String> {
        let usual = (ranks / 8).clamp(1, self.files.width().max(1));
        match self.n_io.unwrap_or(usual) {
            0 => Err("0 ranks cannot read; at least one is needed".into()),
            // It reads and computes.
            _ if ranks == 1 => Ok(1),
            n_io if n_io >= ranks => Err(format!(
                "{n_io} ranks of {ranks} are to read, and none is left to compute; at most {} can",
                ranks - 1
            )),
            n_io => Ok(n_io),
        }
    }
}

/// What came of a distribution, on this rank.
#[derive(Debug)]
pub struct Distributed<W> {
    /// The workers of this rank, a lane each; none on ranks that read.
    pub workers: Vec<W>,
    /// What all ranks did.
    pub report: Report,
    /// How many ranks read.
    pub readers: usize,
    /// What this rank read.
    pub tally: Tally,
}

/// Who watches a run and who ends it.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Ends the run early.
    pub cancel: &'a Cancel,
    /// Is told how far it is.
    pub observer: &'a dyn Observer,
}

impl std::fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch")
            .field("cancel", &self.cancel)
            .finish_non_exhaustive()
    }
}

/// How many frames a thread reads ahead of what is asked for.
const AHEAD: usize = 16;

/// Gives frames to workers, one for each lane of the ranks that compute, which `make` makes from
/// the number of the lane; outputs go to `sink` on the rank that computed them, in any order.
/// Collective: all ranks ask for the same. Workers [end](Worker::end) when all ranks have computed
/// all frames; after an error none does.
///
/// # Errors
/// On every rank: when a file is missing or damaged, files that are read side by side have other
/// metadata, a worker or a sink fails or the run is cancelled, with the first cause.
pub fn distribute<B: Backend<Device = Cpu>, W: Worker>(
    backend: &B,
    distribution: &Distribution,
    watch: Option<Watch<'_>>,
    make: impl Fn(usize) -> Result<W, Cause>,
    sink: &mut dyn Sink<W::Output>,
) -> Result<Distributed<W>> {
    let comm = backend.comm();
    let readers = comm.agree(begin(comm, distribution))?;
    let (reads, computes) = match comm.size() {
        1 => (true, true),
        _ => (comm.rank() < readers, comm.rank() >= readers),
    };
    let are_seen = see_the_same(backend.cluster(), &distribution.files)?;
    let lanes = if computes { backend.lanes() } else { 0 };
    let workers = (0..lanes).map(make).collect::<Result<Vec<W>, Cause>>();
    let workers = comm.agree(workers.map_err(Error::Program))?;
    let store = MetadataStore::default();
    let lanes = Lanes::new(&distribution.files, &store, workers);
    let mut handler = MetadataHandler {
        distribution,
        store: &store,
        lanes: &lanes,
        readers,
    };
    let mut engine = Engine::new(backend).dealing(match distribution.assignment {
        Assignment::Dynamic => Dealing::Fewest,
        Assignment::Deterministic => Dealing::By(Key::rank),
    });
    if let Some(watch) = watch {
        engine = engine.cancel(watch.cancel).observer(watch.observer);
    }
    let mut run = |feed: Option<&mut dyn Feed<DataFrame>>| {
        engine.stream_with_notices(&lanes, feed, &mut handler, &mut Outputs(sink))
    };
    let mut tally = Tally::default();
    let report = if reads {
        let mut files = FileFeed::new(distribution, comm.rank(), readers, are_seen);
        let report = read_ahead(&mut files, AHEAD, |feed| run(Some(feed)));
        tally = files.tally();
        report?
    } else {
        run(None)?
    };
    comm.agree(lanes.end().map_err(Error::Program))?;
    Ok(Distributed {
        workers: lanes.into_workers(),
        report,
        readers,
        tally,
    })
}

/// Whether all ranks of this node have the same file under the name of the first one: then they see
/// the same file system. Collective.
fn see_the_same(cluster: &dyn Cluster, files: &Files) -> Result<bool> {
    let first = files.iter().next().and_then(|file| fs::metadata(file).ok());
    let own = first.map(|found| (found.dev(), found.ino()));
    let all = (cluster as &dyn Comm).all_gather(&own)?;
    let nodes = cluster.nodes();
    let mut near = nodes.members(nodes.of(cluster.rank())).iter();
    Ok(own.is_some() && near.all(|&rank| all[rank] == own))
}

/// What can be known to fail before anything begins, looked at by one rank.
fn begin(comm: &dyn Comm, distribution: &Distribution) -> Result<usize> {
    let program = |text: String| Error::Program(text.into());
    let readers = distribution.readers(comm.size()).map_err(program)?;
    if comm.rank() == 0 {
        if distribution.files.iter().next().is_none() {
            return Err(program("the list of files is empty".into()));
        }
        for file in distribution.files.iter() {
            input::check(file).map_err(|error| Error::Program(error.into()))?;
        }
    }
    Ok(readers)
}
