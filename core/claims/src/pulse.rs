use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use crate::watch::Watch;

/// The length of the line that each beat writes.
const BEAT: usize = 21;
/// The line after it, of an owner that was told to end.
const TOLD_TO_END: &str = "told to end\n";

/// Whether these bytes of an owner's file say that it was told to end.
pub(crate) fn is_told_to_end(bytes: &[u8]) -> bool {
    bytes.split_inclusive(|byte| *byte == b'\n').nth(2) == Some(TOLD_TO_END.as_bytes())
}

/// An owner's file. There is a second one when the first has as many links as the file system
/// allows.
#[derive(Clone, Debug)]
pub(crate) struct OwnerFile {
    pub(crate) path: PathBuf,
    pub(crate) inode: (u64, u64),
    file: Arc<File>,
    /// Where the line begins that each beat writes.
    beat_at: u64,
}

impl OwnerFile {
    /// Writes the record; the file was just created at `path`.
    pub(crate) fn new(path: PathBuf, file: File, line: &str) -> io::Result<OwnerFile> {
        file.write_all_at(line.as_bytes(), 0)?;
        let metadata = file.metadata()?;
        Ok(OwnerFile {
            path,
            inode: (metadata.dev(), metadata.ino()),
            file: Arc::new(file),
            beat_at: line.len() as u64,
        })
    }

    /// Says in the file that its owner was told to end, so that its death is no crash.
    fn tell_end(&self) -> io::Result<()> {
        let after = self.beat_at + BEAT as u64;
        self.file.write_all_at(TOLD_TO_END.as_bytes(), after)?;
        self.file.sync_data()
    }

    /// The file server's time of this write.
    fn beat(&self, count: u64) -> io::Result<SystemTime> {
        self.file
            .write_all_at(format!("{count:020}\n").as_bytes(), self.beat_at)?;
        // A network file system keeps what is written to itself until then.
        self.file.sync_data()?;
        self.file.metadata()?.modified()
    }
}

/// How long ago the machine was started: a clock that goes on while the machine sleeps, which
/// `Instant` does not.
fn since_boot() -> Duration {
    let uptime = fs::read_to_string("/proc/uptime").unwrap_or_default();
    let seconds = uptime.split(' ').next().and_then(|text| text.parse().ok());
    let awake = || FIRST.get_or_init(Instant::now).elapsed();
    seconds.map_or_else(awake, Duration::from_secs_f64)
}

/// Where the system does not tell the time since its start: the time since this was first asked
/// for.
static FIRST: OnceLock<Instant> = OnceLock::new();

/// The signs of life of an owner, and the file server's clock, which they tell.
#[derive(Debug)]
pub(crate) struct Pulse {
    lease: Duration,
    watch: Watch,
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Debug)]
struct State {
    files: Vec<OwnerFile>,
    count: u64,
    stopping: bool,
    /// The server's time of the last beat, and ours just after it.
    beaten: Option<(SystemTime, Instant)>,
    /// Before which time since the boot the last beat cannot have been.
    began: Option<Duration>,
    told_to_end: bool,
    /// When this process last noticed that its own signs of life had been late.
    woke: Option<Instant>,
}

impl Pulse {
    pub(crate) fn new(lease: Duration) -> Pulse {
        Pulse {
            lease,
            watch: Watch::default(),
            state: Mutex::new(State {
                files: Vec::new(),
                count: 0,
                stopping: false,
                beaten: None,
                began: None,
                told_to_end: false,
                woke: None,
            }),
            wake: Condvar::new(),
        }
    }

    /// The state is changed by single complete steps.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file for the next claims; gives signs of life from now on.
    pub(crate) fn add(&self, file: OwnerFile) -> io::Result<()> {
        let mut state = self.state();
        if state.told_to_end {
            file.tell_end()?;
        }
        state.files.push(file);
        self.beat(&mut state)
    }

