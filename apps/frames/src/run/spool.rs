use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use jobwise_core::{Cause, Comm, Error, Result};
use jobwise_kit::atomic::AtomicFile;

use crate::frame::Frame;
use crate::output::Writer;

/// Frames of all ranks on their way into one file, in the order of their keys.
pub(super) enum Output {
    /// This rank alone writes, in that order.
    Direct(Writer),
    /// This rank keeps its frames beside the file.
    Kept(Spool),
    /// This rank has none.
    None,
}

/// Frames in a file that has no name, and goes away with this.
pub(super) struct Spool {
    file: AtomicFile,
    out: BufWriter<File>,
    /// Key as a number, offset and length of each.
    frames: Vec<(usize, u64, u64)>,
    end: u64,
}

impl Output {
    /// Into `path`, of a rank that computes or not.
    pub(super) fn new(comm: &dyn Comm, computes: bool, path: &Path) -> Result<Output, Cause> {
        match comm.size() {
            1 => Ok(Output::Direct(Writer::create(path)?)),
            _ if computes => Ok(Output::Kept(Spool::new(path)?)),
            _ => Ok(Output::None),
        }
    }

    /// Takes a frame with its key as a number.
    pub(super) fn push(&mut self, index: usize, frame: &Frame) -> Result<(), Cause> {
        match self {
            Output::Direct(writer) => Ok(writer.write(frame)?),
            Output::Kept(spool) => spool.push(index, &frame.to_bytes()?),
            Output::None => Err("a rank that only reads has no frames to write".into()),
        }
    }

    /// Ends the file; returns how many frames it has. Collective. Of frames with the same key one is
    /// written.
    pub(super) fn finish(self, comm: &dyn Comm, path: &Path) -> Result<u64> {
        let kept =
            match self {
                Output::Direct(writer) => {
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
            end: 0,
        })
    }

    fn push(&mut self, index: usize, bytes: &[u8]) -> Result<(), Cause> {
        let written = self.out.write_all(bytes);
        written.map_err(|error| format!("{}: {error}", self.file.destination().display()))?;
        let length = bytes.len() as u64;
        self.frames.push((index, self.end, length));
        self.end += length;
        Ok(())
    }
}

/// Where a rank keeps its frames, and which.
type Told = (String, Vec<(usize, u64, u64)>);

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
                .map(move |&(index, at, length)| (index, file, at, length))
        })
        .collect();
    frames.sort_unstable();
    frames.dedup_by_key(|(index, ..)| *index);
    let mut writer = Writer::create(path)?;
    for (_, file, at, length) in frames {
        let (name, file): &(PathBuf, File) = &files[file];
        let mut bytes = vec![0; length as usize];
        let read = file.read_exact_at(&mut bytes, at);
        read.map_err(|error| format!("{}: {error}", name.display()))?;
        let (frame, _) = Frame::parse(&Bytes::from(bytes), 0)
            .map_err(|damage| format!("{}: {damage}", name.display()))?;
        writer.write(&frame)?;
    }
    let frames = writer.frames();
    writer.finish()?;
    Ok(frames)
}
