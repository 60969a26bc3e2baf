use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;
use jobwise_frames::input::{Options, open};
use jobwise_kit::Failure;

use super::reading::unread;

/// List the frames of files: number, offset, length, type, names of objects
#[derive(Args, Debug)]
pub(crate) struct Flags {
    /// Files, FIFOs, - for standard input, or senders: tcp://HOST:PORT
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    for file in &flags.files {
        let input = open(file, &Options::default()).map_err(unread)?;
        if flags.files.len() > 1 {
            jobwise_kit::print(&format!("{}:\n", file.display()))?;
        }
        // Lines of files go together; those of others are wanted as frames come.
        let most = if file.is_file() { 1 << 16 } else { 0 };
        let mut lines = String::new();
        for frame in input {
            let frame = match frame {
                Ok(frame) => frame,
                Err(error) => {
                    jobwise_kit::print(&lines)?;
                    return Err(unread(error));
                }
            };
            let (number, offset) = frame
                .place()
                .map_or((0, 0), |place| (place.frame, place.offset));
            let length = frame.bytes().map_or(0, bytes::Bytes::len);
            let kind = frame.kind().to_string();
            // Writing to a text does not fail.
            let _ = write!(lines, "{number:>7} {offset:>13} {length:>11}  {kind:<4}");
            for name in frame.names() {
                lines.push(' ');
                lines += &printable(&name.to_str());
            }
            lines.push('\n');
            if lines.len() > most {
                jobwise_kit::print(&lines)?;
                lines.clear();
            }
        }
        jobwise_kit::print(&lines)?;
    }
    Ok(())
}

/// A name as one word of one line.
pub(super) fn printable(name: &str) -> String {
    let is_plain = |letter: char| !letter.is_control() && !letter.is_whitespace();
    if !name.is_empty() && name.chars().all(is_plain) {
        name.to_owned()
    } else {
        format!("{name:?}")
    }
}
