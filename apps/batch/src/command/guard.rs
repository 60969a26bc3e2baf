use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args;
use jobwise_batch::guard;

/// End a command when standard input is closed (used by batch itself)
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// The command and its arguments
    #[arg(last = true, required = true)]
    words: Vec<OsString>,
}

impl Flags {
    pub(crate) fn run(&self) -> ExitCode {
        guard::watch(&self.words)
    }
}
