use std::fmt::Write as _;
use std::path::Path;

use super::peaks::{Peak, peaks};
use super::truth::Truth;
use crate::Result;
use crate::clock::format_utc;

/// The peaks of an analysis as a table, beside the truth of the simulated recording where one is given.
///
/// # Errors
/// When the results or the truth cannot be read.
pub fn peak_table(root: &Path, recording: Option<&Path>) -> Result<String> {
    let truth = recording.map(Truth::read).transpose()?;
    let peaks = peaks(root)?;
    let mut text = String::from(
        "                                     range of the total path     range rate           acceleration\n\
         integration from (UTC)             GMF                [km]          [m/s]                [m/s^2]\n",
    );
    for peak in &peaks {
        row(&mut text, peak, truth.as_ref())?;
    }
    if truth.is_some() {
        text += "After each value found: in brackets, the true value of the nearest target.\n";
    }
    Ok(text)
}

// Writing to a String cannot fail.
fn row(text: &mut String, peak: &Peak, truth: Option<&Truth>) -> Result<()> {
    let time = format_utc((peak.time * 1e6).round() as i64)?;
    if peak.range.is_nan() {
        let _ = writeln!(text, "{time}   not analysed");
        return Ok(());
    }
    let _ = write!(text, "{time} {:11.3}", peak.gmf);
    let near = truth.and_then(|truth| truth.nearest(peak.time, peak.range));
    let columns = [
        (peak.range / 1e3, near.map(|m| m.range / 1e3), 3),
        (peak.range_rate, near.map(|m| m.range_rate), 1),
        (peak.acceleration, near.map(|m| m.acceleration), 1),
    ];
    for (found, known, digits) in columns {
        let _ = write!(text, " {found:11.digits$}");
        if let Some(known) = known {
            let _ = write!(text, " ({known:9.digits$})");
        }
    }
    text.push('\n');
    Ok(())
}
