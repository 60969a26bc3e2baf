use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// How the content of a file is compressed: its name says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Not at all: `.g3`.
    Plain,
    /// `.g3.gz`.
    Gzip,
    /// `.g3.bz2`.
    Bzip2,
    /// `.g3.xz`.
    Xz,
    /// `.g3.zst`.
    Zstd,
}

impl Form {
    /// Every form with the end of its names.
    const ALL: [(Form, &'static str); 5] = [
        (Form::Plain, ".g3"),
        (Form::Gzip, ".g3.gz"),
        (Form::Bzip2, ".g3.bz2"),
        (Form::Xz, ".g3.xz"),
        (Form::Zstd, ".g3.zst"),
    ];

    /// The form of a file of that name; `None` when the name does not end as names of G3 files do,
    /// or is nothing but that end.
    pub fn of(path: &Path) -> Option<Form> {
        let name = path.file_name().map_or(&b""[..], OsStr::as_bytes);
        let has = |end: &str| name.len() > end.len() && name.ends_with(end.as_bytes());
        let found = Form::ALL.iter().find(|(_, end)| has(end));
        found.map(|(form, _)| *form)
    }

    /// How names of such files end.
    pub fn suffix(self) -> &'static str {
        Form::ALL[self as usize].1
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Form::Plain => "plain",
            Form::Gzip => "gzip",
            Form::Bzip2 => "bzip2",
            Form::Xz => "xz",
            Form::Zstd => "zstd",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_how_files_are_compressed() {
        for (name, form) in [
            ("a.g3", Some(Form::Plain)),
            ("d/a.b.g3.gz", Some(Form::Gzip)),
            ("a.g3.bz2", Some(Form::Bzip2)),
            ("a.g3.xz", Some(Form::Xz)),
            ("a.g3.zst", Some(Form::Zstd)),
            (".g3", None),
            (".g3.gz", None),
            ("a.gz", None),
            ("a.g3.tar", None),
            ("a.G3", None),
            ("g3", None),
            ("d.g3/", Some(Form::Plain)),
        ] {
            assert_eq!(Form::of(Path::new(name)), form, "{name}");
        }
        for (form, suffix) in Form::ALL {
            assert_eq!(form.suffix(), suffix);
        }
    }
}
