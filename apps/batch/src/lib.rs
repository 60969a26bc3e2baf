//! A command per task, over ranks or local workers; restartable, and shared by any number of jobs.
//!
//! | room | what is in it |
//! |---|---|
//! | [`task`] | a task, and what its directory is called |
//! | [`tasks`] | the tasks that a directory knows |
//! | [`list`] | lists of tasks, as they are read and printed |
//! | [`record`] | what a directory knows of its tasks |
//! | [`quote`] | names as people see them |
//! | [`plain`] | files that others may have replaced by what is no file |
//! | [`template`] | the command with the task filled in |
//! | [`guard`] | the process between us and a command, which ends the command when we are gone |
//! | [`running`] | one command at work: its log, its time, its end |
//! | [`remains`], [`processes`] | what is left of a command |
//! | [`signals`] | being told to end |
//! | [`runner`] | many of them, for the tasks of a batch |
//! | [`survey`] | how the tasks of a directory stand |

#![forbid(unsafe_code)]

pub mod guard;
pub mod list;
pub mod plain;
pub mod processes;
pub mod quote;
pub mod record;
pub mod remains;
pub mod runner;
pub mod running;
pub mod signals;
pub mod survey;
pub mod task;
pub mod tasks;
pub mod template;

/// A problem, in one line: what, where, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(pub String);

/// Results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// "1 task", "2 tasks".
pub fn tasks_in_words(count: usize) -> String {
    match count {
        1 => "1 task".to_owned(),
        _ => format!("{count} tasks"),
    }
}

/// Names the file or directory that a failure is about.
fn context<'p>(
    doing: &'p str,
    path: &'p std::path::Path,
) -> impl FnOnce(std::io::Error) -> Error + 'p {
    move |cause| Error(format!("cannot {doing} {}: {cause}", path.display()))
}
