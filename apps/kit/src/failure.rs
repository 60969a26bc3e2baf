use std::fmt;

use jobwise_core::Error;

use crate::signal_status::status as signal_status;
use crate::visible::visible;

/// Why a program ends without success.
#[derive(Debug)]
pub struct Failure {
    pub(crate) message: String,
    pub(crate) status: u8,
    /// Whether every rank of a job meets with it, so that one of them reports it.
    pub(crate) common: bool,
}

impl Failure {
    /// The command line cannot be met: unknown flags, impossible values. Status 2.
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

    /// All that could be done was done, but parts of the input could not be used; each was named
    /// before. Status 3.
    pub fn partial(message: impl Into<String>) -> Failure {
        Failure {
            message: message.into(),
            status: 3,
            common: true,
        }
    }

    /// A signal ended it; the message says what is kept. Status 128 + the signal's number.
    pub fn cancelled(message: impl Into<String>) -> Failure {
        Failure {
            message: message.into(),
            status: signal_status(),
            common: true,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One line, whatever the causes wrote.
        let message = visible(&self.message);
        let mut words = message.split_whitespace();
        if let Some(first) = words.next() {
            f.write_str(first)?;
        }
        words.try_for_each(|word| write!(f, " {word}"))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        let status = match &error {
            Error::Cancelled => signal_status(),
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
