use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Key;

/// The files of a stream of frames, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(Vec<Block>);

/// Files that are read at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A file whose metadata concern all that follows: every reader reads it.
    Shared(PathBuf),
    /// Files that are read side by side: of `R` readers, reader `r` reads files `r`, `r + R`, ...
    Parallel(Vec<PathBuf>),
}

/// A list of files is not as it should be.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct Malformed(String);

impl Block {
    /// Its files.
    pub fn files(&self) -> &[PathBuf] {
        match self {
            Block::Shared(file) => std::slice::from_ref(file),
            Block::Parallel(files) => files,
        }
    }
}

impl Files {
    /// Of these blocks.
    pub fn new(blocks: Vec<Block>) -> Files {
        Files(blocks)
    }

    /// Files that are read side by side, and nothing before them.
    pub fn parallel(files: Vec<PathBuf>) -> Files {
        Files(vec![Block::Parallel(files)])
    }

    /// From JSON: a list of names, of shared files, and of lists of names, of files that are read
    /// side by side. Names are relative to `directory`; addresses of senders are names too.
    ///
    /// # Errors
    /// When the text is anything else.
    pub fn from_json(text: &str, directory: &Path) -> Result<Files, Malformed> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| Malformed(error.to_string()))?;
        let name = |value: &Value| value.as_str().map(|name| located(name, directory));
        let block = |(at, value): (usize, &Value)| {
            let files = match value {
                Value::Array(files) => files
                    .iter()
                    .map(name)
                    .collect::<Option<_>>()
                    .map(Block::Parallel),
                other => name(other).map(Block::Shared),
            };
            files.ok_or_else(|| {
                Malformed(format!(
                    "entry {at} is neither the name of a file nor a list of names"
                ))
            })
        };
        let Value::Array(blocks) = &value else {
            return Err(Malformed(
                "a list of files is like [\"shared.g3\", [\"a.g3\", \"b.g3\"]]".into(),
            ));
        };
        blocks
            .iter()
            .enumerate()
            .map(block)
            .collect::<Result<_, _>>()
            .map(Files)
    }

    /// The blocks, in their order.
    pub fn blocks(&self) -> &[Block] {
        &self.0
    }

    /// All files, in the order of blocks.
    pub fn iter(&self) -> impl Iterator<Item = &PathBuf> {
        self.0.iter().flat_map(Block::files)
    }

    /// The one of `readers` that brings the data of a file.
    pub fn reader(&self, key: Key, readers: usize) -> usize {
        match self.0.get(key.block as usize) {
            Some(Block::Parallel(_)) => key.file as usize % readers,
            _ => 0,
        }
    }

    /// The most files that can be read at once.
    pub fn width(&self) -> usize {
        let widths = self.0.iter().map(|block| block.files().len());
        widths.max().unwrap_or(0)
    }
}

fn located(name: &str, directory: &Path) -> PathBuf {
    if name == "-" || name.starts_with("tcp://") {
        name.into()
    } else {
        directory.join(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_names_and_lists_of_names() {
        let read = |text| Files::from_json(text, Path::new("d"));
        let files = read(r#"["shared.g3", ["a.g3", "/b.g3", "tcp://h:1"]]"#).unwrap();
        let parallel = vec!["d/a.g3".into(), "/b.g3".into(), "tcp://h:1".into()];
        let shared = Block::Shared("d/shared.g3".into());
        assert_eq!(files.blocks(), [shared, Block::Parallel(parallel)]);
        assert_eq!((files.width(), files.iter().count()), (3, 4));
        for wrong in ["{}", "[1]", "[[[\"a.g3\"]]]", "[", "\"a.g3\""] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
