use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use jobwise_core::{Cause, Comm, Error, Result};
use jobwise_kit::atomic::AtomicFile;

use super::metadata::{Metadata, Newest};
use crate::frame::{Digest, Frame};
use crate::output::Writer;

/// Frames of all ranks on their way into one file, in the order of their keys.
pub(super) enum Output {
    /// This rank alone writes, in that order.
    Direct(Writer, Newest),
    /// This rank keeps its frames beside the file.
    Kept(Spool),
    /// This rank has none.
    None,
}

/// Frames in a file that has no name, and goes away with this.
pub(super) struct Spool {
    file: AtomicFile,
    out: BufWriter<File>,
    frames: Vec<Kept>,
    /// The metadata that are there already: offset and length.
    metadata: HashMap<Digest, (u64, u64)>,
    end: u64,
}

/// A frame that is kept: where it goes, whether it is metadata, its offset and length.
type Kept = (Slot, bool, (u64, u64));

/// Where a frame goes: at the key of a data frame or at its own, as a number, and then its place
/// among those that go in front of that data frame.
pub(super) type Slot = (usize, u32);

/// Of frames at their own key.
const OWN: u32 = u32::MAX;

impl Output {
    /// Into `path`, of a rank that computes or not.
    pub(super) fn new(comm: &dyn Comm, computes: bool, path: &Path) -> Result<Output, Cause> {
        match comm.size() {
            1 => Ok(Output::Direct(Writer::create(path)?, Newest::default())),
            _ if computes => Ok(Output::Kept(Spool::new(path)?)),
            _ => Ok(Output::None),
        }
    }

    /// Takes a data frame, or a map, with its key as a number.
    pub(super) fn push(&mut self, index: usize, frame: &Frame) -> Result<(), Cause> {
        match self {
            Output::Direct(writer, _) => Ok(writer.write(frame)?),
            Output::Kept(spool) => {
                let at = spool.add(&frame.to_bytes()?)?;
                spool.frames.push(((index, OWN), false, at));
                Ok(())
            }
            Output::None => Err(NOTHING_COMPUTED.into()),
        }
    }

    /// Takes metadata, which are written unless they equal those of their type that are written
    /// last: at their own key, or, with a place, in front of the data frame of the key `index`.
    pub(super) fn push_metadata(
        &mut self,
        index: usize,
        place: Option<u32>,
        metadata: &Metadata,
    ) -> Result<(), Cause> {
        match self {
            Output::Direct(writer, newest) => {
                if newest.changes(metadata.frame.kind(), metadata.digest) {
                    writer.write(&metadata.frame)?;
                }
                Ok(())
            }
            Output::Kept(spool) => {
                let at = match spool.metadata.get(&metadata.digest) {
                    Some(at) => *at,
                    None => spool.add(&metadata.frame.to_bytes()?)?,
                };
                spool.metadata.insert(metadata.digest, at);
                let slot = (index, place.unwrap_or(OWN));
                spool.frames.push((slot, true, at));
                Ok(())
            }
            Output::None => Err(NOTHING_COMPUTED.into()),
        }
    }

    /// Ends the file; returns how many frames it has. Collective. Of frames that go to the same
    /// place one is written.
    pub(super) fn finish(self, comm: &dyn Comm, path: &Path) -> Result<u64> {
        let kept =
            match self {
                Output::Direct(writer, _) => {
                    let frames = writer.frames();
                    writer
                        .finish()
                        .map_err(|error| Error::Program(error.into()))?;
                    return Ok(frames);
                }
                Output::Kept(mut spool) => {
                    Some(spool.out.flush().map(|()| spool).map_err(|error| {
                        Error::Program(format!("{}: {error}", path.display()).into())
                    }))
                }
                Output::None => None,
            };
        let spool = comm.agree(kept.transpose())?;
        let told = spool.as_ref().map(|spool| {
            let temporary = spool.file.temporary().to_string_lossy().into_owned();
            (temporary, spool.frames.clone())
        });
        let all = comm.gather_values(&told)?;
        let written = all.map(|all| merge(&all.into_iter().flatten().collect::<Vec<_>>(), path));
        let written = comm.agree(written.transpose().map_err(Error::Program))?;
        comm.broadcast_value(written)
    }
}

impl Spool {
    fn new(path: &Path) -> Result<Spool, Cause> {
        let file = AtomicFile::new(path)?;
        let out = File::create(file.temporary());
        let out = out.map_err(|error| format!("{}: {error}", file.temporary().display()))?;
        Ok(Spool {
            file,
            out: BufWriter::with_capacity(1 << 20, out),
            frames: Vec::new(),
            metadata: HashMap::new(),
            end: 0,
        })
    }

    /// Where the bytes are then.
    fn add(&mut self, bytes: &[u8]) -> Result<(u64, u64), Cause> {
        let written = self.out.write_all(bytes);
        written.map_err(|error| format!("{}: {error}", self.file.destination().display()))?;
        let at = (self.end, bytes.len() as u64);
        self.end += at.1;
        Ok(at)
    }
}

const NOTHING_COMPUTED: &str = "a rank that only reads has no frames to write";

/// Where a rank keeps its frames, and which.
type Told = (String, Vec<Kept>);

fn merge(spools: &[Told], path: &Path) -> Result<u64, Cause> {
    let open = |(name, _): &Told| -> Result<(PathBuf, File), Cause> {
        let file = File::open(name).map_err(|error| format!("{name}: {error}"))?;
        Ok((name.into(), file))
    };
    let files = spools.iter().map(open).collect::<Result<Vec<_>, _>>()?;
    let mut frames: Vec<_> = (0..)
        .zip(spools)
        .flat_map(|(file, (_, frames))| {
            frames
                .iter()
                .map(move |&(slot, is_metadata, at)| (slot, file, is_metadata, at))
        })
        .collect();
    frames.sort_unstable();
    frames.dedup_by_key(|(slot, ..)| *slot);
    let read = |file: usize, (at, length): (u64, u64)| -> Result<Frame, Cause> {
        let (name, file) = &files[file];
        let mut bytes = vec![0; length as usize];
        let read = file.read_exact_at(&mut bytes, at);
        read.map_err(|error| format!("{}: {error}", name.display()))?;
        let (frame, _) = Frame::parse(&Bytes::from(bytes), 0)
            .map_err(|damage| format!("{}: {damage}", name.display()))?;
        Ok(frame)
    };
    let mut writer = Writer::create(path)?;
    let (mut newest, mut known) = (Newest::default(), HashMap::new());
    for (_, file, is_metadata, at) in frames {
        if !is_metadata {
            writer.write(&read(file, at)?)?;
            continue;
        }
        let mut frame = None;
        let (kind, digest) = if let Some(known) = known.get(&(file, at)) {
            *known
        } else {
            let frame = frame.insert(read(file, at)?);
            let found = (frame.kind(), frame.digest()?);
            known.insert((file, at), found);
            found
        };
        if newest.changes(kind, digest) {
            let frame = frame.map_or_else(|| read(file, at), Ok)?;
            writer.write(&frame)?;
        }
    }
    let frames = writer.frames();
    writer.finish()?;
    Ok(frames)
}
