use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use jobwise_figures::{Format, Target, parse_size};
use jobwise_gmf::pictures::{Picture, Table};
use jobwise_kit::Failure;
use jobwise_kit::atomic;

use super::failed;

/// Where figures go, and how.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Output")]
pub(crate) struct Pages {
    /// The directory of the files, or the name of the file: NAME.png or NAME.svg; where there are
    /// several, NAME is the beginning of their names
    #[arg(short, long, value_name = "DIR|FILE", default_value = ".")]
    output: PathBuf,
    /// png, svg or both [default: that of the file's name, else png]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    format: Vec<Format>,
    /// Width and height in pixels
    #[arg(long, value_name = "WIDTHxHEIGHT", value_parser = parse_size)]
    size: Option<(u32, u32)>,
    /// Print what would be drawn, and do nothing
    #[arg(long)]
    dry_run: bool,
}

/// The files that a command writes.
#[derive(Debug)]
pub(crate) struct Places {
    target: Target,
    prefix: String,
    size: Option<(u32, u32)>,
    dry_run: bool,
    figures: Vec<&'static str>,
    tables: Vec<&'static str>,
}

impl Pages {
    /// Decides the names of figures and tables. In a directory they begin with `prefix`.
    pub(crate) fn places(
        &self,
        prefix: &str,
        figures: &[&'static str],
        tables: &[&'static str],
    ) -> Result<Places, Failure> {
        Ok(Places {
            target: Target::new(&self.output, &self.format).map_err(Failure::usage)?,
            prefix: prefix.to_owned(),
            size: self.size,
            dry_run: self.dry_run,
            figures: figures.to_vec(),
            tables: tables.to_vec(),
        })
    }
}

impl Places {
    /// The size asked for, else `usual`.
    pub(crate) fn size(&self, usual: (u32, u32)) -> (u32, u32) {
        self.size.unwrap_or(usual)
    }

    /// Whether nothing is to be written.
    pub(crate) fn dry_run(&self) -> bool {
        self.dry_run
    }

    /// The files, one per line after a word.
    pub(crate) fn describe(&self, word: &str) -> String {
        let mut text = String::new();
        let figures = self.figures.iter().flat_map(|name| {
            let formats = self.target.formats().iter();
            formats.map(move |format| self.path(name, format.extension()))
        });
        let tables = self.tables.iter().map(|name| self.path(name, "csv"));
        for path in figures.chain(tables) {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{word} {}", path.display());
        }
        text
    }

    /// Writes figures and tables, which are in the order of their names.
    pub(crate) fn write(&self, pictures: &[Picture], tables: &[Table]) -> Result<(), Failure> {
        for (name, picture) in self.figures.iter().zip(pictures) {
            for &format in self.target.formats() {
                let path = self.path(name, format.extension());
                picture.figure.write(&path, format).map_err(failed)?;
            }
        }
        for (name, table) in self.tables.iter().zip(tables) {
            atomic::write(self.path(name, "csv"), &table.csv).map_err(failed)?;
        }
        Ok(())
    }

    fn path(&self, name: &str, ending: &str) -> PathBuf {
        let several = self.figures.len() > 1;
        self.target.path(&self.prefix, name, several, ending)
    }
}
