//! What is not there yet.

use std::path::Path;

use crate::Result;
use crate::analyze::Request;
use crate::drf::{Channel, is_begun};

/// What of a recording is awaited before it can be followed: its experiment, and a channel's first samples. `None` when
/// everything is there.
pub(super) fn awaited(request: &Request) -> Result<Option<String>> {
    let (rx, tx) = (&request.rx, &request.tx);
    let metadata = rx.0.join("metadata.ini");
    if !metadata.is_file() {
        return Ok(Some(format!("{}", metadata.display())));
    }
    for (directory, channel) in [rx, tx] {
        let channel = directory.join(channel);
        if !holds_samples(&channel)? {
            return Ok(Some(format!("samples in {}", channel.display())));
        }
    }
    Ok(None)
}

fn holds_samples(channel: &Path) -> Result<bool> {
    Ok(is_begun(channel)? && Channel::open(channel)?.bounds()?.is_some())
}
