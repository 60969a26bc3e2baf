//! Cases in child processes, which may crash, hang, or take too much memory.

use std::fs::File;
use std::io::Read;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::must::must;

/// Says that the process is one that [`alone`] made.
const ALONE: &str = "JOBWISE_ALONE";

/// Address space of a child: enough for every sound case.
const MEMORY: u64 = 4 << 30;

/// What cases came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// How many ran.
    pub cases: u64,
    /// Cases that a signal ended, with its number and what was said last.
    pub crashed: Vec<(u64, i32, String)>,
    /// Cases that panicked or ended the process.
    pub panicked: Vec<(u64, String)>,
    /// Cases that were still at work when their time was over.
    pub hung: Vec<u64>,
}

/// Runs `body` in a process of its own, in which no other test runs: `test` is the full name of the
/// calling test.
///
/// # Panics
/// `body` fails there.
pub fn alone(test: &str, body: impl FnOnce()) {
    if std::env::var_os(ALONE).is_some() {
        return body();
    }
    let program = must(Path::new(test), std::env::current_exe());
    let ended = Command::new(&program)
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(ALONE, "1")
        .output();
    let ended = must(&program, ended);
    let text = [ended.stdout, ended.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    eprintln!("{}", text.join("\n"));
    assert!(
        ended.status.success() && text[0].contains("1 passed"),
        "see above"
    );
}

/// Runs `body` for the cases `0..count`, each at most for `limit`, in children that go on where one
/// before ended.
///
/// Only the calling thread goes on in a child: no other thread of this process may hold a lock that
/// `body` takes ([`alone`]).
///
/// # Panics
/// No child can be made.
pub fn run(count: u64, limit: Duration, body: impl Fn(u64)) -> Outcomes {
    let shared = Shared::new();
    let mut outcomes = Outcomes::default();
    let mut next = 0;
    while next < count {
        shared.at.store(next, Ordering::SeqCst);
        let spoken = must(&std::env::temp_dir(), tempfile::tempfile());
        // SAFETY: the child goes on as a copy of this thread alone, and ends below, whatever `body`
        // does; the caller keeps locks free.
        let child = unsafe { libc::fork() };
        assert!(child >= 0, "no child can be made");
        if child == 0 {
            child_of(&spoken, || {
                for case in next..count {
                    shared.at.store(case, Ordering::SeqCst);
                    body(case);
                }
                shared.at.store(count, Ordering::SeqCst);
            });
        }
        let ended = waited(child, limit, &shared);
        let at = shared.at.load(Ordering::SeqCst);
        match ended {
            End::Hung => outcomes.hung.push(at),
            End::Signal(signal) => outcomes.crashed.push((at, signal, last_words(spoken))),
            End::Status(0) if at == count => {}
            End::Status(_) => outcomes.panicked.push((at, last_words(spoken))),
        }
        next = if at == count { count } else { at + 1 };
    }
    outcomes.cases = count;
    outcomes
}

/// A number that parent and child see.
struct Shared {
    at: &'static AtomicU64,
}

impl Shared {
    fn new() -> Shared {
        // SAFETY: a new page of memory, shared with children, which is never unmapped and holds
        // zeros: a valid number.
        let at = unsafe {
            let page = libc::mmap(
                std::ptr::null_mut(),
                4096,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_ANONYMOUS,
                -1,
                0,
            );
            assert!(page != libc::MAP_FAILED, "no shared memory");
            &*page.cast::<AtomicU64>()
        };
        Shared { at }
    }
}

fn child_of(spoken: &File, body: impl FnOnce()) -> ! {
    let most = libc::rlimit {
        rlim_cur: MEMORY,
        rlim_max: MEMORY,
    };
    let none = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the structures live until the calls return; the descriptors are open.
    unsafe {
        libc::setrlimit(libc::RLIMIT_AS, &raw const most);
        libc::setrlimit(libc::RLIMIT_CORE, &raw const none);
        libc::dup2(spoken.as_raw_fd(), 2);
    }
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
    // SAFETY: ends the process without running what belongs to the parent.
    unsafe { libc::_exit(if ended.is_ok() { 0 } else { 101 }) }
}

enum End {
    Status(i32),
    Signal(i32),
    Hung,
}

fn waited(child: libc::pid_t, limit: Duration, shared: &Shared) -> End {
    let (mut at, mut since) = (u64::MAX, Instant::now());
    let mut status = 0;
    loop {
        // SAFETY: `child` is a child of this process that was not waited for; `status` lives.
        if unsafe { libc::waitpid(child, &raw mut status, libc::WNOHANG) } == child {
            break;
        }
        let now = shared.at.load(Ordering::SeqCst);
        if now != at {
            (at, since) = (now, Instant::now());
        } else if since.elapsed() > limit {
            // SAFETY: as above; the child is ours.
            unsafe {
                libc::kill(child, libc::SIGKILL);
                libc::waitpid(child, &raw mut status, 0);
            }
            return End::Hung;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    if libc::WIFSIGNALED(status) {
        End::Signal(libc::WTERMSIG(status))
    } else {
        End::Status(libc::WEXITSTATUS(status))
    }
}

/// The end of what a child said.
fn last_words(mut spoken: File) -> String {
    use std::io::{Seek, SeekFrom};
    let mut text = Vec::new();
    let length = spoken.metadata().map_or(0, |file| file.len());
    let read = spoken.seek(SeekFrom::Start(length.saturating_sub(600)));
    let _ = read.and_then(|_| spoken.read_to_end(&mut text));
    String::from_utf8_lossy(&text).trim().replace('\n', " / ")
}
