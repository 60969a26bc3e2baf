use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::asked::number;
use crate::fault::{Fault, Operation, preload};
use crate::must::must;
use crate::tree::Tree;

/// Longer than any command of a test takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// The variable that asks for more faults than a quick test walks: a number per command, or `all`.
const MORE: &str = "JOBWISE_FAULTS";

/// A command that is run once for each fault, each time on a fresh state.
///
/// All closures get the directory of the state, an absolute path.
#[allow(missing_debug_implementations)] // closures have none
pub struct Walk<'a> {
    /// For messages.
    pub name: &'a str,
    /// Makes the state before the command, in an empty directory.
    pub fresh: &'a dyn Fn(&Path),
    /// The command; it is run in the directory of the state.
    pub command: &'a dyn Fn(&Path) -> Command,
    /// What lies under its final name, by name: what differs between equal results (times, host
    /// names) left out.
    pub state: &'a dyn Fn(&Path) -> Tree,
    /// Whether an entry of a state that is neither that of before nor the reference's may be there,
    /// as one that is begun and says so.
    pub may_be: &'a dyn Fn(&str, &[u8]) -> bool,
    /// Every message of a failure names one of these: files or directories, or endings (with a dot)
    /// of names of files.
    pub told: &'a [&'a str],
    /// How many faults a quick test walks.
    pub faults: usize,
}

/// What a walk met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Calls that can fail.
    pub calls: usize,
    /// Faults that were tried.
    pub tried: usize,
    /// Those that the command passed over, with right results.
    pub passed_over: usize,
}

impl Walk<'_> {
    /// Walks the faults, all or a sample spread over kinds, effects and places, and judges each:
    ///
    /// * The command ends, not by a signal but the kill, and without a panic.
    /// * Status 0 only with the reference's state; another status with a message that names a file.
    /// * What lies under a final name is as before, or as in the reference.
    /// * The command run once more gives the reference's state.
    ///
    /// # Panics
    /// On the first walk that breaks this, with all that broke it; or when the command fails
    /// undisturbed.
    pub fn run(&self) -> Tally {
        let directory = must(&std::env::temp_dir(), tempfile::tempdir());
        let top = must(directory.path(), directory.path().canonicalize());
        let reference = self.undisturbed(&top.join("reference"));
        let calls = self.calls(&top);
        let faults = self.chosen(Fault::all(&calls));
        let mut tally = Tally {
            calls: calls.iter().map(|(_, count)| count).sum(),
            ..Tally::default()
        };
        let mut broken = Vec::new();
        for fault in faults {
            let place = top.join("state");
            if place.exists() {
                must(&place, fs::remove_dir_all(&place));
            }
            must(&place, fs::create_dir(&place));
            (self.fresh)(&place);
            let before = (self.state)(&place);
            let mut command = (self.command)(&place);
            fault.arm(&mut command, &place);
            let ended = Ended::of(&mut command, &place);
            tally.tried += 1;
            tally.passed_over += usize::from(ended.is_success());
            if let Err(problem) = self.judge(fault, &ended, &place, (&before, &reference)) {
                broken.push(format!(
                    "{}: {fault}: {problem} [{}]",
                    self.name,
                    ended.text()
                ));
            }
        }
        assert!(
            broken.is_empty(),
            "{} of {} faults:\n{}",
            broken.len(),
            tally.tried,
            broken.join("\n")
        );
        tally
    }

    fn undisturbed(&self, place: &Path) -> Tree {
        must(place, fs::create_dir(place));
        (self.fresh)(place);
        let ended = Ended::of(&mut (self.command)(place), place);
        assert!(
            ended.is_success(),
            "{}: undisturbed: {}",
            self.name,
            ended.text()
        );
        (self.state)(place)
    }

    /// How many calls of each kind the undisturbed command makes.
    fn calls(&self, top: &Path) -> Vec<(Operation, usize)> {
        let (place, log) = (top.join("counted"), top.join("calls"));
        must(&place, fs::create_dir(&place));
        (self.fresh)(&place);
        let mut command = (self.command)(&place);
        preload(&mut command, &place);
        command.env("JOBWISE_FAULT_LOG", &log);
        let ended = Ended::of(&mut command, &place);
        assert!(
            ended.is_success(),
            "{}: counted: {}",
            self.name,
            ended.text()
        );
        let text = must(&log, fs::read_to_string(&log));
        let of = |operation: Operation| {
            let begin = format!("{} ", operation.name());
            text.lines().filter(|line| line.starts_with(&begin)).count()
        };
        let calls: Vec<_> = Operation::ALL
            .map(|operation| (operation, of(operation)))
            .into();
        assert!(calls[0].1 > 0, "{}: it writes nothing", self.name);
        calls
    }

    fn chosen(&self, all: Vec<Fault>) -> Vec<Fault> {
        if std::env::var(MORE).is_ok_and(|asked| asked == "all") {
            return all;
        }
        let most = number(MORE).map_or(self.faults, |most| most as usize);
        if all.len() <= most {
            return all;
        }
        // Steps of the golden ratio are spread evenly over kinds, effects and places, however many
        // are taken.
        let length = all.len() as f64;
        let place = |step: usize| ((step as f64 * 0.618_033_988_749_895).fract() * length) as usize;
        (1..=most).map(|step| all[place(step)]).collect()
    }

    fn judge(
        &self,
        fault: Fault,
        ended: &Ended,
        place: &Path,
        (before, reference): (&Tree, &Tree),
    ) -> Result<(), String> {
        let Some(status) = ended.status else {
            return Err(format!("hangs, longer than {PATIENCE:?}"));
        };
        if ended.message.contains("panicked") {
            return Err("panics".into());
        }
        if status
            .signal()
            .is_some_and(|signal| !(fault.effect.kills() && signal == libc::SIGKILL))
        {
            return Err(format!("dies: {status}"));
        }
        let now = (self.state)(place);
        for (name, content) in &now {
            let known = [before, reference]
                .iter()
                .any(|tree| tree.get(name) == Some(content));
            if !known && !(self.may_be)(name, content) {
                return Err(format!("{name} is neither as before nor as it should be"));
            }
        }
        if status.success() && now != *reference {
            return Err("status 0 without the results".into());
        }
        let is_told = self.told.iter().any(|name| names(&ended.message, name));
        if !status.success() && status.signal().is_none() && !is_told {
            return Err("the message names no file".into());
        }
        if now == *reference {
            return Ok(());
        }
        let again = Ended::of(&mut (self.command)(place), place);
        if !again.is_success() {
            return Err(format!("the next run fails: {}", again.text()));
        }
        if (self.state)(place) != *reference {
            return Err("the next run's results differ".into());
        }
        Ok(())
    }
}

