use crate::frame::{Digest, FrameType, Place};

/// The metadata of files of one block, which are the same in all of them.
#[derive(Default)]
pub(super) struct Sequence {
    /// Those of the first file.
    first: Vec<Entry>,
    /// How many of them the file has had that is read now; `None` while it is the first one.
    compared: Option<usize>,
}

struct Entry {
    kind: FrameType,
    digest: Digest,
    place: Place,
}

impl Sequence {
    /// The next file of the block begins.
    pub(super) fn next_file(&mut self) {
        if !self.first.is_empty() || self.compared.is_some() {
            self.compared = Some(0);
        }
    }

    /// A frame of metadata, which is another one than the last of its type in its file.
    pub(super) fn next(
        &mut self,
        kind: FrameType,
        digest: Digest,
        place: &Place,
    ) -> Result<(), String> {
        let Some(compared) = &mut self.compared else {
            self.first.push(Entry {
                kind,
                digest,
                place: place.clone(),
            });
            return Ok(());
        };
        match self.first.get(*compared) {
            Some(entry) if (entry.kind, entry.digest) == (kind, digest) => {
                *compared += 1;
                Ok(())
            }
            Some(entry) => Err(differs(&format!("{place} (type {kind})"), entry)),
            None => {
                let first = self.first.last().map_or(String::new(), |last| {
                    format!(
                        "; {} has no other metadata behind frame {}",
                        last.place.file.display(),
                        last.place.frame
                    )
                });
                Err(format!(
                    "{place} (type {kind}) is metadata that the files read before do not \
                     have{first}{ADVICE}"
                ))
            }
        }
    }

    /// A file of that name has ended.
    pub(super) fn end_file(&mut self, file: &std::path::Path) -> Result<(), String> {
        let compared = *self.compared.get_or_insert(self.first.len());
        match self.first.get(compared) {
            Some(entry) => Err(differs(&format!("{}: the end", file.display()), entry)),
            None => Ok(()),
        }
    }
}

pub(super) const ADVICE: &str =
    "; files that are read side by side need the same metadata, or --mode relaxed";

fn differs(what: &str, entry: &Entry) -> String {
    format!(
        "{what} comes where {} (type {}) is in the other file{ADVICE}",
        entry.place, entry.kind
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(file: &str, frame: u64) -> Place {
        Place {
            file: std::path::Path::new(file).into(),
            frame,
            offset: 0,
        }
    }

    /// Reads files of metadata, each a list of numbers.
    fn read(files: &[&[u8]]) -> Result<(), String> {
        let mut sequence = Sequence::default();
        for (file, name) in files.iter().zip(["a", "b", "c"]) {
            sequence.next_file();
            for (frame, number) in (0..).zip(*file) {
                let digest = Digest([*number; 16]);
                sequence.next(FrameType::CALIBRATION, digest, &place(name, frame))?;
            }
            sequence.end_file(std::path::Path::new(name))?;
        }
        Ok(())
    }

    #[test]
    fn files_of_a_block_have_the_same_metadata() {
        assert_eq!(read(&[&[1, 2], &[1, 2], &[1, 2]]), Ok(()));
        assert_eq!(read(&[&[], &[], &[]]), Ok(()));
        let other = read(&[&[1, 2], &[1, 3]]).unwrap_err();
        assert!(
            other.contains("b: frame 1") && other.contains("a: frame 1"),
            "{other}"
        );
        let more = read(&[&[1], &[1], &[1, 2]]).unwrap_err();
        assert!(
            more.contains("c: frame 1") && more.contains("a has no other"),
            "{more}"
        );
        let fewer = read(&[&[1, 2], &[1]]).unwrap_err();
        assert!(
            fewer.contains("b: the end") && fewer.contains("a: frame 1"),
            "{fewer}"
        );
        assert!(read(&[&[], &[1]]).is_err());
    }
}
