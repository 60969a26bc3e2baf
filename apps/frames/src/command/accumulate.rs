use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use jobwise_core::{Backend, Cancel, Cpu, Error};
use jobwise_frames::accumulate::{Accumulated, Accumulator, Entry, Json, Metadata, What, find};
use jobwise_frames::distributor::{
    Assignment, Distributed, Distribution, Files, Key, NoOutput, Watch, Worker, distribute,
};
use jobwise_frames::frame::Frame;
use jobwise_frames::object::Time;
use jobwise_frames::pipeline::Pipeline;
use jobwise_frames::program::{DistributingFlags, FileFlags, plan, refuse_jobs};
use jobwise_kit::{Bar, Choice, Failure, Program, RunFlags, atomic, is_launched, signals};
use serde_json::{Map, Value, json};

use super::failed;

/// Bring together what is found in each data frame, and what each rank saw
///
/// Writes {ranks, n_io, seconds, seen, ladder, fullobs} as JSON: by rank, the frames that its
/// pipeline saw; for each data frame, in the order of the files, the ranks that read and computed
/// it; and by observation, for each scan, what it is sorted by, its start, the rank that has it,
/// and its data. Further threads of a rank are called RANK.THREAD
#[derive(Args, Debug)]
pub(crate) struct Flags {
    #[command(flatten)]
    files: FileFlags,
    /// What is found: the sum of each timestream of a map, or 1
    #[arg(long, value_name = "sum:NAME|count")]
    extract: What,
    /// The object by which frames are sorted: a number, a time or a text
    #[arg(long, value_name = "NAME")]
    sort: String,
    /// The file that is written
    #[arg(short, long, value_name = "OUT.json")]
    output: PathBuf,
    #[command(flatten)]
    distributing: DistributingFlags,
    #[command(flatten)]
    run: RunFlags,
}

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let mut run = flags.run.clone();
    if is_launched() && run.threads.is_none() {
        // A rank is one pipeline, as users of mpirun expect.
        run.threads = Some(1);
    }
    refuse_jobs(&run)?;
    let choice = Choice::new(&run, "jobwise-frames")?;
    let distribution = flags
        .distributing
        .distribution(flags.files.files()?, Assignment::Dynamic);
    if run.dry_run {
        return jobwise_kit::print(&plan(&distribution));
    }
    let cancel = signals::cancel_on_signals().map_err(failed)?;
    choice.run(Accumulate {
        flags,
        distribution,
        cancel,
    })?;
    Ok(())
}

struct Accumulate<'f> {
    flags: &'f Flags,
    distribution: Distribution,
    cancel: Cancel,
}

impl Program for Accumulate<'_> {
    type Output = ();

    fn run<B: Backend<Device = Cpu>>(self, backend: &B) -> jobwise_core::Result<()> {
        let begun = Instant::now();
        let comm = backend.comm();
        let accumulator = Accumulator::new();
        let data = self.distribution.data.clone();
        let make = |_| {
            let (what, sort) = (self.flags.extract.clone(), self.flags.sort.clone());
            let data = data.clone();
            let module = accumulator.module(find(what, sort, move |kind| data.contains(&kind)));
            Ok(Seeing::new(
                module,
                self.flags.sort.clone(),
                &self.distribution,
            ))
        };
        let bar = Bar::new("frames", self.flags.run.progress, comm);
        let watch = Watch {
            cancel: &self.cancel,
            observer: &bar,
        };
        let distributed = distribute(
            backend,
            &self.distribution,
            Some(watch),
            make,
            &mut NoOutput,
        );
        bar.finish();
        let Distributed {
            workers, readers, ..
        } = distributed?;
        let seen: Vec<Lane> = workers.into_iter().map(Seeing::into_seen).collect();
        let seen = comm.gather_values(&seen)?;
        let mut all = accumulator.gather(comm, &self.distribution.files)?;
        all.sort_by(|(one, _), (other, _)| one.compare(other));
        // All data go to rank 0, which writes them.
        let owners: Vec<Vec<usize>> = owners(&all);
        let all = all.redistribute(comm, |_, _| 0)?;
        comm.agree(match seen {
            Some(seen) => {
                let document = json!({
                    "ranks": comm.size(),
                    "n_io": readers,
                    "seconds": begun.elapsed().as_secs_f64(),
                    "ladder": ladder(&seen, &self.distribution.files, readers),
                    "seen": seen_by_rank(seen),
                    "fullobs": observations(&all, &owners),
                });
                let written = atomic::write(&self.flags.output, format!("{document:#}\n"));
                written.map_err(|error| Error::Program(error.into()))
            }
            None => Ok(()),
        })
    }
}

