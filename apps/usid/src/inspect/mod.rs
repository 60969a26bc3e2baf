//! What an HDF5 file holds, as text: its tree, its main datasets, its results and how complete they
//! are.

mod completeness;
mod line;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use hdf5::{Dataset, File, Group, Location};
use jobwise_core::Cancel;
use jobwise_hdf5::{
    attributes, file_access,
    seal::{self, Seal},
};

use crate::error::refused;
use crate::format::{Ancillary, Main, Member, Value, Walk, is_meant, mains, results};
use crate::process::{FINGERPRINT, verify};
use crate::{Error, Result};

/// Describes a file, or what lies below one object of it.
///
/// Datasets that only say what the rows and columns of others are, are left out, unless `all`: then
/// they and every attribute are shown.
///
/// # Errors
/// The file cannot be read, or has no object of that path.
pub fn inspect(path: &Path, object: Option<&str>, look: Look) -> Result<Inspection> {
    // Files that we made whole end with a checksum, until something is written into them. What was
    // changed since is not given to the library, which may crash on it.
    let seal = if look.quick {
        Seal::Unsealed
    } else {
        seal::verify(path)?
    };
    if seal != Seal::Foreign
        && let Some(problem) = seal.problem()
    {
        let text = format!(
            "{}: DAMAGED: {problem} (--quick shows what can be read)\n",
            path.display()
        );
        let problems = vec![problem.to_owned()];
        return Ok(Inspection { text, problems });
    }
    let file = file_access::open(path)?;
    let mains = mains(&file)?;
    let mut tree = Tree {
        look,
        ancillary: ancillaries(&mains),
        tables: verify::Tables::default(),
        hidden: 0,
        text: String::new(),
        problems: Vec::new(),
    };
    // Writing to a String cannot fail.
    let _ = writeln!(tree.text, "{}: {}", path.display(), line::size(file.size()));
    if mains.is_empty() {
        let _ = writeln!(
            tree.text,
            "no main dataset: no USID file; `usid import` makes one from a picture"
        );
    }
    let object = object.unwrap_or("/");
    match open(&file, path, object)? {
        Member::Group(group) => {
            tree.member(0, &group.name(), &Member::Group(group.clone()));
            for (depth, name, member) in Walk::new(&group)? {
                tree.member(depth, &name, &member);
            }
        }
        other => tree.member(0, object, &other),
    }
    if tree.hidden > 0 {
        let hidden = tree.hidden;
        let _ = writeln!(
            tree.text,
            "({hidden} datasets of indices and values and the attributes of other objects are not \
             shown: --attributes shows them)"
        );
    }
    Ok(Inspection {
        text: tree.text,
        problems: tree.problems,
    })
}

/// How closely a file is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Show every dataset and every attribute.
    pub all: bool,
    /// Leave out to check whether results are as they were written, and whether what describes rows
    /// and columns can be read, which reads them and their sources.
    pub quick: bool,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// The file in words.
    pub text: String,
    /// What cannot be read, or is not as it was written: an object and what is wrong with it, each
    /// on one line.
    pub problems: Vec<String>,
}

fn open(file: &File, path: &Path, object: &str) -> Result<Member> {
    if let Ok(group) = file.group(object) {
        return Ok(Member::Group(group));
    }
    file.dataset(object)
        .map(Member::Dataset)
        .map_err(|_| Error::Format {
            path: path.to_path_buf(),
            object: object.to_owned(),
            problem: "there is no such group or dataset; without a path, all are shown".into(),
        })
}

/// The paths of all datasets that say what the rows and columns of others are.
fn ancillaries(mains: &[Main]) -> BTreeSet<String> {
    let of = |main: &Main| Ancillary::ALL.map(|which| main.ancillary(which).name());
    mains.iter().flat_map(of).collect()
}

struct Tree {
    look: Look,
    ancillary: BTreeSet<String>,
    tables: verify::Tables,
    hidden: usize,
    text: String,
    problems: Vec<String>,
}

impl Tree {
    /// Shows an object. What cannot be read of it is a problem of its own and hides nothing else.
    fn member(&mut self, depth: usize, name: &str, member: &Member) {
        let shown = match member {
            Member::Group(group) => self.group(depth, name, group),
            Member::Dataset(dataset)
                if !self.look.all && self.ancillary.contains(&dataset.name()) =>
            {
                self.hidden += 1;
                Ok(())
            }
            Member::Dataset(dataset) => self.dataset(depth, name, dataset),
            Member::Datatype => {
                self.line(depth, &format!("{name}  named type"));
                Ok(())
            }
            Member::Link => {
                self.line(depth, &format!("{name}  link"));
                Ok(())
            }
            Member::Unreadable(problem) => {
                self.problem(depth, name, problem);
                Ok(())
            }
        };
        if let Err(error) = shown {
            self.problem(depth, name, &error.to_string());
        }
    }

