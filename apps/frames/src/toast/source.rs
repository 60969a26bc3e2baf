use std::path::PathBuf;

use jobwise_kit::regular_file;

use super::Result;
use crate::frame::Frame;
use crate::input::{self, Options};

/// Where scans come from, with the frames in front of them that say more of them: twice the same.
pub trait Source {
    /// Hands on all frames in their order, until `take` fails.
    ///
    /// # Errors
    /// A frame cannot be had, and those of `take`.
    fn each(&mut self, take: &mut dyn FnMut(&Frame) -> Result<()>) -> Result<()>;
}

/// Files, which are read twice: so they cannot be pipes.
#[derive(Clone, Debug)]
pub struct Files {
    /// The files.
    pub files: Vec<PathBuf>,
    /// How they are read.
    pub input: Options,
}

impl Source for Files {
    fn each(&mut self, take: &mut dyn FnMut(&Frame) -> Result<()>) -> Result<()> {
        for file in &self.files {
            regular_file(file).map_err(jobwise_hdf5::Error::io(file))?;
            for frame in input::open(file, &self.input)? {
                take(&frame?)?;
            }
        }
        Ok(())
    }
}