fn owners<M, D>(all: &Accumulated<M, D>) -> Vec<Vec<usize>> {
    let of_group = |group: &jobwise_frames::accumulate::Group<M>| {
        group.entries.iter().map(|entry| entry.owner).collect()
    };
    all.groups().iter().map(of_group).collect()
}

/// What a pipeline saw, and the indices of the data frames ([`Key::index`]) that it computed.
type Lane = (Vec<String>, Vec<usize>);

/// What a pipeline is called.
fn lane_name(rank: usize, lane: usize) -> String {
    match lane {
        0 => rank.to_string(),
        lane => format!("{rank}.{lane}"),
    }
}

/// The reader and the pipeline of each data frame, in the order of the files.
fn ladder(ranks: &[Vec<Lane>], files: &Files, readers: usize) -> Value {
    let mut rungs = Vec::new();
    for (rank, lanes) in ranks.iter().enumerate() {
        for (lane, (_, frames)) in lanes.iter().enumerate() {
            rungs.extend(frames.iter().map(|&index| (index, rank, lane)));
        }
    }
    rungs.sort_unstable();
    let rung = |(index, rank, lane)| {
        let reader = files.reader(Key::from_index(index), readers);
        json!([reader, lane_name(rank, lane)])
    };
    rungs.into_iter().map(rung).collect()
}

fn seen_by_rank(ranks: Vec<Vec<Lane>>) -> Map<String, Value> {
    let mut seen = Map::new();
    for (rank, lanes) in ranks.into_iter().enumerate() {
        if lanes.is_empty() {
            // It reads.
            seen.insert(rank.to_string(), json!([]));
        }
        for (lane, (words, _)) in lanes.into_iter().enumerate() {
            seen.insert(lane_name(rank, lane), json!(words));
        }
    }
    seen
}

fn observations(all: &Accumulated<Metadata, Json>, owners: &[Vec<usize>]) -> Map<String, Value> {
    let mut observations = Map::new();
    for (at, group) in all.groups().iter().enumerate() {
        let entry = |(number, entry): (usize, &Entry<Metadata>)| {
            let (sort, start) = &entry.metadata;
            json!({
                "meta": [sort.to_json(), start],
                "owner": owners[at][number],
                "data": all.data(at, number).map(|Json(data)| data),
            })
        };
        let entries = group.entries.iter().enumerate().map(entry);
        observations.insert(group.name.clone(), entries.collect());
    }
    observations
}

/// A pipeline that knows what went through it.
struct Seeing<'p> {
    pipeline: Pipeline<'p>,
    seen: std::sync::Arc<std::sync::Mutex<Vec<String>>>,
    computed: Vec<usize>,
}

impl<'p> Seeing<'p> {
    fn new(
        module: Box<dyn jobwise_frames::pipeline::Module + 'p>,
        sort: String,
        distribution: &Distribution,
    ) -> Seeing<'p> {
        let seen = std::sync::Arc::<std::sync::Mutex<Vec<String>>>::default();
        let noted = seen.clone();
        let data = distribution.data.clone();
        let note = move |frame: &mut Frame| {
            let word = if data.contains(&frame.kind()) {
                format!("{}{}", frame.kind(), label(frame, &sort))
            } else {
                let kind = frame.kind();
                kind.name().map_or_else(|| kind.to_string(), str::to_owned)
            };
            noted
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .push(word);
        };
        let pipeline = Pipeline::new().add("accumulate", module).add("seen", note);
        Seeing {
            pipeline,
            seen,
            computed: Vec::new(),
        }
    }

    fn into_seen(self) -> Lane {
        let mut seen = self
            .seen
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        (std::mem::take(&mut seen), self.computed)
    }
}

/// What a frame is sorted by, where it is a number; a time is one too.
fn label(frame: &Frame, sort: &str) -> String {
    let number = frame.get_as::<i64>(sort).ok().copied();
    let time = || frame.get_as::<Time>(sort).ok().map(|time| time.0);
    number
        .or_else(time)
        .map(|number| number.to_string())
        .unwrap_or_default()
}

impl Worker for Seeing<'_> {
    type Output = ();

    fn metadata(&mut self, key: Key, frame: Frame) -> Result<(), jobwise_core::Cause> {
        self.pipeline.metadata(key, frame)
    }

    fn data(&mut self, key: Key, frame: Frame) -> Result<(), jobwise_core::Cause> {
        self.computed.push(key.index()?);
        self.pipeline.data(key, frame)
    }

    fn end(&mut self) -> Result<(), jobwise_core::Cause> {
        Worker::end(&mut self.pipeline)
    }
}
