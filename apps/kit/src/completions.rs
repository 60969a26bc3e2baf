use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::{Failure, print};

/// Print completions for a shell
///
/// For example, of a program called PROGRAM:
/// PROGRAM completions bash > ~/.local/share/bash-completion/completions/PROGRAM
// It is shown on terminals.
#[allow(rustdoc::invalid_html_tags)]
#[derive(Args, Clone, Debug)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    /// Prints the completions of a program.
    ///
    /// # Errors
    /// Nobody reads them.
    pub fn run<C: CommandFactory>(&self) -> Result<(), Failure> {
        let mut command = C::command();
        let name = command.get_name().to_owned();
        // Into memory first: the generator panics where the output is closed.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, name, &mut script);
        print(&String::from_utf8_lossy(&script))
    }
}
