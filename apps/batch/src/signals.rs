//! Being told to end.

use std::fs;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGCHLD, SIGHUP};
use signal_hook::iterator::Signals;

use crate::guard::{TOLD_TO_END, since_boot};

/// How often this process was told to end, by whatever signal: SIGTERM, SIGINT, SIGHUP, SIGQUIT,
/// SIGUSR1, SIGUSR2 or SIGXCPU.
#[derive(Clone, Debug, Default)]
pub struct Told {
    count: Arc<AtomicUsize>,
    /// When the first signal came, in ns since the boot; 0 before.
    since: Arc<AtomicU64>,
    is_at_work: Arc<AtomicBool>,
}

impl Told {
    /// Takes the signals from now on. While no command is at work nothing has to be given back:
    /// then the process ends at once, with `farewell` on standard error and 128 + the signal's
    /// number. One of several ranks (`is_rank`) ends so at the second signal, as its peers count on
    /// it.
    ///
    /// # Errors
    /// When the system refuses to deliver signals.
    pub fn by_signals(farewell: &'static str, is_rank: bool) -> std::io::Result<Told> {
        let told = Told::default();
        let theirs = told.clone();
        // Who is started by nohup is not told to end by the end of the terminal.
        let ignored = ignored();
        let taken = TOLD_TO_END
            .into_iter()
            .filter(|signal| *signal != SIGHUP || ignored & (1 << (SIGHUP - 1)) == 0);
        // Whoever started this process may have had it ignore the ends of its children, which then
        // cannot be waited for.
        signal_hook::flag::register(SIGCHLD, Arc::default())?;
        let mut signals = Signals::new(taken)?;
        std::thread::Builder::new()
            .name("signals".to_owned())
            .spawn(move || {
                for signal in signals.forever() {
                    jobwise_kit::signals::received(signal);
                    theirs.note_time();
                    let before = theirs.count.fetch_add(1, Ordering::SeqCst);
                    if before == 0 {
                        end_later(signal);
                    }
                    let polite = is_rank && before == 0;
                    if !theirs.is_at_work.load(Ordering::SeqCst) && !polite {
                        say(farewell);
                        std::process::exit(128 + signal);
                    }
                }
            })?;
        Ok(told)
    }

    /// From now on there may be something to give back.
    pub fn begin_work(&self) {
        self.is_at_work.store(true, Ordering::SeqCst);
    }

    /// Whether there was a signal.
    pub fn is_told(&self) -> bool {
        self.count() > 0
    }

    fn note_time(&self) {
        let now = u64::try_from(since_boot().as_nanos()).unwrap_or(u64::MAX);
        // The first stays.
        let _ = self
            .since
            .compare_exchange(0, now, Ordering::SeqCst, Ordering::SeqCst);
    }

    /// When the first signal came, as time since the boot of this machine.
    pub fn since(&self) -> Option<Duration> {
        match self.since.load(Ordering::SeqCst) {
            0 => None,
            nanos => Some(Duration::from_nanos(nanos)),
        }
    }

    /// How many signals there were.
    pub fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }
}

/// Says something where it may be that nobody hears it: the terminal may be gone.
fn say(what: &str) {
    let _ = std::io::stderr().write_all(format!("{what}\n").as_bytes());
}

/// How long it may take to give back what is at work: less than batch systems wait before they kill
/// (30 s with Slurm).
const LONGEST: Duration = Duration::from_secs(20);

/// Ends the process when a disk hangs, say. Its guards end the commands then.
fn end_later(signal: i32) {
    let end = move || {
        std::thread::sleep(LONGEST);
        say(&format!(
            "batch: told to end, and still at it after {} s: ended at once; the next run takes \
             what was at work",
            LONGEST.as_secs()
        ));
        signal_hook::low_level::exit(128 + signal);
    };
    // Without a thread it may take longer.
    let _ = std::thread::Builder::new()
        .name("grace".to_owned())
        .spawn(end);
}

/// The signals that this process was started to ignore, a bit each.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    line.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok())
        .unwrap_or_default()
}
