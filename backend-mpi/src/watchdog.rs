//! Notices that a peer, or `mpirun`, is gone.
//!
//! A thread on each rank sends its right neighbour a sign of life every second and expects one from
//! its left neighbour. It runs beside the rank's work, so a rank that computes for an hour is alive
//! and a rank whose process is stopped, whose machine hangs or whose network is cut is not. Between
//! its looks it serves the other ranks' one-sided operations on this one.

use std::os::unix::process::parent_id;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use jobwise_core::{Error, Result};

use crate::abort::abort;
use crate::link::Link;
use crate::progress;

/// How patient ranks are with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watchdog {
    /// After this time without a sign of life from a neighbour, the job ends.
    pub patience: Duration,
}

impl Default for Watchdog {
    /// 30 s.
    fn default() -> Self {
        Watchdog {
            patience: Duration::from_secs(30),
        }
    }
}

/// The exit status of a job whose peer was lost.
const LOST: i32 = 70;

const TAG: i32 = 0;
const ALIVE: u8 = 0;
const GOODBYE: u8 = 1;

/// A watchdog at work.
pub(crate) struct Watching {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Watching {
    /// Ends the watch; all ranks do so together. A neighbour that has ended its own is not taken
    /// for lost.
    pub(crate) fn stop(self) {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.thread().unpark();
        // A watchdog that panicked has aborted the job already.
        let _ = self.thread.join();
    }
}

impl Watchdog {
    pub(crate) fn start(self, link: Link) -> Result<Watching> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = thread::Builder::new()
            .name("watchdog".into())
            .spawn(move || {
                let _serves = progress::served_here();
                if let Err(error) = watch(&link, self.patience, &stopped) {
                    let rank = link.rank();
                    eprintln!("rank {rank}: the watchdog ends the job: {error}");
                    abort(LOST);
                }
            })
            .map_err(|e| Error::Backend(format!("cannot start the watchdog: {e}").into()))?;
        Ok(Watching { stop, thread })
    }
}

/// Returns when stopped and the left neighbour has said goodbye; an error when something is lost.
fn watch(link: &Link, patience: Duration, stop: &AtomicBool) -> Result<()> {
    let rhythm = (patience / 8).min(Duration::from_secs(1));
    let look = (rhythm / 4).min(Duration::from_millis(50));
    let (rank, size) = (link.rank(), link.size());
    let (left, right) = ((rank + size - 1) % size, (rank + 1) % size);
    let launcher = parent_id();
    let (mut heard, mut sent) = (Instant::now(), None::<Instant>);
    let (mut said_goodbye, mut heard_goodbye) = (false, false);
    while !(said_goodbye && heard_goodbye && link.unsent()? == 0) {
        if !said_goodbye && stop.load(Ordering::SeqCst) {
            link.send(right, TAG, vec![GOODBYE])?;
            said_goodbye = true;
        }
        // A neighbour that takes nothing is not sent more: it would only pile up here.
        let due = sent.is_none_or(|at| at.elapsed() >= rhythm);
        if !said_goodbye && due && link.unsent()? < 4 {
            link.send(right, TAG, vec![ALIVE])?;
            sent = Some(Instant::now());
        }
        while let Some((_, sign)) = link.take(Some(left), TAG)? {
            heard = Instant::now();
            heard_goodbye |= sign == [GOODBYE];
        }
        if !heard_goodbye && heard.elapsed() > patience {
            return Err(Error::Backend(
                format!(
                    "no sign of life from rank {left} for {} s",
                    patience.as_secs_f32()
                )
                .into(),
            ));
        }
        if parent_id() != launcher {
            return Err(Error::Backend("mpirun is gone".into()));
        }
        progress::pause(look, || link.progress())?;
    }
    Ok(())
}
