use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Files by their path below a directory: their bytes, or what stands for these.
pub type Tree = BTreeMap<String, Vec<u8>>;

/// The files below a directory, without those whose name, or whose directory's name, says that they
/// are on their way (it begins with a dot or with `tmp.`).
///
/// # Panics
/// A directory cannot be listed, or a file cannot be read.
pub fn tree(root: &Path) -> Tree {
    let mut files = Tree::new();
    let mut directories = vec![root.to_path_buf()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with('.') || name.starts_with("tmp.") {
                continue;
            }
            if path.is_dir() {
                directories.push(path);
            } else {
                let below = path.strip_prefix(root).unwrap();
                files.insert(below.display().to_string(), fs::read(&path).unwrap());
            }
        }
    }
    files
}
