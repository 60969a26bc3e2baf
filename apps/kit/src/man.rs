use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory};

use crate::examples::fitted;
use crate::{Failure, atomic};

/// Write man pages: one for the program and one for each command
///
/// For example, of a program called PROGRAM:
/// PROGRAM man ~/.local/share/man/man1
// It is shown on terminals.
#[derive(Args, Clone, Debug)]
pub struct Man {
    /// The directory to write them into
    directory: PathBuf,
}

impl Man {
    /// Writes the pages of a program: `PROGRAM.1`, `PROGRAM-COMMAND.1` and so on, from the same
    /// flags as its help.
    ///
    /// # Errors
    /// A page cannot be written.
    pub fn run<C: CommandFactory>(&self) -> Result<(), Failure> {
        let mut program = fitted(C::command());
        // Names of commands and flags that all have.
        program.build();
        write(&program, program.get_name(), &self.directory)
    }
}

/// Writes the page of a command, and those of the commands below it.
fn write(command: &Command, name: &str, directory: &Path) -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::failed(error.to_string());
    let mut page = Vec::new();
    let man = clap_mangen::Man::new(command.clone());
    man.render(&mut page).map_err(|error| failed(&error))?;
    let path = directory.join(format!("{name}.1"));
    atomic::write(path, page).map_err(|error| failed(&error))?;
    for below in command.get_subcommands() {
        if below.get_name() != "help" && !below.is_hide_set() {
            write(below, &format!("{name}-{}", below.get_name()), directory)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use jobwise_testing::names;

    /// Does one thing
    #[derive(Parser)]
    #[command(name = "program")]
    enum Program {
        /// Does it well
        Well {
            /// How well
            #[arg(long)]
            extent: u32,
        },
        #[command(hide = true)]
        Hidden,
    }

    #[test]
    fn there_is_a_page_for_each_command_with_its_flags() {
        let directory = tempfile::tempdir().unwrap();
        let man = Man {
            directory: directory.path().join("man1"),
        };
        man.run::<Program>().unwrap();
        assert_eq!(names(&man.directory), ["program-well.1", "program.1"]);
        let page = std::fs::read_to_string(man.directory.join("program-well.1")).unwrap();
        for part in [
            ".TH program-well 1",
            "Does it well",
            "\\-\\-extent",
            "How well",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
    }
}
