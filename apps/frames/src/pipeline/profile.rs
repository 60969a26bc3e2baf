use std::fmt;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// What a module took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Its name.
    pub module: String,
    /// How many frames it was given, or how often it was asked for some.
    pub frames: u64,
    /// The time on a processor.
    pub cpu: Duration,
    /// The time on the clock.
    pub wall: Duration,
}

/// What the modules of a pipeline took, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Each module; nothing where the pipeline was not asked to take times.
    pub modules: Vec<Usage>,
    /// The most memory that the process had, in bytes, where the system tells.
    pub peak_memory: Option<u64>,
}

impl Profile {
    /// Of these modules, now.
    pub(super) fn new(modules: Vec<Usage>) -> Profile {
        Profile {
            modules,
            peak_memory: peak_memory(),
        }
    }
}

/// The line `VmHWM` of what the system tells of this process.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(1024 * kilobytes)
}

/// A table, a line for each module.
impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:>10} {:>10} {:>10}  module",
            "frames", "cpu s", "wall s"
        )?;
        for usage in &self.modules {
            let (cpu, wall) = (usage.cpu.as_secs_f64(), usage.wall.as_secs_f64());
            writeln!(
                f,
                "{:>10} {cpu:>10.3} {wall:>10.3}  {}",
                usage.frames, usage.module
            )?;
        }
        match self.peak_memory {
            Some(bytes) => writeln!(f, "peak memory {:.1} MB", bytes as f64 / 1e6),
            None => Ok(()),
        }
    }
}

/// Since when a module works.
pub(super) struct Watch {
    cpu: Duration,
    wall: Instant,
}

impl Watch {
    pub(super) fn start() -> Watch {
        Watch {
            cpu: thread_time(),
            wall: Instant::now(),
        }
    }

    pub(super) fn stop(self, usage: &mut Usage) {
        usage.cpu += thread_time().saturating_sub(self.cpu);
        usage.wall += self.wall.elapsed();
    }
}

/// The time that this thread had on a processor.
fn thread_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.max(0) as u64, time.tv_nsec as u32)
}
