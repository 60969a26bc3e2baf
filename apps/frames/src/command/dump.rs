use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use jobwise_frames::archive::Text;
use jobwise_frames::frame::{Frame, FrameType};
use jobwise_frames::input::{Options, open};
use jobwise_frames::json::frame_to_json;
use jobwise_kit::Failure;

use super::ls::printable;
use super::reading::unread;
use super::summary::summary;

/// Show what the frames of a file hold
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// A file, a FIFO, - for standard input, or a sender: tcp://HOST:PORT
    file: PathBuf,
    /// All values, as a JSON list of frames
    #[arg(long)]
    json: bool,
    /// Frames A to B - 1 of the file, counted from 0; A.. and ..B are ranges too, A is one frame
    #[arg(long, value_name = "A..B", default_value = "..")]
    frames: Frames,
    /// Frames of these types, such as S,Calibration,xy
    #[arg(long, value_name = "TYPE,..", value_delimiter = ',')]
    types: Vec<FrameType>,
    /// Objects of these names
    #[arg(long, value_name = "NAME,..", value_delimiter = ',')]
    keys: Vec<String>,
}

/// A range of numbers of frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Frames {
    start: u64,
    end: Option<u64>,
}

impl FromStr for Frames {
    type Err = String;

    fn from_str(text: &str) -> Result<Frames, String> {
        let number = |digits: &str| digits.parse::<u64>().map_err(|error| error.to_string());
        let Some((start, end)) = text.split_once("..") else {
            let start = number(text)?;
            let end = Some(start.saturating_add(1));
            return Ok(Frames { start, end });
        };
        let start = if start.is_empty() { 0 } else { number(start)? };
        let end = (!end.is_empty()).then(|| number(end)).transpose()?;
        Ok(Frames { start, end })
    }
}

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let input = open(&flags.file, &Options::default()).map_err(unread)?;
    if flags.json {
        jobwise_kit::print("[")?;
    }
    let mut count = 0;
    let mut outcome = Ok(());
    for frame in input {
        // Numbers are those of the file, where frames may have been dropped.
        let place = match &frame {
            Ok(frame) => frame.place(),
            Err(error) => error.place.as_ref(),
        };
        let number = place.map_or(0, |place| place.frame);
        if flags.frames.end.is_some_and(|end| number >= end) {
            break;
        }
        let frame = match frame {
            Ok(frame) => frame,
            Err(error) => {
                outcome = Err(unread(error));
                break;
            }
        };
        let is_of_type = flags.types.is_empty() || flags.types.contains(&frame.kind());
        if number < flags.frames.start || !is_of_type {
            continue;
        }
        let text = if flags.json {
            let apart = if count == 0 { "" } else { ",\n" };
            format!("{apart}{}", frame_to_json(&frame, |name| flags.wants(name)))
        } else {
            flags.page(&frame)
        };
        jobwise_kit::print(&text)?;
        count += 1;
    }
    if flags.json {
        // Also after damage: what is printed is JSON.
        jobwise_kit::print("]\n")?;
    }
    outcome
}

impl Flags {
    fn wants(&self, name: &Text) -> bool {
        self.keys.is_empty() || self.keys.iter().any(|key| *name == **key)
    }

    /// A frame for readers: a line per object.
    fn page(&self, frame: &Frame) -> String {
        let kind = frame.kind();
        let name = kind.name().map(|name| format!(" ({name})"));
        let place = frame.place();
        let (number, offset) = place.map_or((0, 0), |place| (place.frame, place.offset));
        let name = name.unwrap_or_default();
        let mut page = format!("frame {number} at byte {offset}: {kind}{name}\n");
        for (name, object) in frame.iter().filter(|(name, _)| self.wants(name)) {
            let class = object.class();
            let class = class.unwrap_or_else(|_| "no class".into());
            let text = match object.value() {
                Ok(value) => summary(value),
                Err(error) => error.to_string(),
            };
            let name = printable(&name.to_str());
            let line = format!("  {name} ({class}): {text}");
            // Names of other objects, and of classes, can be anything.
            page.push_str(&line.replace(char::is_control, "\u{fffd}"));
            page.push('\n');
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_frames_are_understood() {
        let range = |start, end| Ok(Frames { start, end });
        assert_eq!("2..5".parse(), range(2, Some(5)));
        assert_eq!("2..".parse(), range(2, None));
        assert_eq!("..5".parse(), range(0, Some(5)));
        assert_eq!("..".parse(), range(0, None));
        assert_eq!("3".parse(), range(3, Some(4)));
        for text in ["", "a", "1..b", "-1", "1...2"] {
            assert!(text.parse::<Frames>().is_err(), "{text}");
        }
    }
}
