use std::path::PathBuf;
use std::sync::Arc;

use jobwise_core::{Backend, Cpu, Error, Result};

use super::Summary;
use super::gathering::{add_up, merge};
use super::order::ReaderOrder;
use super::spool::Output;
use crate::archive::Text;
use crate::distributor::{Distributed, Distribution, Key, Watch, distribute};
use crate::frame::Place;
use crate::map::{self, Binning, Contribution, ScanWorker, StoredMap, Sum};
use crate::output::Writer;

/// Maps to be made of scans.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// The scans, and the calibration in front of them.
    pub distribution: Distribution,
    /// How they become a map.
    pub binning: Binning,
    /// The name of the map.
    pub id: Text,
    /// Whether each scan gives a map.
    pub is_per_scan: bool,
    /// The file that is written.
    pub output: PathBuf,
}

/// Makes maps of scans, and writes them as Map frames. Collective. A rank that computes holds a sum
/// for each rank that reads.
///
/// # Errors
/// On every rank: what [`distribute`] says; no scan gives anything; scans have different units; the
/// file cannot be written. Then there is no file, or the old one.
pub fn map<B: Backend<Device = Cpu>>(
    backend: &B,
    mapping: &Mapping,
    watch: Option<Watch<'_>>,
) -> Result<Summary> {
    let comm = backend.comm();
    let program = |cause: jobwise_core::Cause| Error::Program(cause);
    let distribution = &mapping.distribution;
    let readers = distribution
        .readers(comm.size())
        .map_err(|text| program(text.into()))?;
    let binning = Arc::new(mapping.binning.clone());
    let make = |_| Ok(ScanWorker::new(&binning));
    let empty = || Sum::new(binning.geometry, binning.polarization);
    let at = |index, error: &map::Error| {
        let Some(Place { file, frame, .. }) = Key::from_index(index).place(&distribution.files, 0)
        else {
            return error.to_string();
        };
        format!("{}: frame {frame}: {error}", file.display())
    };
    let mut used = 0;
    if mapping.is_per_scan {
        let computes = comm.size() == 1 || comm.rank() >= readers;
        let output = Output::new(comm, computes, &mapping.output);
        let mut output = comm.agree(output.map_err(program))?;
        let take = |_, index, contribution: Option<Contribution>| {
            if let Some(contribution) = contribution {
                used += 1;
                let mut sum = empty();
                sum.add(contribution)?;
                output.push(index, &StoredMap::new(mapping.id.clone(), sum).to_frame())?;
            }
            Ok(())
        };
        let mut sink = ReaderOrder::new(&distribution.files, readers, take);
        let Distributed { report, .. } = distribute(backend, distribution, watch, make, &mut sink)?;
        let used = comm.all_reduce(&used, |all: Vec<usize>| all.into_iter().sum::<usize>())?;
        check(used)?;
        let written = output.finish(comm, &mapping.output)?;
        return Ok(Summary {
            read: report.done,
            used,
            written,
        });
    }
    let mut sums: Vec<Option<Sum>> = vec![None; readers];
    let take = |reader: usize, index, contribution: Option<Contribution>| {
        if let Some(contribution) = contribution {
            used += 1;
            let sum = sums[reader].get_or_insert_with(empty);
            sum.add(contribution).map_err(|error| at(index, &error))?;
        }
        Ok(())
    };
    let mut sink = ReaderOrder::new(&distribution.files, readers, take);
    let Distributed { report, .. } = distribute(backend, distribution, watch, make, &mut sink)?;
    let used = comm.all_reduce(&used, |all: Vec<usize>| all.into_iter().sum::<usize>())?;
    check(used)?;
    let own = sums.into_iter().try_fold(None, merge);
    let sum = add_up(comm, comm.agree(own)?)?;
    let written = match sum.filter(|_| comm.rank() == 0) {
        Some(sum) => write(mapping, sum).map_err(program),
        None => Ok(()),
    };
    comm.agree(written)?;
    Ok(Summary {
        read: report.done,
        used,
        written: 1,
    })
}

fn check(used: usize) -> Result<()> {
    match used {
        0 => Err(Error::Program(
            "no scan gives anything to a map: all are turnarounds, or there is none".into(),
        )),
        _ => Ok(()),
    }
}

fn write(mapping: &Mapping, sum: Sum) -> Result<(), jobwise_core::Cause> {
    let mut writer = Writer::create(&mapping.output)?;
    writer.write(&StoredMap::new(mapping.id.clone(), sum).to_frame())?;
    writer.finish()?;
    Ok(())
}
