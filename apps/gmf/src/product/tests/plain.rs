//! A format for tests alone: lines of text, a digest of them as the last.

use std::path::Path;

use jobwise_kit::Digest;
use jobwise_kit::atomic::AtomicFile;

use crate::product::content::{Content, Number, Numbers, Role, Value, Values, Variable};
use crate::product::format::{Format, Head, Integrity, Kind, Names, Part, Reader};
use crate::product::{Attributes, Origin};
use crate::{Error, Result};

/// Fields are separated by tabs: `variable`, its name, `scale` or `results`, type, lengths,
/// numbers; `attribute`, the kind and name of its part, its own name, type, value; `group`, name.
#[derive(Debug)]
pub(in crate::product) struct Plain;

impl Format for Plain {
    fn ending(&self) -> &'static str {
        "plain"
    }

    fn write(
        &self,
        path: &Path,
        content: &Content<'_>,
        _compression: u8,
        origin: Option<&Origin>,
    ) -> Result<()> {
        let mut lines = Vec::new();
        for one in content.variables.iter().flatten() {
            put(one, &mut lines);
        }
        let (name, start) = content.start;
        lines.push(format!("variable\t{name}\tresults\tfloat64\t\t{start:?}"));
        for (name, attributes) in &content.groups {
            lines.push(format!("group\t{name}"));
            put_attributes(&format!("group\t{name}"), attributes, &mut lines);
        }
        put_attributes("file\t", &content.attributes, &mut lines);
        for one in &content.refined {
            put(one, &mut lines);
        }
        commit(path, &lines, origin)
    }

    fn replace(&self, path: &Path, variables: &[Variable<'_>]) -> Result<()> {
        let mut lines = Lines::read(path)?.0;
        for Variable { name, .. } in variables {
            let of_it = format!("variable\t{name}\t");
            lines.retain(|line| !line.trim_start_matches("attribute\t").starts_with(&of_it));
        }
        for one in variables {
            put(one, &mut lines);
        }
        commit(path, &lines, Origin::of(path).as_ref())
    }

    fn check(&self, path: &Path) -> Result<Integrity> {
        let text = text(path)?;
        let why = "its digest does not fit".to_owned();
        Ok(match text.rsplit_once("digest\t") {
            Some((body, end)) if digest(body) == end => Integrity::Whole,
            _ => Integrity::Damaged { why },
        })
    }

    fn open(&self, path: &Path) -> Result<Box<dyn Reader>> {
        Ok(Box::new(Lines::read(path)?))
    }
}

fn commit(path: &Path, lines: &[String], origin: Option<&Origin>) -> Result<()> {
    let body = lines.join("\n") + "\n";
    let file = AtomicFile::new(path)?;
    let text = format!("{body}digest\t{}", digest(&body));
    std::fs::write(file.temporary(), text).map_err(io(path))?;
    if let Some(origin) = origin {
        origin.note(file.temporary());
    }
    Ok(file.commit()?)
}

fn put(variable: &Variable<'_>, lines: &mut Vec<String>) {
    let Variable { name, shape, .. } = variable;
    let role = match variable.role {
        Role::Scale => "scale",
        Role::Results(_) => "results",
    };
    let (kind, numbers) = match &variable.numbers {
        Numbers::I32(values) => (Kind::I32, words(values)),
        Numbers::I64(values) => (Kind::I64, words(values)),
        Numbers::F32(values) => (Kind::F32, words(values)),
        Numbers::F64(values) => (Kind::F64, words(values)),
    };
    let lengths: Vec<_> = shape.iter().map(ToString::to_string).collect();
    let lengths = lengths.join(" ");
    lines.push(format!(
        "variable\t{name}\t{role}\t{kind}\t{lengths}\t{numbers}"
    ));
    let attributes = variable.attributes.iter();
    let attributes: Attributes = attributes
        .map(|(n, v)| ((*n).to_owned(), v.clone()))
        .collect();
    put_attributes(&format!("variable\t{name}"), &attributes, lines);
}

/// Debug keeps every digit.
fn words<T: std::fmt::Debug>(values: &Values<'_, T>) -> String {
    let all: Vec<&T> = match values {
        Values::Whole(values) => values.iter().collect(),
        Values::Entries { entries, absent } => {
            let entries = entries.iter().flat_map(|entry| entry.unwrap_or(absent));
            entries.collect()
        }
    };
    let words: Vec<_> = all.iter().map(|value| format!("{value:?}")).collect();
    words.join(" ")
}

