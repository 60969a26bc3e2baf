//! A line for each integration, and how far behind.

use std::collections::VecDeque;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::Result;
use crate::clock::{Rate, Unit, format_utc};
use crate::search::Integration;

/// The speed is that of this many integrations.
const RECENT: usize = 32;

/// The time between two lines of progress where there is no terminal, and between two changes of
/// the line on one.
const EVERY: Duration = Duration::from_secs(10);
const REFRESH: Duration = Duration::from_millis(200);

const HEADER: &str = "integration from (UTC)             GMF        range [km]  range rate \
                      [m/s]      acc. [m/s^2]  \
                      latency [s]   behind [s]  x real time";

/// One integration, as it is told.
pub(super) struct News<'a> {
    /// Its first sample.
    pub(super) start: u64,
    pub(super) integration: &'a Integration,
    /// From the arrival of its last file to now; `None` where that file was there before the run.
    pub(super) latency: Option<Duration>,
    /// Recorded signal after it, in s.
    pub(super) behind: f64,
    /// Time in which anything was computed so far.
    pub(super) computing: Duration,
}

/// Tells what was found, and keeps the figures of the summary.
#[derive(Debug)]
pub(super) struct Teller {
    rate: Rate,
    /// Signal per integration, in s.
    step: f64,
    /// Progress is wanted where there is no terminal, too.
    progress: bool,
    is_terminal: bool,
    recent: VecDeque<Duration>,
    shown: Option<Instant>,
    pub(super) told: usize,
    latencies: usize,
    sum: Duration,
    /// The longest latency.
    pub(super) worst: Option<Duration>,
}

impl Teller {
    pub(super) fn new(rate: Rate, step: f64, progress: bool) -> Teller {
        Teller {
            rate,
            step,
            progress,
            is_terminal: std::io::stderr().is_terminal(),
            recent: VecDeque::from([Duration::ZERO]),
            shown: None,
            told: 0,
            latencies: 0,
            sum: Duration::ZERO,
            worst: None,
        }
    }

    /// The mean latency, of those that were measured.
    pub(super) fn mean(&self) -> Option<Duration> {
        let count = u32::try_from(self.latencies)
            .ok()
            .filter(|&count| count > 0)?;
        Some(self.sum / count)
    }

    /// The line of an integration, with the header before the first.
    pub(super) fn line(&mut self, news: &News<'_>) -> Result<String> {
        let begin = i64::try_from(self.rate.time_of(news.start, Unit::Microseconds));
        let time = format_utc(begin.unwrap_or(i64::MAX))?;
        let found = news.integration;
        let peak = if found.range_peak.is_nan() {
            format!("{:<66}", "  not analysed")
        } else {
            format!(
                "{:12.3}{:18.3}{:18.1}{:18.1}",
                found.gmf_peak,
                found.range_peak / 1e3,
                found.range_rate_peak,
                found.acceleration_peak
            )
        };
        if let Some(latency) = news.latency {
            self.latencies += 1;
            self.sum += latency;
            self.worst = self.worst.max(Some(latency));
        }
        let latency = news.latency.map_or_else(
            || "-".to_owned(),
            |latency| format!("{:.3}", latency.as_secs_f64()),
        );
        let speed = self.speed(news.computing);
        let header = if self.told == 0 {
            format!("{HEADER}\n")
        } else {
            String::new()
        };
        self.told += 1;
        Ok(format!(
            "{header}{time}{peak}{latency:>13}{:13.3}{speed:13.1}\n",
            news.behind
        ))
    }

    /// Signal analysed over the time used computing, of the last integrations.
    fn speed(&mut self, computing: Duration) -> f64 {
        if self.recent.len() > RECENT {
            self.recent.pop_front();
        }
        let before = self.recent[0];
        let count = self.recent.len() as f64;
        self.recent.push_back(computing);
        count * self.step / computing.saturating_sub(before).as_secs_f64().max(1e-9)
    }

    /// The live line on a terminal, or a line now and then where it is wanted. A courtesy: a closed
    /// standard error ends nothing.
    pub(super) fn show(&mut self, behind: f64, computing: Duration) {
        let every = if self.is_terminal { REFRESH } else { EVERY };
        let is_wanted = self.is_terminal || self.progress;
        if !is_wanted || self.shown.is_some_and(|at| at.elapsed() < every) {
            return;
        }
        self.shown = Some(Instant::now());
        let signal = self.told as f64 * self.step;
        let speed = signal / computing.as_secs_f64().max(1e-9);
        let line = format!(
            "{} integrations, {behind:.3} s behind, {speed:.1} times real time",
            self.told
        );
        let mut err = std::io::stderr();
        let _ = if self.is_terminal {
            write!(err, "\r\x1b[K{line}").and_then(|()| err.flush())
        } else {
            writeln!(err, "{line}")
        };
    }

    /// Removes the live line, before other text and at the end.
    pub(super) fn clear(&mut self) {
        if self.is_terminal && self.shown.take().is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn teller() -> Teller {
        Teller::new(Rate::hertz(1000).unwrap(), 0.1, false)
    }

    fn news(integration: &Integration, latency: u64, computing: u64) -> News<'_> {
        News {
            start: 1_618_229_740_080,
            integration,
            latency: Some(Duration::from_millis(latency)),
            behind: 0.25,
            computing: Duration::from_millis(computing),
        }
    }

    #[test]
    fn a_line_tells_what_was_found_and_how_late() {
        let found = Integration {
            range_peak: 900_123.0,
            range_rate_peak: -1200.0,
            acceleration_peak: 120.0,
            gmf_peak: 12.5,
            ..Integration::not_analysed(1.0, 1)
        };
        let mut teller = teller();
        let text = teller.line(&news(&found, 12, 20)).unwrap();
        let lines: Vec<Vec<&str>> = text
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(text.lines().map(str::len).collect::<Vec<_>>(), [131, 131]);
        assert_eq!(
            lines[1],
            [
                "2021-04-12T12:15:40.080000",
                "12.500",
                "900.123",
                "-1200.0",
                "120.0",
                "0.012",
                "0.250",
                "5.0"
            ]
        );
        let silent = Integration::not_analysed(1.0, 1);
        let text = teller.line(&news(&silent, 36, 30)).unwrap();
        assert_eq!((text.lines().count(), text.len()), (1, 132));
        assert!(text.contains("not analysed"), "{text}");
        assert_eq!(teller.worst, Some(Duration::from_millis(36)));
        assert_eq!(teller.mean(), Some(Duration::from_millis(24)));
    }

    #[test]
    fn the_speed_is_that_of_the_last_integrations() {
        let mut teller = teller();
        // The first computed for a second each, the others for 10 ms each: signal of 0.1 s.
        for k in 1..=10 {
            teller.speed(Duration::from_secs(k));
        }
        let mut speed = 0.0;
        for k in 1..=RECENT as u64 {
            speed = teller.speed(Duration::from_secs(10) + Duration::from_millis(10 * k));
        }
        assert!((speed - 10.0).abs() < 1e-9, "{speed}");
    }
}
