use std::cell::Cell;
use std::fmt::{self, Write as _};
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use jobwise_core::{Comm, Observer, Progress};

/// Shows how far a run is, its rate and the time left: a bar on a terminal, a line every ten
/// seconds otherwise.
#[derive(Debug)]
pub struct Bar {
    shown: Shown,
    unit: String,
    started: Instant,
}

#[derive(Debug)]
enum Shown {
    Nothing,
    Bar(ProgressBar),
    Lines { last: Cell<Option<Instant>> },
}

impl Bar {
    /// The time between two lines.
    const EVERY: Duration = Duration::from_secs(10);

    /// Progress counted in `unit` (a plural). Shown on a terminal, or when `wanted`; of several
    /// ranks, rank 0 shows its own part.
    pub fn new(unit: &str, wanted: bool, comm: &dyn Comm) -> Bar {
        let unit = match comm.size() {
            1 => unit.to_owned(),
            _ => format!("{unit} of rank 0"),
        };
        let shown = if comm.rank() > 0 {
            Shown::Nothing
        } else if std::io::stderr().is_terminal() {
            Shown::Bar(bar(&unit))
        } else if wanted {
            Shown::Lines {
                last: Cell::new(None),
            }
        } else {
            Shown::Nothing
        };
        Bar {
            shown,
            unit,
            started: Instant::now(),
        }
    }

    /// Removes the bar; lines stay.
    pub fn finish(&self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }

    fn line(&self, progress: Progress) -> String {
        let Progress {
            total,
            done,
            skipped,
            failed,
        } = progress;
        let seconds = self.started.elapsed().as_secs_f64().max(1e-9);
        let rate = done as f64 / seconds;
        let left = total.saturating_sub(done + skipped + failed);
        let mut line = format!(
            "{} of {total} {} done, {rate:.1}/s",
            done + skipped,
            self.unit
        );
        if rate > 0.0 && left > 0 {
            let eta = Duration::from_secs_f64((left as f64 / rate).min(1e9));
            // Writing to a String cannot fail.
            let _ = write!(line, ", {} left", HumanDuration(eta));
        }
        if failed > 0 {
            let _ = write!(line, ", {failed} failed");
        }
        line
    }
}

impl Observer for Bar {
    fn progress(&self, progress: Progress) {
        match &self.shown {
            Shown::Nothing => {}
            Shown::Bar(bar) => {
                bar.set_length(progress.total as u64);
                // What an earlier run did is no part of this run's rate.
                if progress.done == 0 {
                    bar.reset_eta();
                }
                bar.set_position((progress.done + progress.skipped + progress.failed) as u64);
            }
            Shown::Lines { last } => {
                if last.get().is_none_or(|at| at.elapsed() >= Self::EVERY) {
                    last.set(Some(Instant::now()));
                    // Progress is a courtesy: a closed standard error must not end the run.
                    let _ = writeln!(std::io::stderr(), "{}", self.line(progress));
                }
            }
        }
    }
}

fn bar(unit: &str) -> ProgressBar {
    let template = format!("{{wide_bar}} {{pos}}/{{len}} {unit}{{rate}}{{left}}");
    // The template is a constant but for the unit; if it did not parse, the plain style serves.
    let style =
        ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
    // Writing to a String cannot fail.
    let style = style
        .with_key("rate", |state: &ProgressState, out: &mut dyn fmt::Write| {
            let _ = out.write_str(&rate_said(state.per_sec()));
        })
        .with_key("left", |state: &ProgressState, out: &mut dyn fmt::Write| {
            let _ = out.write_str(&left_said(state.eta()));
        });
    ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(5)).with_style(style)
}

/// Nothing as long as nothing is done.
fn rate_said(per_second: f64) -> String {
    match per_second {
        rate if rate > 0.0 => format!(" {rate:.1}/s"),
        _ => String::new(),
    }
}

/// Nothing as long as it is not known, which the library says by zero.
fn left_said(left: Duration) -> String {
    match left.as_secs() {
        0 => String::new(),
        _ => format!(" {:#} left", HumanDuration(left)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_says_what_is_known_and_no_more() {
        assert_eq!(rate_said(0.0) + &left_said(Duration::ZERO), "");
        let left = Duration::from_millis(4200);
        assert_eq!(rate_said(12.3456) + &left_said(left), " 12.3/s 4s left");
    }

    #[test]
    fn a_line_tells_rate_and_time_left_without_the_skipped() {
        let bar = Bar {
            shown: Shown::Nothing,
            unit: "integrations".to_owned(),
            started: Instant::now().checked_sub(Duration::from_secs(10)).unwrap(),
        };
        let line = bar.line(Progress {
            total: 100,
            done: 20,
            skipped: 40,
            failed: 0,
        });
        assert_eq!(line, "60 of 100 integrations done, 2.0/s, 20 seconds left");
    }
}