/// Whether a text names a file, as a part of a path or before a colon; `name` may be an ending. A
/// mere word is no name.
fn names(text: &str, name: &str) -> bool {
    text.split_whitespace().any(|word| {
        let is_named = word.contains('/') || word.ends_with(':') || name.starts_with('.');
        let path = word.trim_matches(|c: char| ",:;()'\"`".contains(c));
        let is_it = |part: &str| part == name || name.starts_with('.') && part.contains(name);
        is_named && path.split('/').any(is_it)
    })
}

/// How a command ended.
struct Ended {
    /// `None` for one that had to be ended.
    status: Option<ExitStatus>,
    message: String,
}

impl Ended {
    fn of(command: &mut Command, place: &Path) -> Ended {
        // Into a file: a command that hangs must not be waited for at the end of a pipe.
        let spoken = must(&std::env::temp_dir(), tempfile::NamedTempFile::new());
        let child = command
            .current_dir(place)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(must(spoken.path(), spoken.reopen()))
            .spawn();
        let mut child = must(Path::new(command.get_program()), child);
        let begun = Instant::now();
        let mut is_over = true;
        while must(place, child.try_wait()).is_none() {
            if begun.elapsed() > PATIENCE {
                must(place, child.kill());
                is_over = false;
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let status = must(place, child.wait());
        let message = must(spoken.path(), fs::read(spoken.path()));
        Ended {
            status: is_over.then_some(status),
            message: String::from_utf8_lossy(&message).trim().to_owned(),
        }
    }

    fn is_success(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }

    fn text(&self) -> String {
        let status = self
            .status
            .map_or("no end".into(), |status| status.to_string());
        format!("{status}: {}", self.message.replace('\n', " / "))
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_file_is_named_by_a_path_and_not_by_a_word() {
        for (text, name) in [
            ("batch: cannot write b/t0/state: No space left", "b"),
            ("batch: b: cannot be made", "b"),
            ("batch: t0 (b/t0/log): no", "t0"),
            ("usid: /x/.a.h5.tmp-h-1-0: Input/output error", ".h5"),
        ] {
            assert!(names(text, name), "{text}: {name}");
        }
        for (text, name) in [
            ("batch: the library cannot be found", "b"),
            ("gmf: nothing found here", "found"),
            ("gmf: not found/made", "foun"),
        ] {
            assert!(!names(text, name), "{text}: {name}");
        }
    }
}
