use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use jobwise_kit::Inputs;

use crate::Result;
use crate::clock::{Unit, format_utc};
use crate::drf::{Channel, Recording};
use crate::experiment::Experiment;

/// The most continuous blocks that are listed one by one.
const LISTED: usize = 20;

/// Samples of padded files that are looked at for fill: the first second or so of reading.
const LOOKED: u64 = 1 << 26;

/// Describes the channels of a recording, and its experiment where there is one. What cannot be
/// read of it is passed over if `inputs` says so.
///
/// # Errors
/// When the directory is no recording, or a channel or the experiment cannot be read.
pub fn recording(directory: &Path, inputs: &Arc<Inputs>) -> Result<String> {
    let recording = Recording::open(directory)?;
    let mut text = String::new();
    for name in recording.channels() {
        let opened = recording.channel_with(name, Arc::clone(inputs));
        let described = opened.and_then(|opened| channel(name, &opened));
        match described {
            Ok(described) => text.push_str(&described),
            Err(error) => {
                inputs.pass_over(&directory.join(name), error)?;
                let _ = writeln!(text, "channel {name}\n  cannot be read");
            }
        }
    }
    for (path, error) in recording.refused() {
        inputs.pass_over(path, error)?;
    }
    let metadata = directory.join("metadata.ini");
    if metadata.exists() {
        match Experiment::read(&metadata) {
            Ok(experiment) => {
                let _ = writeln!(text, "experiment");
                let ini = experiment.to_ini();
                for line in ini.lines().filter(|line| line.contains('=')) {
                    let _ = writeln!(text, "  {line}");
                }
            }
            Err(error) => inputs.pass_over(&metadata, error)?,
        }
    }
    Ok(text)
}

// Writing to a String cannot fail.
fn channel(name: &str, channel: &Channel) -> Result<String> {
    let mut text = String::new();
    let properties = channel.properties();
    if let Some(warning) = channel.unfinished()? {
        log::warn!("{warning}");
    }
    let _ = writeln!(text, "channel {name}");
    let element = channel.element()?.map_or_else(
        || "no samples yet".to_owned(),
        |element| element.to_string(),
    );
    let _ = writeln!(
        text,
        "  samples      {element}, {} per index, {}",
        properties.subchannels,
        if properties.is_continuous {
            "continuous"
        } else {
            "with gaps"
        }
    );
    let _ = writeln!(text, "  sample rate  {}", properties.rate);
    let Some(bounds) = channel.bounds()? else {
        return Ok(text);
    };
    let time = |index: u64| {
        let microseconds = properties.rate.time_of(index, Unit::Microseconds);
        i64::try_from(microseconds)
            .ok()
            .and_then(|us| format_utc(us).ok())
            .unwrap_or_else(|| "beyond the calendar".to_owned())
    };
    let _ = writeln!(text, "  start        {} UTC", time(bounds.start));
    let _ = writeln!(text, "  end          {} UTC", time(bounds.end));
    let _ = writeln!(text, "  bounds       {} to {}", bounds.start, bounds.end);
    let blocks = channel.blocks()?;
    let samples: u64 = blocks.iter().map(|block| block.length).sum();
    let _ = writeln!(text, "  Msamples     {:.6}", samples as f64 / 1e6);
    let padding = channel.padding(LOOKED)?;
    if let Some(first) = &padding.first {
        let _ = writeln!(
            text,
            "  missing      {} samples inside files, which hold fill; first {} to {}",
            padding.samples, first.start, first.end
        );
    }
    if !padding.is_all {
        let millions = LOOKED as f64 / 1e6;
        let _ = writeln!(
            text,
            "  missing      not known beyond the first {millions:.0} Msamples: later files were \
             not searched for fill"
        );
    }
    let _ = writeln!(text, "  blocks       {} (start, length)", blocks.len());
    for block in blocks.iter().take(LISTED) {
        let _ = writeln!(text, "    {} {}", block.start, block.length);
    }
    if blocks.len() > LISTED {
        let _ = writeln!(text, "    ... {} more", blocks.len() - LISTED);
    }
    Ok(text)
}
