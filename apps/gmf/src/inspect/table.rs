use std::fmt::Write as _;
use std::path::Path;

use jobwise_kit::Inputs;

use super::peaks::{Peak, peaks};
use super::truth::{Motion, Truth};
use crate::Result;
use crate::clock::format_utc;

/// A peak this many range gates from a target is that target: the target moves, and has its gate at
/// the integration's middle.
const NEAR: f64 = 2.0;

/// The peaks of an analysis as a table, beside the truth of the simulated recording where one is
/// given. Damaged files are passed over.
///
/// # Errors
/// When no results or the truth cannot be read; and for the first damaged file where `inputs` are
/// not passed over.
pub fn peak_table(root: &Path, recording: Option<&Path>, inputs: &Inputs) -> Result<String> {
    let truth = recording.map(Truth::read).transpose()?;
    let mut text = String::from(
        "Ranges, rates and accelerations are of the total path.\nintegration from \
         (UTC)             GMF",
    );
    for column in ["range [km]", "rate [m/s]", "acc. [m/s^2]"] {
        // Writing to a String cannot fail.
        let _ = match truth {
            Some(_) => write!(text, "{column:>13} {:>11}", "(truth)"),
            None => write!(text, "{column:>18}"),
        };
    }
    text.push('\n');
    let (mut found, mut there) = (0, 0);
    for peak in &peaks(root, inputs)? {
        let target = truth
            .as_ref()
            .and_then(|truth| Some((truth.nearest(peak.time, peak.range)?, truth.gate())));
        if let Some((target, gate)) = target {
            there += 1;
            found += usize::from((target.range - peak.range).abs() <= NEAR * gate);
        }
        row(
            &mut text,
            peak,
            truth.is_some(),
            target.map(|(target, _)| target),
        )?;
        if truth.is_none() {
            beside(&mut text, peak);
        }
    }
    if truth.is_some() {
        let _ = writeln!(
            text,
            "In brackets the truth. Integrations with a target: {there}; found within {NEAR} range \
             gates: {found}"
        );
    }
    Ok(text)
}

/// What an optimisation made of a peak, and what else the integration has: a line for each.
fn beside(text: &mut String, peak: &Peak) {
    let mut line = |name: &str, gmf: String, [range, rate, acceleration]: [f64; 3]| {
        let range = range / 1e3;
        let _ = writeln!(
            text,
            "{name:>26} {gmf:>11}{range:18.3}{rate:18.1}{acceleration:18.1}"
        );
    };
    if let Some(optimised) = peak.optimised {
        line("optimised", String::new(), optimised);
    }
    for (number, target) in (2..).zip(&peak.further) {
        let motion = [target.range, target.range_rate, target.acceleration];
        line(
            &format!("target {number}"),
            format!("{:.3}", target.gmf),
            motion,
        );
    }
}

fn row(text: &mut String, peak: &Peak, has_truth: bool, target: Option<Motion>) -> Result<()> {
    let time = format_utc((peak.time * 1e6).round() as i64)?;
    if peak.range.is_nan() {
        let _ = writeln!(text, "{time}   not analysed");
        return Ok(());
    }
    let _ = write!(text, "{time} {:11.3}", peak.gmf);
    let columns = [
        (peak.range / 1e3, target.map(|m| m.range / 1e3), 3),
        (peak.range_rate, target.map(|m| m.range_rate), 1),
        (peak.acceleration, target.map(|m| m.acceleration), 1),
    ];
    for (found, known, digits) in columns {
        let _ = match known {
            Some(known) => write!(text, "{found:13.digits$} ({known:9.digits$})"),
            None if has_truth => write!(text, "{found:13.digits$} {:11}", ""),
            None => write!(text, "{found:18.digits$}"),
        };
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    Ok(())
}
