//! Operations of other nodes on the words of a rank that computes.
//!
//! Across nodes most networks carry out an operation on a rank's memory while that rank is in a
//! call of MPI, not before: an addition would take as long as the owner's computation. So while
//! this rank owns words that other nodes use, its watchdog calls MPI all the time, with short
//! pauses; and it answers what they ask for by messages.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use jobwise_core::Result;

/// Between two calls.
const PAUSE: Duration = Duration::from_micros(150);

/// How many windows and services of this process are served; there is one MPI in a process.
static SERVED: AtomicUsize = AtomicUsize::new(0);
static SERVICES: Mutex<Vec<Arc<dyn Service>>> = Mutex::new(Vec::new());
static SERVER: Mutex<Option<Thread>> = Mutex::new(None);

/// What the serving thread does for other ranks besides calling MPI.
pub(crate) trait Service: Send + Sync {
    /// Answers what others have asked, and says whether there was anything.
    ///
    /// # Errors
    /// They end the job.
    fn serve(&self) -> Result<bool>;
}

/// While it lives, the words that this rank owns are served.
pub(crate) struct Served(Option<Arc<dyn Service>>);

impl Served {
    /// By calls of MPI.
    pub(crate) fn begin() -> Served {
        Self::wake(None)
    }

    /// By this service. Once it is dropped, the serving thread does not use the service any more.
    pub(crate) fn by(service: Arc<dyn Service>) -> Served {
        locked(&SERVICES).push(service.clone());
        Self::wake(Some(service))
    }

    fn wake(service: Option<Arc<dyn Service>>) -> Served {
        SERVED.fetch_add(1, Ordering::SeqCst);
        if let Some(server) = &*locked(&SERVER) {
            server.unpark();
        }
        Served(service)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        SERVED.fetch_sub(1, Ordering::SeqCst);
        if let Some(service) = &self.0 {
            locked(&SERVICES).retain(|other| !Arc::ptr_eq(other, service));
        }
    }
}

/// What a thread left that panicked is whole: no change here takes two steps.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// While it lives, this thread is the one that serves.
pub(crate) struct Server(());

/// This thread serves: it calls [`pause`] again and again.
pub(crate) fn served_here() -> Server {
    // Pauses end when they should, not up to 50 us later.
    // SAFETY: a number for this thread alone.
    unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, 1_000) };
    *locked(&SERVER) = Some(thread::current());
    Server(())
}

impl Drop for Server {
    fn drop(&mut self) {
        *locked(&SERVER) = None;
    }
}

/// Returns after this time, or when this thread is unparked; calls `progress` all the while if
/// words are served here.
pub(crate) fn pause(time: Duration, mut progress: impl FnMut() -> Result<()>) -> Result<()> {
    if SERVED.load(Ordering::SeqCst) == 0 {
        thread::park_timeout(time);
    }
    let start = Instant::now();
    while SERVED.load(Ordering::SeqCst) > 0 && start.elapsed() < time {
        progress()?;
        let mut asked = false;
        for service in &*locked(&SERVICES) {
            asked |= service.serve()?;
        }
        // Who has asked once often asks again.
        if !asked {
            thread::sleep(PAUSE);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn progress_is_made_while_words_are_served_and_begins_at_once() {
        let (calls, long) = (AtomicUsize::new(0), Duration::from_secs(100));
        let count = || {
            calls.fetch_add(1, Ordering::SeqCst);
            Ok(())
        };
        let (says, said) = mpsc::channel();
        let start = Instant::now();
        thread::scope(|scope| {
            let server = scope.spawn(move || {
                let _server = served_here();
                says.send("ready").unwrap();
                pause(long, count).unwrap();
                says.send("served").unwrap();
                pause(long, count).unwrap();
            });
            assert_eq!(said.recv(), Ok("ready"));
            thread::sleep(Duration::from_millis(5));
            assert_eq!(calls.load(Ordering::SeqCst), 0);
            let served = Served::begin();
            while calls.load(Ordering::SeqCst) < 10 {
                thread::yield_now();
            }
            // It ends before its time when nobody is served any more.
            drop(served);
            assert_eq!(said.recv(), Ok("served"));
            server.thread().unpark();
            server.join().unwrap();
        });
        assert!(start.elapsed() < long / 2);
    }
}
