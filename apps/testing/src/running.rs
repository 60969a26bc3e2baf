use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Longer than anything takes that a test starts, also on a busy machine.
const LIMIT: Duration = Duration::from_mins(2);

/// A program at work, which reads nothing and whose words are kept.
#[derive(Debug)]
pub struct Running {
    program: String,
    child: Child,
    started: Instant,
}

impl Running {
    /// Starts it.
    ///
    /// # Panics
    /// It cannot be started.
    pub fn start(command: &mut Command) -> Running {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let program = Path::new(command.get_program()).file_name();
        let program = program.unwrap_or_default().to_string_lossy().into_owned();
        let child = command.spawn();
        Running {
            started: Instant::now(),
            child: child.unwrap_or_else(|error| panic!("{program}: {error}")),
            program,
        }
    }

    /// Its number.
    pub fn id(&self) -> String {
        self.child.id().to_string()
    }

    /// Whether it has ended.
    ///
    /// # Panics
    /// The system does not say.
    pub fn is_over(&mut self) -> bool {
        self.child.try_wait().expect("a child of ours").is_some()
    }

    /// Sends a signal by its name.
    ///
    /// # Panics
    /// It cannot be sent.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.id()]).status();
        assert!(sent.is_ok_and(|sent| sent.success()), "no {name} is sent");
    }

    /// Waits for the end. A program that hangs is killed, and fails the test.
    ///
    /// # Panics
    /// It hangs, or says what is no text.
    pub fn end(mut self) -> Ended {
        while !self.is_over() {
            if self.started.elapsed() > LIMIT {
                let _ = self.child.kill();
                panic!("{} still runs after {LIMIT:?}", self.program);
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        let took = self.started.elapsed();
        let Output {
            status,
            stdout,
            stderr,
        } = self.child.wait_with_output().expect("it has ended");
        let text = |bytes| String::from_utf8(bytes).expect("programs of ours say what is text");
        Ended {
            program: self.program,
            status: status.code(),
            signal: status.signal(),
            stdout: text(stdout),
            stderr: text(stderr),
            took,
        }
    }
}

/// How a program ended.
#[derive(Debug)]
pub struct Ended {
    /// The name of its file.
    pub program: String,
    /// Its exit status; none when a signal ended it.
    pub status: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// What it printed.
    pub stdout: String,
    /// What it said.
    pub stderr: String,
    /// How long it ran.
    pub took: Duration,
}

impl Ended {
    /// Whether its status is 0.
    pub fn succeeded(&self) -> bool {
        self.status == Some(0)
    }

    /// Fails unless it succeeded and had nothing to say.
    ///
    /// # Panics
    /// As above.
    #[track_caller]
    pub fn must_succeed(&self) {
        assert_eq!(self.status, Some(0), "{self:?}");
        assert_eq!(self.stderr, "", "{self:?}");
    }

    /// Fails unless it ended with `status` and exactly one line that holds all of `told`.
    ///
    /// # Panics
    /// As above.
    #[track_caller]
    pub fn must_fail(&self, status: i32, told: &[&str]) {
        let message = &self.stderr;
        assert_eq!(self.status, Some(status), "{self:?}");
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(!message.contains("panicked"), "{message}");
        for word in told {
            assert!(message.contains(word), "no {word:?} in {message}");
        }
    }

    /// As [`must_fail`](Self::must_fail), with a line that begins with its name, and nothing
    /// printed.
    ///
    /// # Panics
    /// As above.
    #[track_caller]
    pub fn must_refuse(&self, status: i32, told: &[&str]) {
        self.must_fail(status, told);
        let message = &self.stderr;
        assert!(
            message.starts_with(&format!("{}: ", self.program)),
            "{message}"
        );
        assert_eq!(self.stdout, "", "{message}");
    }

    /// As [`must_refuse`](Self::must_refuse), within 5 s; `case` is named when it does not.
    ///
    /// # Panics
    /// As above.
    #[track_caller]
    pub fn must_refuse_soon(&self, case: &str, status: i32, told: &[&str]) {
        eprintln!("case: {case}");
        self.must_refuse(status, told);
        assert!(self.took < Duration::from_secs(5), "{:?}", self.took);
    }
}

/// Waits until something holds.
///
/// # Panics
/// It does not, for too long.
#[track_caller]
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < LIMIT, "not after {LIMIT:?}: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
