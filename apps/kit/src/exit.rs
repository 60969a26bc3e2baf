//! How a program ends: one message, and a status that says what happened.

use std::fmt;
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use jobwise_core::{Error, panics};

use crate::backend::started_rank;
use crate::signals;

/// Why a program ends without success.
#[derive(Debug)]
pub struct Failure {
    message: String,
    status: u8,
    /// Whether every rank of a job meets with it, so that one of them reports it.
    common: bool,
}

impl Failure {
    /// The request cannot be met: wrong flags, wrong configuration. Status 2.
    pub fn usage(message: impl Into<String>) -> Failure {
        Failure {
            message: message.into(),
            status: 2,
            common: true,
        }
    }

    /// It was tried and failed. Status 1.
    pub fn failed(message: impl Into<String>) -> Failure {
        Failure {
            message: message.into(),
            status: 1,
            common: true,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One line, whatever the causes wrote.
        let mut words = self.message.split_whitespace();
        if let Some(first) = words.next() {
            f.write_str(first)?;
        }
        words.try_for_each(|word| write!(f, " {word}"))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let status = match &error {
            Error::Cancelled => signals::status(),
            _ => 1,
        };
        let message = match &error {
            // The rank that failed says why.
            Error::Peer { .. } => String::new(),
            Error::Cancelled => "cancelled; finished work is kept, run again to continue".into(),
            other => other.to_string(),
        };
        Failure {
            message,
            status,
            common: matches!(error, Error::Cancelled),
        }
    }
}

/// Parses the command line. On several ranks one of them explains what is wrong with it. Help and version are printed, and end
/// the process.
///
/// # Errors
/// When the command line is not understood.
pub fn parse<C: clap::Parser>() -> Result<C, Failure> {
    C::try_parse().map_err(|error| {
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

/// Whether this is the rank that speaks for all: the only one, or rank 0.
pub fn is_first_rank() -> bool {
    started_rank() == 0
}

/// Runs a program's body and turns its outcome into a message on standard error and an exit status: 0, 1 for a failure,
/// 2 for a request that cannot be met, 128 + the signal's number for a run that was cancelled.
pub fn main(name: &str, body: impl FnOnce() -> Result<(), Failure>) -> ExitCode {
    quiet_caught_panics();
    let Err(failure) = body() else {
        return ExitCode::SUCCESS;
    };
    report(name, &failure);
    ExitCode::from(failure.status)
}

fn report(name: &str, failure: &Failure) {
    let rank = started_rank();
    if failure.common && rank > 0 {
        // The launcher ends the others when one rank ends: leave the first one time to speak.
        std::thread::sleep(Duration::from_millis(300));
    } else if !failure.message.is_empty() {
        // Standard error may be closed; there is nobody left to tell then.
        let _ = writeln!(std::io::stderr(), "{name}: {failure}");
    }
}

/// The end of a program on several ranks: the one rank that holds the error says it before any rank ends, and ranks that
/// could not agree on the end are aborted.
#[cfg(feature = "mpi")]
pub(crate) fn on_ranks<B: jobwise_core::Backend, T>(
    backend: &B,
    outcome: jobwise_core::Result<T>,
) -> jobwise_core::Result<T> {
    let comm = backend.comm();
    let (rank, size) = (comm.rank(), comm.size());
    if size == 1 {
        return outcome;
    }
    match outcome {
        Err(Error::Peer { .. } | Error::Cancelled) | Ok(_) => outcome,
        Err(error) => {
            let alone = matches!(
                error,
                Error::Stranded(_) | Error::PeerLost { .. } | Error::Malformed(_)
            );
            let failure = Failure::failed(format!("rank {rank}: {error}"));
            let _ = writeln!(std::io::stderr(), "{failure}");
            if alone {
                jobwise_mpi::abort(1);
            }
            // Said already: from here on this rank is as silent as the others.
            Err(Error::Peer {
                rank,
                cause: String::new(),
            })
        }
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