    fn problem(&mut self, depth: usize, name: &str, problem: &str) {
        let problem = problem.split_whitespace().collect::<Vec<_>>().join(" ");
        self.line(depth, &format!("{name}  DAMAGED: {problem}"));
        self.problems.push(format!("{name}: {problem}"));
    }

    fn line(&mut self, depth: usize, text: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{:1$}{text}", "", 2 * depth);
    }

    fn group(&mut self, depth: usize, name: &str, group: &Group) -> Result<()> {
        let short = name.rsplit('/').next().unwrap_or_default();
        let Some((source, tool, _)) = results::parse(short) else {
            let slash = if name.ends_with('/') { "" } else { "/" };
            self.line(depth, &format!("{name}{slash}"));
            return self.attributes(depth, group, &[]);
        };
        let source = source_of(group, source)?;
        let lost = source.as_ref().err().map(ToString::to_string);
        let source = source.ok();
        let state = completeness::of(group, source.as_ref().map(Main::positions))?;
        self.line(depth, &format!("{name}/  {state}"));
        if let Some(lost) =
            lost.filter(|_| Value::find(group, FINGERPRINT).is_ok_and(|it| it.is_some()))
        {
            let problem = format!("its source can no longer be checked: {lost}");
            self.problem(depth + 1, &group.name(), &problem);
        }
        if !self.look.quick {
            let never = Cancel::default();
            for problem in verify::group(group, source.as_ref(), &never)?.unwrap_or_default() {
                self.problem(depth + 1, &group.name(), &problem);
            }
        }
        let parameters = completeness::parameters(group)?;
        if !self.look.all && !parameters.is_empty() {
            self.line(depth + 1, &format!("{tool}: {parameters}"));
        }
        if let Some(devices) = completeness::devices(group)? {
            self.line(depth + 1, &devices);
        }
        self.attributes(depth, group, &[])
    }

    fn dataset(&mut self, depth: usize, name: &str, dataset: &Dataset) -> Result<()> {
        let described = line::dataset(dataset);
        let main = match Main::open(dataset) {
            Ok(main) => main,
            Err(error) => {
                self.line(depth, &format!("{name}  {described}"));
                if is_meant(dataset) {
                    self.problem(depth + 1, name, &error.to_string());
                }
                return self.attributes(depth, dataset, &[]);
            }
        };
        self.line(depth, &format!("{name}  main  {described}"));
        self.line(depth + 1, &line::main(&main));
        if !self.look.quick {
            for problem in self.tables.unreadable(&main) {
                self.problem(depth + 1, name, &problem);
            }
        }
        self.attributes(depth, dataset, &["quantity", "units"])
    }

    /// All attributes but those that were told already. One that cannot be read is a problem of its
    /// own.
    fn attributes(&mut self, depth: usize, object: &Location, told: &[&str]) -> Result<()> {
        for name in attributes::names(object)? {
            match Value::find(object, &name) {
                Ok(Some(value)) if self.look.all && !told.contains(&name.as_str()) => {
                    self.line(depth + 1, &format!("@{name} = {}", short(&value)));
                }
                Ok(_) => {}
                Err(error) => {
                    let name = format!("{}@{name}", object.name());
                    self.problem(depth + 1, &name, &error.to_string());
                }
            }
        }
        Ok(())
    }
}

/// The first line of a value, of bounded length.
fn short(value: &Value) -> String {
    const MOST: usize = 200;
    let text = value.to_string().replace(['\n', '\r'], " ");
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{} ...", &text[..end]),
        None => text,
    }
}

fn file_of(object: &Location) -> Result<File> {
    object
        .file()
        .map_err(refused(object.filename(), object.name()))
}

/// The source of a results group, which the group refers to; or else the dataset beside it of the
/// name in its own.
fn source_of(group: &Group, name: &str) -> Result<Result<Main>> {
    if results::lost_its_source(group) {
        return Ok(Err(Error::Format {
            path: group.filename().into(),
            object: group.name(),
            problem: "it is gone or was replaced".into(),
        }));
    }
    let path = match Value::find(group, results::SOURCE)? {
        Some(Value::Reference(path)) => path,
        _ => beside(group, name),
    };
    Ok(Main::find(&file_of(group)?, &path))
}

/// The path of a sibling of a group.
fn beside(group: &Group, name: &str) -> String {
    let path = group.name();
    let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    format!("{parent}/{name}")
}
