//! What a process did, in words.

use std::fmt::Write as _;

use jobwise_core::IndexSet;
use jobwise_kit::Failure;
use jobwise_usid::process::{Outcome, Sample, Tally};

/// An outcome in words. Writing to a String cannot fail.
pub(super) fn tell(outcome: &Outcome) -> String {
    let Outcome {
        group,
        positions,
        done,
        before,
        tally,
        ..
    } = outcome;
    if before == positions {
        return format!(
            "{group}: complete already, nothing was done (--override computes it anew)\n"
        );
    }
    let seconds = outcome.elapsed.as_secs_f64();
    let mut text = format!("{group}: {done} positions in {seconds:.2} s");
    if *before > 0 {
        let _ = write!(text, ", {before} were done before");
    }
    let left = positions.saturating_sub(done + before + tally.unreadable.len());
    if left > 0 {
        let _ = write!(text, ", {left} are left for other jobs");
    }
    text.push('\n');
    if !tally.not_finite.is_empty() {
        let whole = if tally.outputs.iter().any(|losses| losses.undefined > 0) {
            ", or 0 where whole numbers are stored"
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "{} positions hold NaN or infinite values: their results are NaN{whole} ({})",
            tally.not_finite.len(),
            list(&tally.not_finite)
        );
    }
    text
}

/// Warns of what was lost, once for all ranks; an error where a part of the input could not be
/// used.
///
/// # Errors
/// Rows, or what belongs to them, could not be read, or are known to be damaged or not done.
pub(super) fn judge(outcome: &Outcome) -> Result<(), Failure> {
    let Outcome { group, tally, .. } = outcome;
    let speaks = jobwise_kit::is_first_rank();
    if speaks {
        warn_of_losses(group, outcome.outputs.iter(), tally);
    }
    if tally.unreadable.is_empty() {
        return match outcome.problems {
            0 => Ok(()),
            problems => Err(Failure::partial(format!(
                "{group}: {problems} parts of the source are damaged, not done, or cannot be read"
            ))),
        };
    }
    if speaks {
        log::warn!("positions {}: {}", list(&tally.unreadable), tally.why);
    }
    Err(Failure::partial(format!(
        "{group}: {} positions could not be read and have no results; the same command tries them \
         again",
        tally.unreadable.len()
    )))
}

/// Warns of what numbers lost in `place`, whose outputs have these names.
fn warn_of_losses<'a>(place: &str, names: impl Iterator<Item = &'a String>, tally: &Tally) {
    if !tally.source.is_none() {
        log::warn!("numbers of the source: {}", tally.source);
    }
    if !tally.left_range.is_empty() {
        log::warn!(
            "{place}: {} positions left the range of the type that is computed in: some of their \
             results are infinite or \
             NaN ({})",
            tally.left_range.len(),
            list(&tally.left_range)
        );
    }
    for (name, losses) in names.zip(&tally.outputs) {
        if !losses.is_none() {
            log::warn!("{place}/{name}: {losses}");
        }
    }
}

/// Warns of what the numbers of one unit lost, once for all ranks.
pub(super) fn warn_of_sample(sample: &Sample) {
    if !jobwise_kit::is_first_rank() {
        return;
    }
    let tally = &sample.tally;
    if !tally.not_finite.is_empty() {
        log::warn!(
            "positions {} hold NaN or infinite values: their results are no numbers",
            list(&tally.not_finite)
        );
    }
    let names = sample.outputs.iter().map(|(output, _)| &output.name);
    warn_of_losses("--test-pixel", names, tally);
}

/// The first few runs of a set.
fn list(set: &IndexSet) -> String {
    const MOST: usize = 8;
    let run = |run: std::ops::Range<usize>| match run.len() {
        1 => run.start.to_string(),
        _ => format!("{} to {}", run.start, run.end - 1),
    };
    let mut runs: Vec<String> = set.runs().take(MOST + 1).map(run).collect();
    if runs.len() > MOST {
        runs[MOST] = "...".into();
    }
    runs.join(", ")
}

/// The results of one unit in words.
pub(super) fn tell_sample(sample: &Sample) -> String {
    let positions = &sample.positions;
    let mut text = match positions.len() {
        1 => format!("position {}\n", positions.start),
        _ => format!("positions {} to {}\n", positions.start, positions.end - 1),
    };
    for (output, numbers) in &sample.outputs {
        let (name, units) = (&output.name, &output.units);
        let _ = match numbers.as_slice() {
            [] => writeln!(text, "{name}: empty"),
            few if few.len() <= 8 => writeln!(text, "{name} ({units}): {few:?}"),
            many => {
                let (least, most) = many
                    .iter()
                    .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &x| {
                        (a.min(x), b.max(x))
                    });
                let mean = many.iter().sum::<f64>() / many.len() as f64;
                writeln!(
                    text,
                    "{name} ({units}): {} values, {least} to {most}, mean {mean}",
                    many.len()
                )
            }
        };
    }
    text
}
