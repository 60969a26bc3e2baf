use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::Path;

use jobwise_core::{Cause, IndexSet, Sink};

/// A text file with a line `index,number,number` for each item, in the order of the items: behind
/// [`Ordered`](jobwise_core::Ordered). Its first line is a heading, which says what the numbers are
/// and what they depend on.
///
/// A file is whole lines that have been forced to the disk, and whatever a kill or a power cut has
/// left behind them, which [`open`](Lines::open) cuts off.
#[derive(Debug)]
pub struct Lines {
    file: File,
    done: usize,
    /// Lines that are not in the file yet.
    pending: String,
}

impl Lines {
    /// Opens the file, to go on behind its last whole line. Makes it if there is none.
    ///
    /// # Errors
    /// The file has another heading, is open in another run, or cannot be read or written.
    pub fn open(path: &Path, columns: &[&str], parameters: &str) -> Result<Lines, Cause> {
        let named = |error: std::io::Error| format!("{}: {error}", path.display());
        let heading = format!("# index,{} of {parameters}\n", columns.join(","));
        let mut options = File::options();
        let options = options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(path).map_err(named)?;
        if file.try_lock().is_err() {
            return Err(format!("{}: is open in another run; wait for it", path.display()).into());
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(named)?;
        let Some(lines) = bytes.strip_prefix(heading.as_bytes()) else {
            // A heading that a kill has cut off, or a power cut has left as zeros.
            let is_begun = bytes
                .iter()
                .zip(heading.as_bytes())
                .all(|(a, b)| a == b || *a == 0);
            if !is_begun {
                let found = bytes
                    .split(|byte| *byte == b'\n')
                    .next()
                    .unwrap_or_default();
                let found = String::from_utf8_lossy(&found[..found.len().min(80)]);
                return Err(format!(
                    "{}: begins with {found:?} and not with {:?}: it is of another run or program; \
                     give another name",
                    path.display(),
                    heading.trim_end()
                )
                .into());
            }
            file.set_len(0).map_err(named)?;
            file.rewind().map_err(named)?;
            return Ok(Lines {
                file,
                done: 0,
                pending: heading,
            });
        };
        let (mut done, mut end) = (0, heading.len());
        for line in lines.split_inclusive(|&byte| byte == b'\n') {
            if !is_whole(line, done, columns.len()) {
                break;
            }
            done += 1;
            end += line.len();
        }
        file.set_len(end as u64).map_err(named)?;
        file.seek(SeekFrom::End(0)).map_err(named)?;
        Ok(Lines {
            file,
            done,
            pending: String::new(),
        })
    }
}

/// Whether it is the line of this item, with all that belongs to it.
fn is_whole(line: &[u8], item: usize, columns: usize) -> bool {
    let text = str::from_utf8(line)
        .ok()
        .and_then(|text| text.strip_suffix('\n'));
    text.and_then(|text| text.split_once(','))
        .is_some_and(|(index, numbers)| {
            let mut numbers = numbers.split(',').map(str::parse::<f64>);
            let count = numbers.by_ref().take_while(Result::is_ok).count();
            index == item.to_string() && count == columns && numbers.next().is_none()
        })
}

impl Sink<Vec<f64>> for Lines {
    fn done(&mut self, within: Range<usize>) -> Result<IndexSet, Cause> {
        Ok(within.filter(|&index| index < self.done).collect())
    }

    fn write(&mut self, index: usize, row: Vec<f64>) -> Result<(), Cause> {
        write!(self.pending, "{index}")?;
        for number in row {
            write!(self.pending, ",{number}")?;
        }
        self.pending.push('\n');
        Ok(())
    }

    /// A line is its own mark: there is nothing to be marked once it is on the disk.
    fn commit(&mut self, fresh: &[usize]) -> Result<(), Cause> {
        self.file.write_all(self.pending.as_bytes())?;
        self.pending.clear();
        self.file.sync_all()?;
        self.done += fresh.len();
        Ok(())
    }
}
