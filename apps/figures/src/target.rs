use std::path::{Path, PathBuf};

use super::Format;

/// Endings of pictures and pages that other programs draw.
const OTHERS: [&str; 20] = [
    "apng", "avif", "bmp", "emf", "eps", "gif", "heic", "jfif", "jp2", "jpe", "jpeg", "jpg", "jxl",
    "pdf", "pgm", "ppm", "ps", "tif", "tiff", "webp",
];

impl Format {
    /// The format that the name of a file asks for; `None` where it asks for none.
    ///
    /// # Errors
    /// It asks for a format that is not drawn: a sentence that names it.
    pub fn of_name(path: &Path) -> Result<Option<Format>, String> {
        let ending = path.extension().and_then(|ending| ending.to_str());
        let Some(ending) = ending else {
            return Ok(None);
        };
        if OTHERS
            .iter()
            .any(|other| other.eq_ignore_ascii_case(ending))
        {
            return Err(format!(
                "{}: pictures are drawn as PNG or SVG: end the name in .png or .svg",
                path.display()
            ));
        }
        Ok(ending.parse().ok())
    }

    /// The format of a file that is to be a picture.
    ///
    /// # Errors
    /// Its name asks for none, or for one that is not drawn: a sentence.
    pub fn of_file(path: &Path) -> Result<Format, String> {
        Format::of_name(path)?.ok_or_else(|| {
            format!(
                "{}: is no name of a picture: end it in .png or .svg",
                path.display()
            )
        })
    }
}

/// Where figures go: into a directory, or under a name that was chosen for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    directory: PathBuf,
    /// The name that was chosen, without its ending.
    stem: Option<String>,
    formats: Vec<Format>,
}

impl Target {
    /// By what a user has given: a directory, or a file that ends in .png or .svg; and the formats,
    /// which are that of the file's name, or PNG, where none is given.
    ///
    /// # Errors
    /// The name asks for another kind of picture, or is that of a file which is none: a sentence.
    pub fn new(output: &Path, formats: &[Format]) -> Result<Target, String> {
        let named = if output.is_dir() {
            None
        } else {
            Format::of_name(output)?
        };
        if output.is_file() && named.is_none() {
            return Err(format!(
                "{}: is a file; -o takes a directory, or a file that ends in .png or .svg",
                output.display()
            ));
        }
        let formats = match (formats, named) {
            ([], named) => vec![named.unwrap_or(Format::Png)],
            (formats, _) => formats.to_vec(),
        };
        let stem = output.file_stem().unwrap_or_default().to_string_lossy();
        Ok(match named {
            Some(_) => Target {
                directory: output.parent().unwrap_or(Path::new("")).to_path_buf(),
                stem: Some(stem.into_owned()),
                formats,
            },
            None => Target {
                directory: output.to_path_buf(),
                stem: None,
                formats,
            },
        })
    }

    /// The formats in which every figure is written.
    pub fn formats(&self) -> &[Format] {
        &self.formats
    }

    /// The path of what is called `name`: in a directory `prefix` comes before it; under a name
    /// that was chosen, it is that name alone unless there are `several` figures.
    pub fn path(&self, prefix: &str, name: &str, several: bool, ending: &str) -> PathBuf {
        let file = match &self.stem {
            None => format!("{prefix}{name}.{ending}"),
            Some(stem) if several => format!("{stem}-{name}.{ending}"),
            Some(stem) => format!("{stem}.{ending}"),
        };
        self.directory.join(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_ask_for_formats_and_others_are_refused() {
        let of = |name: &str| Format::of_name(Path::new(name));
        assert_eq!(of("a/figures"), Ok(None));
        assert_eq!(of("run.2021"), Ok(None));
        assert_eq!(of(".png"), Ok(None));
        assert_eq!(of("a/b.PNG"), Ok(Some(Format::Png)));
        assert_eq!(of("b.svg"), Ok(Some(Format::Svg)));
        for other in OTHERS {
            for name in [
                format!("a/b.{other}"),
                format!("b.{}", other.to_uppercase()),
            ] {
                let told = of(&name).unwrap_err();
                assert!(
                    told.contains(&name) && told.contains(".png or .svg"),
                    "{told}"
                );
            }
        }
        assert!(
            Format::of_file(Path::new("b"))
                .unwrap_err()
                .contains("end it in")
        );
    }

    #[test]
    fn figures_lie_in_a_directory_or_under_a_name() {
        let of = |output: &str, formats: &[Format]| Target::new(Path::new(output), formats);
        let directory = of("figures", &[]).unwrap();
        assert_eq!(directory.formats(), [Format::Png]);
        let path = directory.path("gmf-", "peaks", true, "csv");
        assert_eq!(path, Path::new("figures/gmf-peaks.csv"));
        let named = of("a/pass.svg", &[]).unwrap();
        assert_eq!(named.formats(), [Format::Svg]);
        assert_eq!(
            named.path("gmf-", "maps", true, "svg"),
            Path::new("a/pass-maps.svg")
        );
        assert_eq!(named.path("", "rti", false, "csv"), Path::new("a/pass.csv"));
        let both = [Format::Png, Format::Svg];
        assert_eq!(of("a/pass.svg", &both).unwrap().formats(), both);
        let here = tempfile::tempdir().unwrap();
        let file = here.path().join("table.csv");
        std::fs::write(&file, "").unwrap();
        assert!(Target::new(&file, &[]).unwrap_err().contains("is a file"));
        let directory = here.path().join("d.png");
        std::fs::create_dir(&directory).unwrap();
        let inside = Target::new(&directory, &[]).unwrap();
        assert_eq!(
            inside.path("", "rti", false, "png"),
            directory.join("rti.png")
        );
    }
}
