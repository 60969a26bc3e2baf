//! Files of results as HDF5: variables are datasets, scales are dimension scales.
//!
//! Datasets are little-endian, and contiguous unless compression is asked for. A finished file
//! carries a checksum over every byte.

mod read;
mod storage;
mod write;

use std::path::Path;

use jobwise_hdf5::atomic::AtomicFile;
use jobwise_hdf5::seal::{Seal, verify};

use super::Origin;
use super::content::{Content, Variable};
use super::format::{Format, Integrity, Reader};
use crate::Result;

/// HDF5, as every reader of it opens.
#[derive(Clone, Copy, Debug)]
pub struct Hdf5;

impl Format for Hdf5 {
    fn ending(&self) -> &'static str {
        "h5"
    }

    fn write(
        &self,
        path: &Path,
        content: &Content<'_>,
        compression: u8,
        origin: Option<&Origin>,
    ) -> Result<()> {
        let atomic = AtomicFile::new(path)?;
        let file = atomic.create_h5()?;
        write::put(&file, content, compression)?;
        if let Some(origin) = origin {
            origin.note(atomic.temporary());
        }
        Ok(atomic.commit_h5(file)?)
    }

    fn replace(&self, path: &Path, variables: &[Variable<'_>]) -> Result<()> {
        let atomic = AtomicFile::new(path)?;
        let file = atomic.copy_h5(path)?;
        write::remove(&file, variables)?;
        write::add(&file, variables, 0)?;
        if let Some(origin) = Origin::of(path) {
            origin.note(atomic.temporary());
        }
        Ok(atomic.commit_h5(file)?)
    }

    fn check(&self, path: &Path) -> Result<Integrity> {
        let seal = verify(path)?;
        if let Some(why) = seal.problem() {
            let why = why.to_owned();
            return Ok(Integrity::Damaged { why });
        }
        Ok(match seal {
            Seal::Whole => Integrity::Whole,
            _ => Integrity::Unknown,
        })
    }

    fn open(&self, path: &Path) -> Result<Box<dyn Reader>> {
        Ok(Box::new(read::Hdf5Reader::open(path)?))
    }
}
