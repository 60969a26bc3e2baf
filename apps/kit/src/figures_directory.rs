use std::ffi::OsStr;
use std::path::Path;

use crate::failure::Failure;

/// Extensions of pictures.
const PICTURES: [&str; 12] = [
    "png", "svg", "jpg", "jpeg", "gif", "tif", "tiff", "bmp", "webp", "pdf", "eps", "ps",
];

/// Refuses the name of a picture where the directory of several figures is meant.
///
/// # Errors
/// It ends as names of pictures do, and is no directory that is there.
pub fn figures_directory(path: &Path) -> Result<(), Failure> {
    let extension = path.extension().map(OsStr::to_ascii_lowercase);
    let is_picture = extension.is_some_and(|it| PICTURES.iter().any(|known| it == *known));
    if is_picture && !path.is_dir() {
        return Err(Failure::usage(format!(
            "{}: -o names the directory of the figures, which have names of their own: give a directory, and \
             --format png or svg",
            path.display()
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_pictures_are_no_directories() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["x.jpg", "x.PNG", "a/b.svg", "x.tiff"] {
            let path = directory.path().join(name);
            let told = figures_directory(&path).unwrap_err().to_string();
            assert!(told.contains(name) && told.contains("--format"), "{told}");
        }
        let there = directory.path().join("there.png");
        std::fs::create_dir(&there).unwrap();
        for path in [
            Path::new("."),
            Path::new("figures"),
            Path::new("run.2"),
            &there,
        ] {
            figures_directory(path).unwrap();
        }
    }
}
