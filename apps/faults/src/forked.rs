//! A function in a child process, which may crash, hang, or take too much memory.

use std::time::{Duration, Instant};

/// How a child ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The function returned.
    Returned,
    /// It panicked.
    Panicked,
    /// A signal ended it.
    Died {
        /// The signal's number.
        signal: i32,
    },
    /// It was still at work when its time was over.
    Hung,
}

/// Runs `body` in a child process with at most `memory` bytes of address space, for at most `limit`.
///
/// Only the calling thread goes on in the child: no other thread of this process may hold a lock that `body` takes.
///
/// # Panics
/// No child can be made.
pub fn run(limit: Duration, memory: u64, body: impl FnOnce()) -> Outcome {
    // SAFETY: the child goes on as a copy of this thread alone, and ends below, whatever `body` does; the caller keeps
    // locks free.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "no child can be made");
    if child == 0 {
        let most = libc::rlimit {
            rlim_cur: memory,
            rlim_max: memory,
        };
        // SAFETY: the structure lives until the call returns.
        unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const most) };
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
        // SAFETY: ends the process without running what belongs to the parent.
        unsafe { libc::_exit(if ended.is_ok() { 0 } else { 101 }) };
    }
    waited(child, limit)
}

fn waited(child: libc::pid_t, limit: Duration) -> Outcome {
    let begun = Instant::now();
    let mut status = 0;
    loop {
        // SAFETY: `child` is a child of this process that was not waited for; `status` lives.
        let ended = unsafe { libc::waitpid(child, &raw mut status, libc::WNOHANG) };
        if ended == child {
            break;
        }
        if begun.elapsed() > limit {
            // SAFETY: as above; the child is ours.
            unsafe {
                libc::kill(child, libc::SIGKILL);
                libc::waitpid(child, &raw mut status, 0);
            }
            return Outcome::Hung;
        }
        std::thread::sleep(Duration::from_micros(if begun.elapsed().as_millis() < 5 {
            50
        } else {
            1000
        }));
    }
    if libc::WIFSIGNALED(status) {
        return Outcome::Died {
            signal: libc::WTERMSIG(status),
        };
    }
    match libc::WEXITSTATUS(status) {
        0 => Outcome::Returned,
        _ => Outcome::Panicked,
    }
}
