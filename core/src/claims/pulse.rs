use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

/// An owner's file. There is a second one when the first has as many links as the file system allows.
#[derive(Clone, Debug)]
pub(super) struct OwnerFile {
    pub(super) path: PathBuf,
    pub(super) inode: (u64, u64),
    file: Arc<File>,
    /// Where the line begins that each beat writes.
    beat_at: u64,
}

impl OwnerFile {
    /// Writes the record; the file was just created at `path`.
    pub(super) fn new(path: PathBuf, file: File, line: &str) -> io::Result<OwnerFile> {
        file.write_all_at(line.as_bytes(), 0)?;
        let metadata = file.metadata()?;
        Ok(OwnerFile {
            path,
            inode: (metadata.dev(), metadata.ino()),
            file: Arc::new(file),
            beat_at: line.len() as u64,
        })
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

/// The signs of life of an owner, and the file server's clock, which they tell.
#[derive(Debug)]
pub(super) struct Pulse {
    lease: Duration,
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
    /// When this process last noticed that its own signs of life had been late.
    woke: Option<Instant>,
}

impl Pulse {
    pub(super) fn new(lease: Duration) -> Pulse {
        Pulse {
            lease,
            state: Mutex::new(State {
                files: Vec::new(),
                count: 0,
                stopping: false,
                beaten: None,
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
    pub(super) fn add(&self, file: OwnerFile) -> io::Result<()> {
        let mut state = self.state();
        state.files.push(file);
        self.beat(&mut state)
    }

    /// The file for the next claims.
    pub(super) fn newest(&self) -> Option<OwnerFile> {
        self.state().files.last().cloned()
    }

    pub(super) fn files(&self) -> Vec<OwnerFile> {
        self.state().files.clone()
    }

    /// Whether a file of this number is one of ours.
    pub(super) fn owns(&self, inode: (u64, u64)) -> bool {
        self.state().files.iter().any(|file| file.inode == inode)
    }

    /// How long ago the server's clock showed `then`: `None` when it shows an earlier time now, or when this process was late itself and those who are
    /// judged by a lease of `lease` must first have time for a sign of life.
    pub(super) fn age(&self, then: SystemTime, lease: Duration) -> Option<Duration> {
        let state = self.state();
        if state.woke.is_some_and(|woke| woke.elapsed() < lease / 3) {
            return None;
        }
        let (server, ours) = state.beaten?;
        // One that should have come long ago: who was stopped must not believe its own clock.
        if ours.elapsed() > self.lease / 2 {
            return None;
        }
        server
            .checked_add(ours.elapsed())?
            .duration_since(then)
            .ok()
    }

    fn beat(&self, state: &mut State) -> io::Result<()> {
        state.count += 1;
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
        }
        Ok(())
    }

    /// Starts the thread that gives the signs of life.
    pub(super) fn start(self: &Arc<Self>) -> io::Result<JoinHandle<()>> {
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
                        // One that fails is tried again; who fails for too long loses its claims, and sees that by `still_mine`.
                        let _ = pulse.beat(&mut state);
                    }
                }
            })
    }

    pub(super) fn stop(&self) {
        self.state().stopping = true;
        self.wake.notify_all();
    }
}
