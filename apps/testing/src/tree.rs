use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use crate::must::must;

/// Files by their path below a directory: their bytes, or what stands for these.
pub type Tree = BTreeMap<String, Vec<u8>>;

/// The names in a directory, sorted.
///
/// # Panics
/// It cannot be listed, or a name is no text.
pub fn names(directory: &Path) -> Vec<String> {
    let entries = must(directory, fs::read_dir(directory));
    let name = |entry: io::Result<fs::DirEntry>| must(directory, entry).file_name().into_string();
    let names: Result<Vec<String>, _> = entries.map(name).collect();
    let mut names = names.unwrap_or_else(|name| panic!("{}: is no text", name.display()));
    names.sort();
    names
}

/// The files below a directory (none, if it is not there), without those whose name, or whose
/// directory's name, says that they are on their way (it begins with a dot or with `tmp.`), and
/// without those that go while it is looked at: commands of a killed run may be at work still.
///
/// # Panics
/// A directory cannot be listed, or a file cannot be read.
pub fn tree(root: &Path) -> Tree {
    let mut files = Tree::new();
    let mut directories = Vec::from_iter(root.exists().then(|| root.to_path_buf()));
    while let Some(directory) = directories.pop() {
        for entry in must(&directory, fs::read_dir(&directory)) {
            let entry = must(&directory, entry);
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') || name.starts_with("tmp.") {
                continue;
            }
            if path.is_dir() {
                directories.push(path);
            } else {
                let read = fs::read(&path);
                if read
                    .as_ref()
                    .is_err_and(|it| it.kind() == ErrorKind::NotFound)
                {
                    continue;
                }
                let below = path.strip_prefix(root).unwrap_or(&path);
                files.insert(below.display().to_string(), must(&path, read));
            }
        }
    }
    files
}
