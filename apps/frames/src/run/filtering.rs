use std::collections::HashSet;
use std::path::PathBuf;

use jobwise_core::{Backend, Cause, Cpu, Error, Result};

use super::Summary;
use super::order::ReaderOrder;
use super::spool::Output;
use crate::distributor::{Distributed, Distribution, Key, Mode, Watch, Worker, distribute};
use crate::filter::ScanFilter;
use crate::frame::{Frame, FrameType};

/// Scans to be filtered.
#[derive(Clone, Debug)]
pub struct Filtering {
    /// The scans, and the metadata in front of them.
    pub distribution: Distribution,
    /// What is done to each scan.
    pub filter: ScanFilter,
    /// The file that is written.
    pub output: PathBuf,
}

/// Filters scans, and writes them with the metadata in front of them, in the order of the files.
/// Scans that are turnarounds are left out; other data frames stay as they are. Collective.
///
/// # Errors
/// On every rank: what [`distribute`] says; the file cannot be written. Then there is no file, or
/// the old one.
pub fn filter<B: Backend<Device = Cpu>>(
    backend: &B,
    filtering: &Filtering,
    watch: Option<Watch<'_>>,
) -> Result<Summary> {
    let comm = backend.comm();
    let distribution = &filtering.distribution;
    let readers = distribution.readers(comm.size());
    let readers = readers.map_err(|text| Error::Program(text.into()))?;
    let computes = comm.size() == 1 || comm.rank() >= readers;
    let first = if comm.size() == 1 { 0 } else { readers };
    // Where all ranks see all metadata, one of them writes them.
    let writes_metadata = distribution.mode == Mode::Relaxed || comm.rank() == first;
    let make = |_| {
        Ok(FilterWorker {
            filter: filtering.filter.clone(),
            metadata: Vec::new(),
            writes_metadata,
        })
    };
    let output = Output::new(comm, computes, &filtering.output);
    let mut output = comm.agree(output.map_err(Error::Program))?;
    let mut known = HashSet::new();
    let mut used = 0;
    let mut put = |frames: Vec<(usize, Frame)>| -> Result<(), Cause> {
        for (index, frame) in frames {
            let is_data = distribution.data.contains(&frame.kind());
            used += usize::from(is_data);
            // Each lane brings the metadata that it has seen.
            if is_data || known.insert(index) {
                output.push(index, &frame)?;
            }
        }
        Ok(())
    };
    let mut sink = ReaderOrder::new(&distribution.files, readers, |_, _, frames| put(frames));
    let distributed = distribute(backend, distribution, watch, make, &mut sink)?;
    let Distributed {
        workers, report, ..
    } = distributed;
    let rest = workers
        .into_iter()
        .try_for_each(|worker| put(worker.metadata));
    comm.agree(rest.map_err(Error::Program))?;
    let used = comm.all_reduce(&used, |all: Vec<usize>| all.into_iter().sum::<usize>())?;
    let written = output.finish(comm, &filtering.output)?;
    Ok(Summary {
        read: report.done,
        used,
        written,
    })
}

struct FilterWorker {
    filter: ScanFilter,
    /// Metadata that go in front of the next data frame, with their keys as numbers.
    metadata: Vec<(usize, Frame)>,
    writes_metadata: bool,
}

impl Worker for FilterWorker {
    /// Frames with their keys as numbers.
    type Output = Vec<(usize, Frame)>;

    fn metadata(&mut self, key: Key, frame: Frame) -> Result<(), Cause> {
        if self.writes_metadata {
            self.metadata.push((key.index()?, frame));
        }
        Ok(())
    }

    fn data(&mut self, key: Key, mut frame: Frame) -> Result<Self::Output, Cause> {
        let is_kept = frame.kind() != FrameType::SCAN || self.filter.filter(&mut frame)?;
        let mut frames = std::mem::take(&mut self.metadata);
        if is_kept {
            // Encoded here, on the lane.
            let (encoded, _) = Frame::parse(&frame.to_bytes()?, 0)?;
            frames.push((key.index()?, encoded));
        }
        Ok(frames)
    }
}
