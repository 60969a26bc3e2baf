//! What a change of a shared array and a section of a fair lock cost on the ranks of `mpirun`.
//!
//! `mpirun -n 2 mpi_array [largest]`: prints, on the first rank, how long `set` takes beside a
//! plain copy of the same bytes in the same run, up to 256 MiB or the largest number of bytes that
//! is given, and how long a section of a lock takes that nobody else wants and that all want,
//! beside an addition to a word. Medians, the least and the greatest.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use jobwise_core::{Cluster, Comm, Error, Result};
use jobwise_mpi::{MpiComm, Watchdog};
use jobwise_shared::{FairLock, Patch, SharedArray};
use ndarray::ArrayView1;

fn main() -> ExitCode {
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mpi_array: {error}");
            jobwise_mpi::abort(1)
        }
    }
}

fn measure() -> Result<()> {
    let comm = MpiComm::world(Watchdog::default())?;
    let largest = std::env::args().nth(1).map_or(Ok(256 << 20), |n| n.parse());
    let largest: usize =
        largest.map_err(|_| Error::Program("the largest number of bytes is a number".into()))?;
    let say = |line: String| {
        if comm.rank() == 0 {
            println!(
                "{} ranks on {} nodes: {line}",
                comm.size(),
                comm.nodes().count()
            );
        }
    };
    for bytes in [8, 4 << 10, 64 << 10, 1 << 20, 16 << 20, 256 << 20] {
        if bytes <= largest {
            let (set, copy) = sets(&comm, bytes)?;
            say(format!("set of {bytes} bytes {set}, copy {copy}"));
        }
    }
    say(format!("a lock made and dropped {}", creations(&comm)?));
    let (alone, addition) = alone(&comm)?;
    say(format!("a section alone {alone}, an addition {addition}"));
    say(format!("a section that all want {}", crowded(&comm)?));
    Ok(())
}

/// Median, least and greatest of so many seconds, in microseconds.
fn spread(mut seconds: Vec<f64>) -> String {
    seconds.sort_by(f64::total_cmp);
    let [least, median, greatest] =
        [0, seconds.len() / 2, seconds.len() - 1].map(|at| seconds[at] * 1e6);
    format!("{median:.3} ({least:.3} to {greatest:.3}) us")
}

/// Seconds of each of `times`, together.
fn each(times: usize, mut run: impl FnMut() -> Result<()>) -> Result<f64> {
    let start = Instant::now();
    for _ in 0..times {
        run()?;
    }
    Ok(start.elapsed().as_secs_f64() / times as f64)
}

/// Changes of all of an array by the first rank, and copies of the same bytes to memory of that
/// rank.
fn sets(comm: &MpiComm, bytes: usize) -> Result<(String, String)> {
    let source = vec![7u8; bytes];
    let mut array = SharedArray::<u8>::new(comm, &[bytes])?;
    let mut target = vec![0u8; bytes];
    let times = ((64 << 20) / bytes.max(4096)).clamp(1, 10_000);
    let (mut set, mut copy) = (Vec::new(), Vec::new());
    for run in 0..12 {
        (comm as &dyn Comm).barrier()?;
        let took = each(times, || {
            array.set(
                0,
                (comm.rank() == 0).then(|| Patch::new(ArrayView1::from(black_box(&source)))),
            )
        })?;
        (comm as &dyn Comm).barrier()?;
        let copied = each(times, || {
            if comm.rank() == 0 {
                black_box(&mut target).copy_from_slice(black_box(&source));
            }
            Ok(())
        })?;
        // The first run touches the memory.
        if run > 0 {
            set.push(took);
            copy.push(copied);
        }
    }
    Ok((spread(set), spread(copy)))
}

fn creations(comm: &MpiComm) -> Result<String> {
    let seconds = (0..100).map(|_| each(1, || FairLock::new(comm).map(drop)));
    Ok(spread(seconds.collect::<Result<_>>()?))
}

/// Sections of the last rank, and its additions to a word.
fn alone(comm: &MpiComm) -> Result<(String, String)> {
    let (lock, words) = (FairLock::new(comm)?, comm.words(1)?);
    let (mut sections, mut additions) = (vec![0.0], vec![0.0]);
    let times = if comm.nodes().count() == 1 {
        100_000
    } else {
        1000
    };
    if comm.rank() + 1 == comm.size() {
        for _ in 0..11 {
            sections.push(each(times, || lock.lock()?.unlock())?);
            additions.push(each(times, || words.add(0, 1).map(drop))?);
        }
        sections.remove(0);
        additions.remove(0);
    }
    let mut said = format!("{}\n{}", spread(sections), spread(additions)).into_bytes();
    (comm as &dyn Comm).broadcast(comm.size() - 1, &mut said)?;
    let said = String::from_utf8_lossy(&said).into_owned();
    Ok(said
        .split_once('\n')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap_or_default())
}

/// All ranks take the lock as often as they can for a while, which is long beside the time until
/// all have begun; per section of any rank.
fn crowded(comm: &MpiComm) -> Result<String> {
    let lock = FairLock::new(comm)?;
    let mut seconds = Vec::new();
    for _ in 0..9 {
        let sections = comm.words(1)?;
        (comm as &dyn Comm).barrier()?;
        let (start, mut own) = (Instant::now(), 0);
        while start.elapsed() < Duration::from_millis(500) {
            lock.lock()?.unlock()?;
            own += 1;
        }
        sections.add(0, own)?;
        (comm as &dyn Comm).barrier()?;
        seconds.push(start.elapsed().as_secs_f64() / sections.load(0)? as f64);
        (comm as &dyn Comm).barrier()?;
    }
    Ok(spread(seconds))
}
