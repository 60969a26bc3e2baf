//! How a program ends: one message, and a status that says what happened.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::Duration;

use jobwise_core::panics;

use crate::failure::Failure;
use crate::launcher::started_rank;
use crate::{allocator, colours, crash, examples};

/// Parses the command line. On several ranks one of them explains what is wrong with it. Help and
/// version are printed, and end the process.
///
/// # Errors
/// When the command line is not understood.
pub fn parse<C: clap::Parser>() -> Result<C, Failure> {
    parse_from(std::env::args_os())
}

/// As [`parse`], of these arguments; the first is the program.
///
/// # Errors
/// As [`parse`].
pub fn parse_from<C: clap::Parser>(
    arguments: impl IntoIterator<Item = OsString>,
) -> Result<C, Failure> {
    let mut program = examples::fitted(C::command());
    let matches = program.try_get_matches_from_mut(arguments);
    let parsed = matches.and_then(|mut matches| {
        let parsed = C::from_arg_matches_mut(&mut matches);
        parsed.map_err(|error| error.format(&mut program))
    });
    parsed.map_err(|error| {
        if !error.use_stderr() {
            error.exit();
        }
        if started_rank() == 0 {
            // Standard error may be closed; there is nobody left to tell then.
            let _ = error.print();
        }
        Failure {
            message: String::new(),
            status: 2,
            common: true,
        }
    })
}

/// Runs a program's body and turns its outcome into a message on standard error and an exit status:
/// 0, 1 for a failure, 2 for a command line that cannot be met, 3 for success but for damaged parts
/// of the input, 128 + the signal's number for a run that was cancelled.
pub fn main(name: &str, body: impl FnOnce() -> Result<(), Failure>) -> ExitCode {
    allocator::keep_memory();
    NAME.get_or_init(|| name.to_owned());
    crash::name_files_on_crash();
    quiet_caught_panics();
    let Err(failure) = body() else {
        return ExitCode::SUCCESS;
    };
    report(&failure);
    ExitCode::from(failure.status)
}

/// The program that speaks.
static NAME: OnceLock<String> = OnceLock::new();

/// Says what went wrong, with the program's name. Standard error may be closed; there is nobody
/// left to tell then.
pub(crate) fn say(failure: &Failure) {
    let name = NAME.get().map_or("", String::as_str);
    let name = colours::error(&format!("{name}:"));
    // In one piece: several ranks may speak at once.
    let _ = std::io::stderr().write_all(format!("{name} {failure}\n").as_bytes());
}

fn report(failure: &Failure) {
    let rank = started_rank();
    if failure.common && rank > 0 {
        // The launcher ends the others when one rank ends: leave the first one time to speak.
        std::thread::sleep(Duration::from_millis(300));
    } else if !failure.message.is_empty() {
        say(failure);
    }
}

/// Panics that become errors of their item are reported as such, not twice.
fn quiet_caught_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !panics::is_caught() {
            before(panic);
        }
    }));
}
