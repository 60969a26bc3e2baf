//! Writing the recording.

use std::path::Path;

use jobwise_core::{Cancel, Observer, Progress};
use jobwise_kit::Inputs;
use jobwise_kit::atomic::AtomicDirectory;
use num_complex::Complex;

use super::plan::{Plan, PlannedFile};
use super::raw::{self, Unfit};
use crate::Result;
use crate::clock::Rate;
use crate::dmd::{MetadataProperties, MetadataWriter};
use crate::drf::{Cadence, Element, ElementType, Order, Properties, Writer, WriterOptions};

/// Zeros written at once.
const PIECE: usize = 1 << 20;

/// Seconds per directory, of samples and of pointing.
const DIRECTORY_SECONDS: u64 = 3600;

/// What did not fit and how often. Every single case was a warning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Corrections {
    /// Places where files are missing.
    pub gaps: u64,
    /// Samples that were never recorded there.
    pub gap_samples: u64,
    /// Files that were too short.
    pub short: u64,
    /// Zeros written at their ends.
    pub short_samples: u64,
    /// Files that were too long.
    pub long: u64,
    /// Samples cut off their ends.
    pub long_samples: u64,
    /// Real and imaginary parts beyond 16 bits.
    pub clipped: u64,
    /// Those that are no numbers.
    pub no_numbers: u64,
}

/// Converts as planned into the new directory `output`, samples deflated at level `compression` (0
/// for none). The directory appears when it is complete. One raw file is in memory at a time; one
/// that cannot be read is passed over if `inputs` says so. `None` when cancelled.
///
/// # Errors
/// `output` exists or cannot be written, or a raw file is damaged.
pub fn record(
    plan: &Plan,
    output: &Path,
    compression: u8,
    inputs: &Inputs,
    cancel: &Cancel,
    observer: &dyn Observer,
) -> Result<Option<Corrections>> {
    let directory = AtomicDirectory::new(output)?;
    let mut samples = Writer::create(
        directory.path().join(&plan.experiment.rx_channel),
        properties(plan.rate)?,
        WriterOptions {
            compression,
            checksum: false,
            uuid: plan.experiment.rx_channel.clone(),
        },
    )?;
    let mut pointing = MetadataWriter::create(
        directory.path().join("pointing"),
        MetadataProperties {
            rate: Rate::new(
                plan.rate.numerator(),
                plan.rate.denominator() * plan.samples_per_file,
            )?,
            subdirectory_seconds: DIRECTORY_SECONDS,
            file_seconds: DIRECTORY_SECONDS,
            file_name: "meta".to_owned(),
        },
        &["azimuth", "elevation"],
    )?;
    let mut corrections = Corrections::default();
    for (done, file) in plan.files.iter().enumerate() {
        if cancel.is_cancelled() {
            return Ok(None);
        }
        observer.progress(Progress {
            total: plan.files.len(),
            done,
            ..Progress::default()
        });
        let read = raw::samples(&file.path, plan.samples_per_file as usize);
        let (values, unfit) = match read {
            Ok(read) => read,
            Err(error) => {
                inputs.pass_over(&file.path, error)?;
                continue;
            }
        };
        // The first may come late when others were passed over.
        let free = samples.next().max(plan.samples().start);
        if free < file.start {
            corrections.gap(file, file.start - free);
        }
        let end = file.start + plan.samples_per_file;
        samples.write(file.start, &values)?;
        let written = values.len() as u64;
        corrections.length(file, plan.samples_per_file, written);
        corrections.replace(file, unfit);
        drop(values);
        zeros(&mut samples, end)?;
        pointing.write(interval(file.start, plan.samples_per_file), &file.pointing)?;
    }
    samples.finish()?;
    pointing.finish()?;
    plan.experiment
        .write(&directory.path().join("metadata.ini"))?;
    directory.commit()?;
    Ok(Some(corrections))
}

/// Files of a second, of complex 16-bit integers.
fn properties(rate: Rate) -> Result<Properties> {
    let element = ElementType {
        kind: i16::KIND,
        order: Order::Little,
        is_complex: true,
    };
    let cadence = Cadence::new(DIRECTORY_SECONDS, 1000)?;
    Ok(Properties::new(rate, cadence, element, 1, true))
}

/// Writes zeros up to a sample.
fn zeros(writer: &mut Writer, end: u64) -> Result<()> {
    let mut piece = Vec::new();
    while writer.next() < end {
        let count = (end - writer.next()).min(PIECE as u64) as usize;
        piece.resize(count, Complex::new(0i16, 0));
        writer.write(writer.next(), &piece)?;
    }
    Ok(())
}

/// The interval since 1970 that a file which begins at sample `start` covers most.
fn interval(start: u64, samples_per_file: u64) -> u64 {
    (start + samples_per_file / 2) / samples_per_file
}

impl Corrections {
    fn gap(&mut self, file: &PlannedFile, samples: u64) {
        log::warn!(
            "{}: {samples} samples before it are missing",
            file.path.display()
        );
        self.gaps += 1;
        self.gap_samples += samples;
    }

    fn length(&mut self, file: &PlannedFile, wanted: u64, written: u64) {
        let path = file.path.display();
        if written < wanted {
            log::warn!(
                "{path}: {} samples too short; filled with zeros",
                wanted - written
            );
            self.short += 1;
            self.short_samples += wanted - written;
        } else if file.samples > wanted {
            log::warn!("{path}: {} samples too long; cut", file.samples - wanted);
            self.long += 1;
            self.long_samples += file.samples - wanted;
        }
    }

    fn replace(&mut self, file: &PlannedFile, Unfit { beyond, nan }: Unfit) {
        let path = file.path.display();
        if beyond > 0 {
            log::warn!("{path}: {beyond} values exceed 16 bits; clipped");
            self.clipped += beyond;
        }
        if nan > 0 {
            log::warn!("{path}: {nan} values are no numbers; written as 0");
            self.no_numbers += nan;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gets_the_interval_that_it_covers_most() {
        for (start, expected) in [(0, 0), (4, 0), (5, 1), (10, 1), (14, 1), (15, 2), (19, 2)] {
            assert_eq!(interval(start, 10), expected, "{start}");
        }
        // Neighbours never share one, wherever they begin.
        for start in 0..30 {
            assert_eq!(interval(start + 10, 10), interval(start, 10) + 1);
        }
    }
}
