//! What it costs to share memory and words across the ranks of `mpirun`.
//!
//! `mpirun -n 2 mpi_shared`: prints, on the first rank, how long an update of a region takes beside
//! a plain copy of the same bytes, how many claims of a counter the ranks make in a second, how
//! long an addition to a word of the first rank takes for the last, while the first waits in MPI
//! and while it computes, and what serving it costs the first. Medians, the least and the greatest.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use jobwise_core::{Cluster, Comm, Error, Result};
use jobwise_mpi::{MpiComm, Watchdog};

fn main() -> ExitCode {
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mpi_shared: {error}");
            jobwise_mpi::abort(1)
        }
    }
}

fn measure() -> Result<()> {
    let comm = MpiComm::world(Watchdog::default())?;
    let say = |line: String| {
        if comm.rank() == 0 {
            println!(
                "{} ranks on {} nodes: {line}",
                comm.size(),
                comm.nodes().count()
            );
        }
    };
    for bytes in [8, 4 << 10, 64 << 10, 1 << 20, 16 << 20, 64 << 20] {
        let (update, copy) = updates(&comm, bytes)?;
        say(format!("update of {bytes} bytes {update}, copy {copy}"));
    }
    say(format!("a region made and dropped {}", creations(&comm)?));
    say(format!("claims {}", claims(&comm)?));
    say(format!(
        "owner's processor, no words to serve: {}",
        served(&comm, 0)?
    ));
    say(format!(
        "owner's processor, words to serve: {}",
        served(&comm, 8)?
    ));
    for busy in [false, true] {
        let owner = if busy { "computes" } else { "waits" };
        say(format!(
            "last rank adds while the owner {owner}: {}",
            far(&comm, busy)?
        ));
    }
    Ok(())
}

/// Median, least and greatest of so many seconds, in microseconds.
fn spread(mut seconds: Vec<f64>) -> String {
    seconds.sort_by(f64::total_cmp);
    let [least, median, greatest] =
        [0, seconds.len() / 2, seconds.len() - 1].map(|at| seconds[at] * 1e6);
    format!("{median:.2} ({least:.2} to {greatest:.2}) us")
}

/// An update by the first rank of each node, and a copy of the same bytes to memory of one rank.
/// Each of the runs is of many updates where they are short.
fn updates(comm: &MpiComm, bytes: usize) -> Result<(String, String)> {
    let leader = comm.nodes().leader(comm.nodes().of(comm.rank())) == comm.rank();
    let source = vec![7u8; bytes];
    let mut region = comm.region(bytes)?;
    let mut target = vec![0u8; bytes];
    let times = ((64 << 20) / bytes.max(4096)).clamp(1, 1000);
    let (mut update, mut copy) = (Vec::new(), Vec::new());
    let mut write = |to: &mut [u8]| {
        to.copy_from_slice(black_box(&source));
        Ok(())
    };
    for run in 0..12 {
        (comm as &dyn Comm).barrier()?;
        let start = Instant::now();
        for _ in 0..times {
            region.update(leader.then_some(&mut write))?;
        }
        let took = start.elapsed().as_secs_f64() / times as f64;
        (comm as &dyn Comm).barrier()?;
        let start = Instant::now();
        for _ in 0..times {
            if leader {
                black_box(&mut target).copy_from_slice(black_box(&source));
            }
        }
        let copied = start.elapsed().as_secs_f64() / times as f64;
        // The first run touches the memory.
        if run > 0 {
            update.push(took);
            copy.push(copied);
        }
    }
    Ok((spread(update), spread(copy)))
}

fn creations(comm: &MpiComm) -> Result<String> {
    let seconds = (0..200).map(|_| {
        let start = Instant::now();
        drop(comm.region(1000)?);
        Ok(start.elapsed().as_secs_f64())
    });
    Ok(spread(seconds.collect::<Result<_>>()?))
}

/// All ranks claim one by one for a while.
fn claims(comm: &MpiComm) -> Result<String> {
    let mut rates = Vec::new();
    for _ in 0..5 {
        let counter = comm.counter()?;
        (comm as &dyn Comm).barrier()?;
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(300) {
            for _ in 0..100 {
                counter.fetch_add(1)?;
            }
        }
        (comm as &dyn Comm).barrier()?;
        rates.push(counter.fetch_add(0)? as f64 / start.elapsed().as_secs_f64());
        (comm as &dyn Comm).barrier()?;
    }
    rates.sort_by(f64::total_cmp);
    Ok(format!(
        "{:.3} million per second",
        rates[rates.len() / 2] / 1e6
    ))
}

/// The share of a processor that the first rank takes while all sleep.
fn served(comm: &MpiComm, words: usize) -> Result<String> {
    let _words = (words > 0).then(|| comm.words(words)).transpose()?;
    (comm as &dyn Comm).barrier()?;
    let before = processor_seconds()?;
    std::thread::sleep(Duration::from_secs(2));
    let share = (processor_seconds()? - before) / 2.0;
    (comm as &dyn Comm).barrier()?;
    Ok(format!("{:.1} %", share * 100.0))
}

/// User and system time of this process so far.
fn processor_seconds() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").map_err(|e| Error::Program(e.into()))?;
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks: Vec<f64> = after_name
        .split_ascii_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|ticks| ticks.parse().ok())
        .collect();
    Ok(ticks.iter().sum::<f64>() / 100.0)
}

/// Additions by the last rank to a word of the first, while that one waits in a barrier or computes
/// for 4 s.
fn far(comm: &MpiComm, busy: bool) -> Result<String> {
    let words = comm.words(1)?;
    (comm as &dyn Comm).barrier()?;
    let (start, long) = (Instant::now(), Duration::from_secs(4));
    let mut seconds = Vec::new();
    if comm.rank() + 1 == comm.size() {
        while start.elapsed() + Duration::from_millis(500) < long {
            let start = Instant::now();
            words.add(0, 1)?;
            seconds.push(start.elapsed().as_secs_f64());
        }
    } else if comm.rank() == 0 && busy {
        let mut value = 1u64;
        while start.elapsed() < long {
            value = black_box(
                value
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1),
            );
        }
    }
    let mut said = spread(if seconds.is_empty() {
        vec![0.0]
    } else {
        seconds
    })
    .into_bytes();
    (comm as &dyn Comm).broadcast(comm.size() - 1, &mut said)?;
    Ok(String::from_utf8_lossy(&said).into_owned())
}
