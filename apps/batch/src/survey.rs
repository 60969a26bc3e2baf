//! How the tasks of a directory stand, for who only looks.

use std::fmt::Write as _;

use jiff::Timestamp;
use jobwise_claims::Sign;
use jobwise_tasks::{Ignore, Sighting, State, TaskDirs};

use crate::task::Task;
use crate::{Error, Result, tasks_in_words};

/// Tasks with what is known of each.
#[derive(Debug)]
pub struct Survey<'t> {
    dirs: TaskDirs,
    seen: Vec<(&'t Task, Sighting)>,
}

impl<'t> Survey<'t> {
    /// Looks at every task; changes nothing.
    ///
    /// # Errors
    /// When a state cannot be read.
    pub fn of(dirs: &TaskDirs, tasks: &'t [Task]) -> Result<Survey<'t>> {
        let see = |task: &'t Task| {
            let sighting =
                Sighting::of(dirs, &task.name).map_err(|error| Error(error.to_string()))?;
            Ok((task, sighting))
        };
        Ok(Survey {
            dirs: dirs.clone(),
            seen: tasks.iter().map(see).collect::<Result<_>>()?,
        })
    }

    /// Whether a run would take a task as it stands: open, left by a run that died, or of a state
    /// that is taken as well.
    ///
    /// # Panics
    /// When there is no such task.
    pub fn is_to_do(&self, task: usize, ignore: Ignore) -> bool {
        let (_, seen) = &self.seen[task];
        match seen.state {
            State::Open => true,
            State::Running => seen
                .claim
                .as_ref()
                .is_some_and(|claim| claim.is_dead || claim.is_late),
            State::Failed => ignore.failed,
            State::Done | State::Invalid => false,
        }
    }

    /// The tasks in one state.
    pub fn of_state(&self, state: State) -> impl Iterator<Item = &'t Task> {
        let tasks = self
            .seen
            .iter()
            .filter(move |(_, seen)| seen.state == state);
        tasks.map(|(task, _)| *task)
    }

    /// What does not belong in the directories of the tasks, one line each.
    pub fn oddities(&self) -> impl Iterator<Item = &str> {
        let all = self.seen.iter().flat_map(|(_, seen)| &seen.oddities);
        all.map(String::as_str)
    }

    /// Counts of all states, then who is at work, and what failed and why.
    pub fn describe(&self, most: usize) -> String {
        let mut text = tasks_in_words(self.seen.len()) + "\n";
        for state in [
            State::Done,
            State::Running,
            State::Open,
            State::Failed,
            State::Invalid,
        ] {
            let count = self
                .seen
                .iter()
                .filter(|(_, seen)| seen.state == state)
                .count();
            if count > 0 {
                // Writing to a String cannot fail.
                let _ = writeln!(text, "  {:<8}{count}", state.word());
            }
        }
        self.tell(&mut text, State::Running, most, |_, seen| {
            seen.claim.as_ref().map_or_else(
                || {
                    "nobody claims it: left by another program that crashed, or at work; batch run \
                     --reclaim-unowned takes it"
                        .to_owned()
                },
                at_work,
            )
        });
        self.tell(&mut text, State::Failed, most, |_, seen| {
            seen.reason
                .clone()
                .unwrap_or_else(|| "no reason was left".to_owned())
        });
        self.tell(&mut text, State::Invalid, most, |task, seen| {
            let why = seen.reason.as_deref().unwrap_or("it says so itself");
            // What a directory holds may be of value: it is never replaced.
            let first = if self.dirs.of(&task.name).join("state").is_dir() {
                "move the directory away, then "
            } else {
                ""
            };
            format!(
                "its state file makes no sense ({why}); {first}batch reset --invalid makes it OPEN"
            )
        });
        text
    }

    fn tell(
        &self,
        text: &mut String,
        state: State,
        most: usize,
        what: impl Fn(&Task, &Sighting) -> String,
    ) {
        let of_state = || self.seen.iter().filter(|(_, seen)| seen.state == state);
        let width = of_state()
            .take(most)
            .map(|(task, _)| task.shown().chars().count())
            .max();
        for (task, seen) in of_state().take(most) {
            let crashed = match seen.claim.as_ref().map_or(1, |claim| claim.attempt) {
                0 | 1 => String::new(),
                2 => " (one run died with it before)".to_owned(),
                attempt => format!(" ({} runs died with it before)", attempt - 1),
            };
            let _ = writeln!(
                text,
                "{} {:<width$}  {}{crashed}",
                state.word(),
                task.shown(),
                what(task, seen),
                width = width.unwrap_or(0).min(60)
            );
        }
        let more = of_state().count().saturating_sub(most);
        if more > 0 {
            let _ = writeln!(text, "{} {more} more", state.word());
        }
    }
}

/// Who is at a task, how that is known, and until when others wait.
pub fn at_work(claim: &Sign) -> String {
    let holder = &claim.holder;
    let told = if claim.is_told {
        ", which was told to end"
    } else {
        ""
    };
    if claim.is_dead {
        return format!("left by {holder}{told}, which died; the next run takes it");
    }
    let Some(age) = claim.age else {
        return format!(
            "{holder}{told}, sign of life dated in the future; taken over when there is no other \
             for its lease"
        );
    };
    let seconds = age.as_secs();
    match claim.lease {
        Some(lease) if claim.is_late => format!(
            "{holder}{told}, no sign of life for {seconds} s; the next run takes it when it sees \
             none for {} s",
            lease.as_secs_f64()
        ),
        Some(lease) => {
            let until = Timestamp::now()
                .checked_add(lease)
                .map_or_else(|_| "some day".to_owned(), |time| format!("{time:.0}"));
            format!(
                "{holder}{told}, sign of life {seconds} s ago; without another for its lease of {} \
                 s it is taken over, by {until}",
                lease.as_secs_f64()
            )
        }
        None => format!("{holder}{told}, sign of life {seconds} s ago"),
    }
}
