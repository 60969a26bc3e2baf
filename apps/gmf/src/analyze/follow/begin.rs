//! What is not there yet.

use std::path::Path;
use std::sync::Arc;

use jobwise_kit::Inputs;

use crate::Result;
use crate::analyze::Request;
use crate::drf::{Channel, is_begun};
use crate::experiment::Experiment;
use crate::parameters::Timing;

/// What of a recording is awaited before it can be followed: its experiment, and a channel's first
/// samples. `None` when everything is there.
pub(super) fn awaited(request: &Request) -> Result<Option<String>> {
    let (rx, tx) = (&request.rx, &request.tx);
    let metadata = rx.0.join("metadata.ini");
    if !metadata.is_file() {
        return Ok(Some(format!("{}", metadata.display())));
    }
    let periods = PERIODS * Timing::new(&Experiment::read(&metadata)?)?.ipp as u64;
    for (directory, channel) in [rx, tx] {
        let channel = directory.join(channel);
        if !holds_samples(&channel, periods, &request.inputs)? {
            return Ok(Some(format!("samples in {}", channel.display())));
        }
    }
    Ok(None)
}

/// Inter-pulse periods that must be there before it can be seen where the pulses lie.
const PERIODS: u64 = 2;

fn holds_samples(channel: &Path, least: u64, inputs: &Arc<Inputs>) -> Result<bool> {
    if !is_begun(channel)? {
        return Ok(false);
    }
    Ok(Channel::open_with(channel, Arc::clone(inputs))?
        .bounds()?
        .is_some_and(|bounds| bounds.end - bounds.start >= least))
}
