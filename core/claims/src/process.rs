use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::ErrorKind;

/// A process, told apart from all others that were or will be, on any machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Process {
    pub(crate) host: String,
    /// The boot of the machine and the name spaces in which `pid` and `start` mean what they say;
    /// empty where that is not known.
    pub(crate) place: String,
    pub(crate) pid: u32,
    /// When it started, in clock ticks since the boot.
    pub(crate) start: u64,
}

impl Process {
    /// This one.
    pub fn this() -> Process {
        let pid = std::process::id();
        let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let host: String = host
            .trim()
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '-' {
                    c
                } else {
                    '_'
                }
            })
            .take(60)
            .collect();
        // A /proc of another name space speaks of other processes.
        let ours =
            fs::read_link("/proc/self").is_ok_and(|to| to.to_str() == Some(&pid.to_string()));
        let stat = Stat::of(pid).ok().filter(|_| ours);
        Process {
            host: if host.is_empty() {
                "unknown".to_owned()
            } else {
                host
            },
            place: stat.as_ref().and_then(|_| place()).unwrap_or_default(),
            pid,
            start: stat.map_or(0, |stat| stat.start),
        }
    }

    /// Letters, digits and `-`, `_`, `.`: enough to tell whether it has ended, for one of the same
    /// place.
    pub fn name(&self) -> String {
        let Process {
            host, pid, start, ..
        } = self;
        format!("{host}.{pid}.{start}.{:08x}", self.place_number())
    }

    /// The process that [`name`](Self::name) means, as `me` would know it: `None` when it is of
    /// another place.
    pub fn of_name(name: &str, me: &Process) -> Option<Process> {
        let [host, pid, start, place] = name.split('.').collect::<Vec<_>>().try_into().ok()?;
        let near = host == me.host && u32::from_str_radix(place, 16).ok()? == me.place_number();
        let (pid, start) = (pid.parse().ok()?, start.parse().ok()?);
        near.then(|| Process {
            pid,
            start,
            ..me.clone()
        })
    }

    /// Whether `name` was made by [`unique_name`](crate::unique_name) in a process that is known to
    /// have ended. `false` also when that cannot be known from here: `self` is this process.
    pub fn outlives_maker_of(&self, name: &str) -> bool {
        name.rsplit_once('.')
            .filter(|(_, count)| count.parse::<u64>().is_ok())
            .and_then(|(process, _)| Process::of_name(process, self))
            .is_some_and(|process| process.is_gone(self))
    }

    fn place_number(&self) -> u32 {
        let mut hasher = DefaultHasher::new();
        self.place.hash(&mut hasher);
        hasher.finish() as u32
    }

    /// Whether the process is known to have ended. `false` also when that cannot be known from
    /// here: `me` is this process.
    pub fn is_gone(&self, me: &Process) -> bool {
        if me.place.is_empty() || (&self.host, &self.place) != (&me.host, &me.place) {
            return false;
        }
        match Stat::of(self.pid) {
            Ok(stat) => stat.ended || stat.start != self.start,
            // Where other users' processes are hidden, absence says nothing; then the first process
            // is hidden too.
            Err(kind) => kind == ErrorKind::NotFound && fs::metadata("/proc/1").is_ok(),
        }
    }
}

/// The boot and the name spaces of this process.
fn place() -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let pids = fs::read_link("/proc/self/ns/pid").ok()?;
    let times = fs::read_link("/proc/self/ns/time").unwrap_or_default();
    Some(format!(
        "{} {} {}",
        boot.trim(),
        pids.display(),
        times.display()
    ))
}

/// What `/proc` tells of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// The number of its process group.
    pub group: i32,
    /// The number of its session.
    pub session: i32,
    /// When it started, in clock ticks since the boot.
    pub start: u64,
    /// Whether it has ended and waits for its parent to see it. One whose other threads go on has
    /// only lost its first thread.
    pub ended: bool,
}

