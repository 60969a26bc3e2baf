use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use jobwise_core::{Backend, Cause, Cpu, Error, Result};

use super::Summary;
use super::metadata::Metadata;
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
    // All ranks see the metadata that all files have, and one of them writes all of those. Where
    // they do not precede a data frame in the order of keys they are written again in front of it.
    let writes_common = distribution.mode == Mode::Strict && comm.rank() == first;
    let make = |_| {
        Ok(FilterWorker {
            filter: filtering.filter.clone(),
            common: Vec::new(),
            preceding: Arc::default(),
            writes_common,
        })
    };
    let output = Output::new(comm, computes, &filtering.output);
    let mut output = comm.agree(output.map_err(Error::Program))?;
    let mut known = HashSet::new();
    let mut used = 0;
    let mut put = |filtered: Filtered| -> Result<(), Cause> {
        for metadata in filtered.common {
            // Each lane brings those that it has seen.
            if known.insert(metadata.index) {
                output.push_metadata(metadata.index, None, &metadata)?;
            }
        }
        if let Some((index, frame)) = filtered.frame {
            used += 1;
            for (place, metadata) in (0..).zip(&*filtered.preceding) {
                output.push_metadata(index, Some(place), metadata)?;
            }
            output.push(index, &frame)?;
        }
        Ok(())
    };
    let mut sink = ReaderOrder::new(&distribution.files, readers, |_, _, filtered| put(filtered));
    let distributed = distribute(backend, distribution, watch, make, &mut sink)?;
    let Distributed {
        workers, report, ..
    } = distributed;
    let rest = workers
        .into_iter()
        .try_for_each(|worker| put(worker.rest()));
    comm.agree(rest.map_err(Error::Program))?;
    let used = comm.all_reduce(&used, |all: Vec<usize>| all.into_iter().sum::<usize>())?;
    let written = output.finish(comm, &filtering.output)?;
    Ok(Summary {
        read: report.done,
        used,
        written,
    })
}

/// What comes of a data frame.
struct Filtered {
    /// Metadata that all files have and this lane saw first.
    common: Vec<Metadata>,
    /// The newest metadata of each type in front of it, in their order.
    preceding: Arc<Vec<Metadata>>,
    /// The frame, unless it is left out, with its key as a number.
    frame: Option<(usize, Frame)>,
}

struct FilterWorker {
    filter: ScanFilter,
    common: Vec<Metadata>,
    preceding: Arc<Vec<Metadata>>,
    writes_common: bool,
}

impl FilterWorker {
    /// What is behind all data frames.
    fn rest(self) -> Filtered {
        Filtered {
            common: self.common,
            preceding: self.preceding,
            frame: None,
        }
    }
}

impl Worker for FilterWorker {
    type Output = Filtered;

    fn metadata(&mut self, key: Key, frame: Frame) -> Result<(), Cause> {
        let metadata = Metadata::new(key, frame)?;
        let kind = metadata.frame.kind();
        if self.writes_common && kind != FrameType::PIPELINE_INFO {
            self.common.push(metadata.clone());
        }
        let preceding = Arc::make_mut(&mut self.preceding);
        preceding.retain(|other| other.frame.kind() != kind);
        preceding.push(metadata);
        preceding.sort_by_key(Metadata::order);
        Ok(())
    }

    fn data(&mut self, key: Key, mut frame: Frame) -> Result<Filtered, Cause> {
        let is_kept = frame.kind() != FrameType::SCAN || self.filter.filter(&mut frame)?;
        let mut filtered = Filtered {
            common: std::mem::take(&mut self.common),
            preceding: self.preceding.clone(),
            frame: None,
        };
        if is_kept {
            // Encoded here, on the lane.
            let (encoded, _) = Frame::parse(&frame.to_bytes()?, 0)?;
            filtered.frame = Some((key.index()?, encoded));
        }
        Ok(filtered)
    }
}
