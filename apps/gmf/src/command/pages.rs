use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use jobwise_figures::{Format, parse_size};
use jobwise_gmf::pictures::{Picture, Table};
use jobwise_kit::Failure;
use jobwise_kit::atomic;

use super::failed;

/// Where figures go, and how.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Output")]
pub(crate) struct Pages {
    /// The directory of the files, or the name of the file: NAME.png or NAME.svg; where there are several, NAME is the
    /// beginning of their names
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
    directory: PathBuf,
    stem: String,
    formats: Vec<Format>,
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
        let ending = self.output.extension().and_then(|e| e.to_str());
        let named: Option<Format> = ending.and_then(|ending| ending.parse().ok());
        let is_directory = self.output.is_dir() || named.is_none();
        if self.output.is_file() && is_directory {
            return Err(Failure::usage(format!(
                "{}: is a file; -o takes a directory, or a file that ends in .png or .svg",
                self.output.display()
            )));
        }
        let mut formats = self.format.clone();
        if formats.is_empty() {
            formats.push(named.filter(|_| !is_directory).unwrap_or(Format::Png));
        }
        let several = figures.len() > 1;
        let (directory, stem) = if is_directory {
            (self.output.clone(), prefix.to_owned())
        } else {
            let stem = self
                .output
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy();
            let stem = if several {
                format!("{stem}-")
            } else {
                stem.into_owned()
            };
            let directory = self.output.parent().unwrap_or(Path::new(""));
            (directory.to_path_buf(), stem)
        };
        // A single figure has the name of the file alone.
        let is_named = !is_directory && !several;
        let named = |names: &[&'static str]| {
            names
                .iter()
                .map(|&n| if is_named { "" } else { n })
                .collect()
        };
        Ok(Places {
            directory,
            stem,
            formats,
            size: self.size,
            dry_run: self.dry_run,
            figures: named(figures),
            tables: named(tables),
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
            let formats = self.formats.iter();
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
            for &format in &self.formats {
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
        self.directory.join(format!("{}{name}.{ending}", self.stem))
    }
}
