//! Reading integrations back.

use std::path::Path;

use super::content::Value;
use super::format::Part;
use super::stored::Stored;
use super::{RunInfo, cube};
use crate::search::{Cube, CubeShape, Integration};
use crate::{Error, Result};

/// The integrations of a file of this run, in order of time, each with its number of missing
/// samples: bit by bit as they were written. `None` if the file was written without `config_hash`,
/// by the peer, which stores less.
///
/// # Errors
/// When the file is of another configuration, damaged, or of another shape or type than this
/// program writes.
pub fn read_rows(path: &Path, run: &RunInfo) -> Result<Option<Vec<(Integration, u64)>>> {
    let stored = Stored::open(path)?;
    match stored.attribute(Part::File, "config_hash")? {
        None => return Ok(None),
        Some(Value::Text(hash)) if hash == run.config_hash => {}
        Some(_) => {
            return Err(Error::Format {
                path: path.to_path_buf(),
                problem: "it was written with another configuration (its config_hash differs)"
                    .to_owned(),
            });
        }
    }
    let gates = run.parameters.ranges.len();
    let times = stored.shape("missing_samples")?.first().copied();
    let times = times.unwrap_or(0);
    let of_gates = [times, gates];
    let of_times = [times];
    let gmf = stored.exact::<f32>("gmf", &of_gates)?;
    let gmf_zero_frequency = stored.exact::<f32>("gmf_zero_frequency", &of_gates)?;
    let range_rate_index = stored.exact::<i32>("range_rate_index", &of_gates)?;
    let acceleration_index = stored.exact::<i32>("acceleration_index", &of_gates)?;
    let tx_power = stored.exact::<f32>("tx_power", &of_times)?;
    let range_peak = stored.exact::<f64>("range_peak", &of_times)?;
    let range_rate_peak = stored.exact::<f64>("range_rate_peak", &of_times)?;
    let acceleration_peak = stored.exact::<f64>("acceleration_peak", &of_times)?;
    let gmf_peak = stored.exact::<f32>("gmf_peak", &of_times)?;
    let missing = stored.exact::<i64>("missing_samples", &of_times)?;
    let mut cubes = match cube::shape(run)? {
        Some(shape) => read_cubes(&stored, times, shape)?,
        None => Vec::new(),
    }
    .into_iter();
    let row = |time: usize| {
        let gates = time * gates..(time + 1) * gates;
        let integration = Integration {
            gmf: gmf[gates.clone()].to_vec(),
            gmf_zero_frequency: gmf_zero_frequency[gates.clone()].to_vec(),
            range_rate_index: range_rate_index[gates.clone()].to_vec(),
            acceleration_index: acceleration_index[gates].to_vec(),
            tx_power: tx_power[time],
            range_peak: range_peak[time],
            range_rate_peak: range_rate_peak[time],
            acceleration_peak: acceleration_peak[time],
            gmf_peak: gmf_peak[time],
            cube: cubes.next(),
        };
        (integration, missing[time].max(0) as u64)
    };
    Ok(Some((0..times).map(row).collect()))
}

/// The cubes of all integrations.
fn read_cubes(stored: &Stored, times: usize, shape: CubeShape) -> Result<Vec<Cube>> {
    let lengths = shape.kept().into_iter().map(|(_, length)| length);
    let all: Vec<usize> = std::iter::once(times).chain(lengths).collect();
    let power = stored.exact::<f32>(cube::POWER, &all)?;
    let names = cube::names(shape);
    let indices = |name| {
        if names.contains(&name) {
            stored.exact::<i32>(name, &all)
        } else {
            Ok(Vec::new())
        }
    };
    let range = indices(cube::RANGE_INDEX)?;
    let range_rate = indices(cube::RANGE_RATE_INDEX)?;
    let acceleration = indices(cube::ACCELERATION_INDEX)?;
    let elements = shape.elements();
    Ok((0..times)
        .map(|time| {
            let own = time * elements..(time + 1) * elements;
            let part = |indices: &[i32]| indices.get(own.clone()).unwrap_or_default().to_vec();
            Cube {
                shape,
                power: power[own.clone()].to_vec(),
                range_index: part(&range),
                range_rate_index: part(&range_rate),
                acceleration_index: part(&acceleration),
            }
        })
        .collect())
}
