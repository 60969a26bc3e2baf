use clap::{Args, CommandFactory};
use clap_complete::Shell;
use jobwise_kit::Failure;

/// Print completions for a shell
///
/// For example: frames completions bash > ~/.local/share/bash-completion/completions/frames
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run<C: CommandFactory>(flags: &Flags) -> Result<(), Failure> {
    // Into memory first: the generator panics where the output is closed.
    let mut script = Vec::new();
    clap_complete::generate(flags.shell, &mut C::command(), "frames", &mut script);
    jobwise_kit::print(&String::from_utf8_lossy(&script))
}
