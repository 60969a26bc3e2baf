//! Single frames of files, for commands that need one.

use std::path::Path;

use jobwise_frames::archive::Text;
use jobwise_frames::frame::{Frame, FrameType};
use jobwise_frames::input::{self, Options};
use jobwise_frames::map::StoredMap;
use jobwise_kit::Failure;

use super::failed;
use super::reading::unread;

/// A scan of a file, by its number among scans, and the newest Calibration frame before it.
pub(super) fn scan(file: &Path, number: usize) -> Result<(Frame, Option<Frame>), Failure> {
    let (mut scans, mut calibration) = (0, None);
    for frame in input::open(file, &Options::default()).map_err(unread)? {
        let frame = frame.map_err(unread)?;
        match frame.kind() {
            FrameType::CALIBRATION => calibration = Some(frame),
            FrameType::SCAN if scans == number => return Ok((frame, calibration)),
            FrameType::SCAN => scans += 1,
            _ => {}
        }
    }
    let file = file.display();
    Err(failed(format!(
        "{file}: no scan {number}: there are {scans}, counted from 0"
    )))
}

/// The only map of a file, or the only one with that name.
pub(super) fn only_map(file: &Path, id: Option<&str>) -> Result<StoredMap, Failure> {
    let mut found: Option<(Text, Frame)> = None;
    for frame in input::open(file, &Options::default()).map_err(unread)? {
        let frame = frame.map_err(unread)?;
        if frame.kind() != FrameType::MAP {
            continue;
        }
        let own: &Text = frame.get_as("Id").map_err(failed)?;
        let own = own.clone();
        if id.is_some_and(|id| own != id) {
            continue;
        }
        if let Some((first, _)) = &found {
            let file = file.display();
            return Err(failed(format!(
                "{file}: there are several maps, {first} and {own}: --id chooses by name, and \
                 frames coadd adds those of one name"
            )));
        }
        found = Some((own, frame));
    }
    let file = file.display();
    let nothing = || match id {
        Some(id) => failed(format!("{file}: there is no map {id}")),
        None => failed(format!("{file}: there is no map")),
    };
    StoredMap::read(&found.ok_or_else(nothing)?.1).map_err(failed)
}
