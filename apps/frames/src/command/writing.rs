use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::path::Path;

use jobwise_frames::frame::{Frame, Huge};
use jobwise_frames::output::{Error, Writer};
use jobwise_kit::{Failure, atomic};

/// The file of a command, or standard output, which its reader may close.
pub(crate) struct Output {
    /// None when nobody reads any more.
    writer: Option<Writer>,
    is_standard: bool,
}

impl Output {
    /// A new file, or one to which frames are added.
    pub(crate) fn open(path: &Path, is_longer: bool) -> Result<Output, Failure> {
        remove_stale(path);
        let writer = if is_longer {
            Writer::append(path)
        } else {
            Writer::create(path)
        };
        Ok(Output {
            writer: Some(writer.map_err(unwritten)?),
            is_standard: path == Path::new("-"),
        })
    }

    /// Whether objects of 4 GiB or more are written.
    pub(crate) fn with_huge(mut self, are_allowed: bool) -> Output {
        if are_allowed {
            self.writer = self.writer.map(|writer| writer.with_huge(Huge::Allowed));
        }
        self
    }

    /// Writes a frame. It breaks when nobody reads any more.
    pub(crate) fn write(&mut self, frame: &Frame) -> Result<ControlFlow<()>, Failure> {
        let Some(writer) = &mut self.writer else {
            return Ok(ControlFlow::Break(()));
        };
        let outcome = writer.write(frame);
        self.unless_closed(outcome)
    }

    /// Ends the file, which then has its name.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        let Some(writer) = self.writer.take() else {
            return Ok(());
        };
        let outcome = writer.finish().map(drop);
        self.unless_closed(outcome).map(drop)
    }

    fn unless_closed(&mut self, outcome: Result<(), Error>) -> Result<ControlFlow<()>, Failure> {
        match outcome {
            Ok(()) => Ok(ControlFlow::Continue(())),
            Err(Error::Io { source, .. })
                if self.is_standard && source.kind() == ErrorKind::BrokenPipe =>
            {
                self.writer = None;
                Ok(ControlFlow::Break(()))
            }
            Err(error) => Err(unwritten(error)),
        }
    }
}

/// Removes what killed commands left beside a file that is to be written.
pub(crate) fn remove_stale(path: &Path) {
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    // What cannot be removed is in nobody's way.
    for path in atomic::remove_stale(directory.unwrap_or(Path::new("."))).unwrap_or_default() {
        log::info!("{}: left by a killed command; removed", path.display());
    }
}

/// A file that cannot be written.
#[allow(clippy::needless_pass_by_value)] // `map_err` hands it over
pub(crate) fn unwritten(error: Error) -> Failure {
    match error {
        Error::Name(_) | Error::Pattern(_) | Error::Division | Error::Compressed { .. } => {
            Failure::usage(error.to_string())
        }
        _ => Failure::failed(error.to_string()),
    }
}