impl Stat {
    /// Of the process of that number.
    ///
    /// # Errors
    /// `NotFound` when there is none; as the system says when it may not be seen; `InvalidData`
    /// when what it tells makes no sense.
    pub fn of(pid: u32) -> Result<Stat, ErrorKind> {
        let text =
            fs::read(format!("/proc/{pid}/stat")).map_err(|error| match error.raw_os_error() {
                // The process ended between the opening and the reading.
                Some(3) => ErrorKind::NotFound,
                _ => error.kind(),
            })?;
        Stat::parse(&String::from_utf8_lossy(&text)).ok_or(ErrorKind::InvalidData)
    }

    /// The name of the program, in parentheses, may hold anything, so fields are counted from
    /// its end. The state is the third field, the group the fifth, the session the sixth, the
    /// number of threads the 20th, the start the 22nd.
    fn parse(text: &str) -> Option<Stat> {
        let (_, fields) = text.rsplit_once(')')?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let threads: u64 = fields.get(17)?.parse().ok()?;
        Some(Stat {
            group: fields.get(2)?.parse().ok()?,
            session: fields.get(3)?.parse().ok()?,
            start: fields.get(19)?.parse().ok()?,
            ended: matches!(*fields.first()?, "Z" | "X") && threads <= 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_gone_only_when_that_is_certain() {
        let me = Process::this();
        assert!(me.start > 0 && !me.place.is_empty());
        assert!(!me.is_gone(&me));
        let other_start = Process {
            start: me.start + 1,
            ..me.clone()
        };
        assert!(
            other_start.is_gone(&me),
            "the number of a process that ended was given to another"
        );
        let no_such = Process {
            pid: 4_194_305,
            ..me.clone()
        }; // above the largest number that Linux gives
        assert!(no_such.is_gone(&me));
        for elsewhere in [
            Process {
                host: "elsewhere".to_owned(),
                ..no_such.clone()
            },
            Process {
                place: "another boot".to_owned(),
                ..no_such.clone()
            },
        ] {
            assert!(!elsewhere.is_gone(&me), "{elsewhere:?}");
        }
        for process in [&me, &other_start, &no_such] {
            assert_eq!(
                Process::of_name(&process.name(), &me).as_ref(),
                Some(process)
            );
        }
        assert!(me.outlives_maker_of(&(no_such.name() + ".7")));
        for name in [
            me.name() + ".7",
            no_such.name(),
            no_such.name() + ".x",
            no_such.name() + ".7.7",
        ] {
            assert!(!me.outlives_maker_of(&name), "{name}");
        }
        let another_boot = Process {
            place: "another boot".to_owned(),
            ..me.clone()
        };
        assert_eq!(Process::of_name(&another_boot.name(), &me), None);
        assert_eq!(Process::of_name("a.b", &me), None);
        let lost = Process {
            place: String::new(),
            ..no_such
        };
        assert!(!lost.is_gone(&Process {
            place: String::new(),
            ..me
        }));
    }

    #[test]
    fn a_process_nobody_asked_about_is_gone() {
        let me = Process::this();
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let start = Stat::of(child.id()).unwrap().start;
        let ended = Process {
            pid: child.id(),
            start,
            ..me.clone()
        };
        for _ in 0..1000 {
            if ended.is_gone(&me) {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        // It ended, and has its number still.
        assert!(ended.is_gone(&me));
        assert!(fs::exists(format!("/proc/{}", child.id())).unwrap());
        child.wait().unwrap();
        assert!(ended.is_gone(&me));
    }

    #[test]
    fn a_program_may_be_called_anything() {
        let stat = Stat::parse("7 (a) b (c) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 1 18 4711 20")
            .unwrap();
        let expected = Stat {
            group: 2,
            session: 3,
            start: 4711,
            ended: false,
        };
        assert_eq!(stat, expected);
        let zombie =
            Stat::parse("7 (z) Z 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 1 18 4711 20").unwrap();
        assert!(zombie.ended);
        let headless =
            Stat::parse("7 (z) Z 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 3 18 4711 20").unwrap();
        assert!(!headless.ended);
        assert!(Stat::parse("").is_none() && Stat::parse("7 (x) R 1").is_none());
    }
}