    /// Says in the files that their owner was told to end.
    pub(crate) fn tell_end(&self) -> io::Result<()> {
        let mut state = self.state();
        state.told_to_end = true;
        state.files.iter().try_for_each(OwnerFile::tell_end)
    }

    /// For how long there has been no sign of life of this process at most, the time included in
    /// which its machine slept.
    pub(crate) fn own_silence(&self) -> Duration {
        let began = self.state().began;
        began.map_or(Duration::MAX, |began| since_boot().saturating_sub(began))
    }

    /// The file for the next claims.
    pub(crate) fn newest(&self) -> Option<OwnerFile> {
        self.state().files.last().cloned()
    }

    pub(crate) fn files(&self) -> Vec<OwnerFile> {
        self.state().files.clone()
    }

    /// Whether a file of this number is one of ours.
    pub(crate) fn owns(&self, inode: (u64, u64)) -> bool {
        self.state().files.iter().any(|file| file.inode == inode)
    }

    /// For how long a file of others has shown no sign of life, as far as this process has watched
    /// it. Nothing, when this process was late itself and those who are judged by a lease of
    /// `lease` must first have time for a sign of life.
    pub(crate) fn silence(
        &self,
        inode: (u64, u64),
        written: SystemTime,
        text: &[u8],
        lease: Duration,
    ) -> Duration {
        let state = self.state();
        let (woke, beaten) = (state.woke, state.beaten);
        drop(state);
        let silence = self.watch.unchanged(inode, written, text, woke);
        // Who was stopped a moment ago must not believe its own clock.
        let late = beaten.is_none_or(|(_, ours)| ours.elapsed() > self.lease / 2);
        let yawning = woke.is_some_and(|woke| woke.elapsed() < lease / 3);
        if late || yawning {
            Duration::ZERO
        } else {
            silence
        }
    }

    /// What the server's clock shows now, as far as this process knows; at first its own.
    pub(crate) fn now(&self) -> SystemTime {
        let beaten = self.state().beaten;
        beaten
            .and_then(|(server, ours)| server.checked_add(ours.elapsed()))
            .unwrap_or_else(SystemTime::now)
    }

    /// How long ago the server's clock showed `then`; nothing where it shows an earlier time now.
    pub(crate) fn age(&self, then: SystemTime) -> Option<Duration> {
        self.now().duration_since(then).ok()
    }

    fn beat(&self, state: &mut State) -> io::Result<()> {
        state.count += 1;
        let began = since_boot();
        let mut told = None;
        for file in &state.files {
            told = Some(file.beat(state.count)?);
        }
        if let Some(now) = told {
            let late = |before: SystemTime| {
                now.duration_since(before)
                    .is_ok_and(|gap| gap > self.lease / 2)
            };
            if state.beaten.is_some_and(|(before, _)| late(before)) {
                state.woke = Some(Instant::now());
            }
            state.beaten = Some((now, Instant::now()));
            state.began = Some(began);
        }
        Ok(())
    }

    /// Starts the thread that gives the signs of life.
    pub(crate) fn start(self: &Arc<Self>) -> io::Result<JoinHandle<()>> {
        let pulse = self.clone();
        let every = self.lease / 6;
        std::thread::Builder::new()
            .name("claims".to_owned())
            .spawn(move || {
                let mut state = pulse.state();
                while !state.stopping {
                    let (woken, _) = pulse
                        .wake
                        .wait_timeout(state, every)
                        .unwrap_or_else(PoisonError::into_inner);
                    state = woken;
                    if !state.stopping
                        && state.beaten.is_none_or(|(_, last)| last.elapsed() >= every)
                    {
                        // One that fails is tried again; who fails for too long loses its claims,
                        // and sees that by `still_mine`.
                        let _ = pulse.beat(&mut state);
                    }
                }
            })
    }

    pub(crate) fn stop(&self) {
        self.state().stopping = true;
        self.wake.notify_all();
    }
}
