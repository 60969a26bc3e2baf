//! Writing a simulation as a recording.

use std::fmt::Write as _;
use std::path::Path;

use jobwise_kit::atomic;
use jobwise_kit::atomic::AtomicDirectory;
use num_complex::Complex;

use super::{SampleType, Simulation};
use crate::clock::format_utc;
use crate::drf::{Element, ElementType, Order, Properties, Writer, WriterOptions};
use crate::{Error, Result};

/// Name of the file that tells the truth about every target.
pub const TRUTH_FILE: &str = "truth.ini";

/// Samples written at once, at least: larger pieces compress better, smaller ones need less memory.
const PIECE: usize = 1 << 17;

/// Writes channel, metadata.ini and [`TRUTH_FILE`] into a new directory, which appears when it is
/// complete; `progress` hears how many pulses have been written. Returns how many real and
/// imaginary parts no number of the sample type holds: they became the nearest one.
///
/// # Errors
/// When the directory exists and is not empty, or something cannot be written.
pub fn record(simulation: &Simulation, out: &Path, progress: impl FnMut(u64)) -> Result<u64> {
    let io = |source| Error::Io {
        path: out.to_path_buf(),
        source,
    };
    let is_empty = match std::fs::read_dir(out) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => return Err(io(error)),
    };
    if !is_empty {
        return Err(Error::Format {
            path: out.to_path_buf(),
            problem: "the directory is not empty; choose another one or remove it".to_owned(),
        });
    }
    let directory = AtomicDirectory::new(out)?;
    let inside = directory.path();
    let mut clipped = 0;
    match simulation.scenario().storage.sample_type {
        SampleType::Complex64 => {
            let convert = |x: f64| {
                let narrow = x as f32;
                clipped += u64::from(narrow.is_infinite());
                narrow.clamp(f32::MIN, f32::MAX)
            };
            write(simulation, inside, convert, progress)
        }
        SampleType::Complex128 => write::<f64>(simulation, inside, |x| x, progress),
        SampleType::Int16 => {
            let convert = |x: f64| {
                let whole = x.round_ties_even();
                // The cast saturates.
                clipped += u64::from(!(-32768.0..=32767.0).contains(&whole));
                whole as i16
            };
            write(simulation, inside, convert, progress)
        }
    }?;
    atomic::write(inside.join(TRUTH_FILE), truth(simulation)?)?;
    // Last: only a complete recording has metadata.
    let experiment = &simulation.scenario().experiment;
    experiment.write(&inside.join("metadata.ini"))?;
    directory.commit()?;
    Ok(clipped)
}

fn write<T: Element>(
    simulation: &Simulation,
    out: &Path,
    mut convert: impl FnMut(f64) -> T,
    mut progress: impl FnMut(u64),
) -> Result<()> {
    let scenario = simulation.scenario();
    let element = ElementType {
        kind: T::KIND,
        order: Order::Little,
        is_complex: true,
    };
    let storage = &scenario.storage;
    let properties = Properties::new(
        simulation.rate(),
        storage.cadence,
        element,
        1,
        storage.continuous,
    );
    let options = WriterOptions {
        compression: storage.compression,
        checksum: storage.checksum,
        uuid: "simulation".to_owned(),
    };
    let channel = out.join(&scenario.experiment.rx_channel);
    let mut writer = Writer::create(channel, properties, options)?;
    let mut pulse = vec![Complex::default(); simulation.ipp_samp()];
    let mut piece: Vec<Complex<T>> = Vec::new();
    let mut at = simulation.first_sample(0);
    for number in 0..simulation.pulses() {
        simulation.pulse(number, &mut pulse);
        piece.extend(
            pulse
                .iter()
                .map(|z| Complex::new(convert(z.re), convert(z.im))),
        );
        if piece.len() >= PIECE || number + 1 == simulation.pulses() {
            writer.write(at, &piece)?;
            at += piece.len() as u64;
            piece.clear();
            progress(number + 1);
        }
    }
    writer.finish()
}

/// Range, range rate and acceleration of every target at the first sample.
fn truth(simulation: &Simulation) -> Result<String> {
    let scenario = simulation.scenario();
    let first = simulation.first_sample(0);
    let t = simulation.time(first);
    let mut text = format!(
        "; Total path, at the first sample; times in seconds after it.\n[Truth]\nfirst_sample = \
         {first}\nsample_rate = {}\nepoch = {}\ntime_from_epoch = {t:?}\n",
        scenario.experiment.sample_rate.as_f64(),
        format_utc(scenario.epoch)?,
    );
    for target in &scenario.targets {
        // Writing to a String cannot fail.
        _ = write!(
            text,
            "\n[Target {}]\nrange = {:?}\nrange_rate = {:?}\nacceleration = {:?}\nsnr = {:?}\n",
            target.name,
            target.range_at(t),
            target.range_rate_at(t),
            target.acceleration,
            target.snr,
        );
        let since_first = |seconds: f64| seconds - t;
        for (key, limit) in [
            ("start_time", target.start_time),
            ("end_time", target.end_time),
        ] {
            if let Some(seconds) = limit.map(since_first) {
                _ = writeln!(text, "{key} = {seconds:?}");
            }
        }
    }
    Ok(text)
}