fn put_attributes(part: &str, attributes: &Attributes, lines: &mut Vec<String>) {
    for (name, value) in attributes {
        let kind = match value {
            Value::Integer(_) => "integer",
            Value::Unsigned(_) => "unsigned",
            Value::Float(_) => "float",
            Value::Text(_) | Value::Other(_) => "text",
        };
        assert!(!value.to_string().contains(['\t', '\n']));
        lines.push(format!("attribute\t{part}\t{name}\t{kind}\t{value}"));
    }
}

fn digest(body: &str) -> String {
    Digest::new("plain").text("body", body).finish()
}

fn text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(io(path))
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let path = path.to_path_buf();
    |source| Error::Io { path, source }
}

#[derive(Debug)]
struct Lines(Vec<String>);

impl Lines {
    fn read(path: &Path) -> Result<Lines> {
        let text = text(path)?;
        let lines = text.lines().filter(|line| !line.starts_with("digest\t"));
        Ok(Lines(lines.map(str::to_owned).collect()))
    }

    /// The fields of lines that begin so.
    fn of<'l>(&'l self, begin: &'l [&'l str]) -> impl Iterator<Item = Vec<&'l str>> {
        let lines = self.0.iter().map(|line| line.split('\t').collect());
        lines.filter(move |fields: &Vec<&str>| fields.starts_with(begin))
    }

    fn variable(&self, name: &str) -> Result<Vec<&str>> {
        let lines = self.0.iter().map(|line| line.split('\t').collect());
        let mut lines = lines.filter(|fields: &Vec<&str>| fields.starts_with(&["variable", name]));
        lines
            .next()
            .ok_or_else(|| Error::Request(format!("no variable {name}")))
    }
}

impl Reader for Lines {
    fn names(&self) -> Result<Names> {
        let variables = self.of(&["variable"]);
        let variables = variables.map(|fields| (fields[1].to_owned(), fields[2] == "scale"));
        let groups = self.of(&["group"]).map(|fields| fields[1].to_owned());
        let (mut variables, mut groups): (Vec<_>, Vec<_>) = (variables.collect(), groups.collect());
        variables.sort();
        groups.sort();
        Ok(Names { variables, groups })
    }

    fn has(&self, variable: &str) -> bool {
        self.variable(variable).is_ok()
    }

    fn head(&self, variable: &str) -> Result<Head> {
        let fields = self.variable(variable)?;
        let kinds = [Kind::I32, Kind::I64, Kind::F32, Kind::F64];
        let mut kinds = kinds.into_iter();
        Ok(Head {
            kind: kinds.find(|kind| kind.to_string() == fields[3]).unwrap(),
            shape: fields[4]
                .split_whitespace()
                .map(|n| n.parse().unwrap())
                .collect(),
            is_whole: true,
        })
    }

    fn numbers(&self, variable: &str, kind: &Kind) -> Result<Numbers<'static>> {
        fn parsed<T: Number + std::str::FromStr<Err: std::fmt::Debug>>(
            words: &str,
        ) -> Numbers<'static> {
            let words = words.split_whitespace().map(|word| word.parse().unwrap());
            T::numbers(Values::Whole(words.collect()))
        }
        let words = self.variable(variable)?[5];
        Ok(match kind {
            Kind::I32 => parsed::<i32>(words),
            Kind::I64 => parsed::<i64>(words),
            Kind::F32 => parsed::<f32>(words),
            Kind::F64 | Kind::Other(_) => parsed::<f64>(words),
        })
    }

    fn attributes(&self, part: Part<'_>) -> Result<Vec<(String, Value)>> {
        let (kind, name) = match part {
            Part::File => ("file", ""),
            Part::Group(name) => ("group", name),
            Part::Variable(name) => ("variable", name),
        };
        let value = |kind: &str, text: &str| match kind {
            "integer" => Value::Integer(text.parse().unwrap()),
            "unsigned" => Value::Unsigned(text.parse().unwrap()),
            "float" => Value::Float(text.parse().unwrap()),
            _ => Value::Text(text.to_owned()),
        };
        let begin = ["attribute", kind, name];
        let found = self.of(&begin);
        let mut all: Vec<_> = found
            .map(|f| (f[3].to_owned(), value(f[4], f[5])))
            .collect();
        all.sort_by(|one, other| one.0.cmp(&other.0));
        Ok(all)
    }
}
