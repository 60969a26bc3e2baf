//! Which integrations have arrived.

use std::time::{Duration, Instant};

use crate::Result;
use crate::analyze::source::Source;
use crate::analyze::window::{Window, instant};
use crate::drf::{Channel, Tail};

/// Looks are at least and at most this far apart.
const PACE: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(250));

/// A hole is waited for at least this long by default.
const LEAST_SETTLE: Duration = Duration::from_secs(2);

/// The growing ends of both channels.
#[derive(Debug)]
pub(super) struct Arrivals<'a> {
    source: &'a Source,
    rx: Tail,
    tx: Tail,
    pace: Duration,
    due: Instant,
    /// Nothing more is awaited: what is absent is missing.
    is_closed: bool,
}

impl<'a> Arrivals<'a> {
    /// Watches both channels; `None` while one has no file. Holes are waited for during `settle`,
    /// by default three of the longer files.
    pub(super) fn new(
        source: &'a Source,
        window: &Window,
        settle: Option<Duration>,
    ) -> Result<Option<Arrivals<'a>>> {
        let cadence = |channel: &Channel| {
            Duration::from_millis(channel.properties().cadence.file_milliseconds())
        };
        let (rx, tx) = (cadence(&source.rx), cadence(&source.tx));
        let settle = settle.unwrap_or((3 * rx.max(tx)).max(LEAST_SETTLE));
        let step = (window.sample(1) - window.sample(0)) as f64 / source.rate().as_f64();
        let often = rx.min(tx).min(Duration::from_secs_f64(step.min(1e6))) / 10;
        let tails = (
            Tail::new(&source.rx, settle)?,
            Tail::new(&source.tx, settle)?,
        );
        let (Some(rx), Some(tx)) = tails else {
            return Ok(None);
        };
        Ok(Some(Arrivals {
            source,
            rx,
            tx,
            pace: often.clamp(PACE.0, PACE.1),
            due: Instant::now(),
            is_closed: false,
        }))
    }

    /// Looks for new files when it is time to.
    pub(super) fn look(&mut self) -> Result<()> {
        if Instant::now() >= self.due {
            self.rx.look(&self.source.rx)?;
            self.tx.look(&self.source.tx)?;
            self.due = Instant::now() + self.pace;
        }
        Ok(())
    }

    /// When an integration had arrived: the last file that it touches, in both channels. `None`
    /// while one is awaited.
    pub(super) fn of(&self, window: &Window, integration: usize) -> Option<Instant> {
        let end = window.end(integration);
        if end > self.rx.end() {
            return None;
        }
        if self.is_closed {
            return Some(Instant::now());
        }
        let rx = self.rx.arrived(&self.source.rx, end - 1)?;
        let tx = self.tx.arrived(&self.source.tx, end - 1)?;
        Some(rx.max(tx))
    }

    /// Where nothing was recorded in a whole file of results, the first integration of the next one
    /// with samples, if there is one yet. The gap is told, or refused where missing samples are
    /// errors, unless an earlier run wrote all of its files, as `is_there` knows.
    pub(super) fn beyond_gap(
        &self,
        window: &Window,
        file: usize,
        is_there: impl Fn(usize) -> Result<bool>,
    ) -> Result<Option<usize>> {
        let all = window.integrations_of(file);
        let begin = window.sample(all.start);
        let length = window.file_samples();
        let next = self.source.rx.next_sample(begin, length)?;
        let Some(next) = next.filter(|&next| next >= begin.saturating_add(length)) else {
            return Ok(None);
        };
        let number = window.file_at(next);
        for file in file..number {
            if !is_there(file)? {
                let gap = begin..next;
                self.source.refuse(self.source.rx.directory(), &gap)?;
                break;
            }
        }
        let seconds = (next - begin) as f64 / self.source.rate().as_f64();
        log::warn!(
            "nothing was recorded from {} on for {seconds:.6} s: {} files are not written",
            instant(begin.into(), self.source.rate()),
            number - file
        );
        Ok(Some(window.integrations_of(number).start))
    }

    /// Forgets when files before `sample` arrived.
    pub(super) fn forget(&mut self, sample: u64) {
        self.rx.forget(&self.source.rx, sample);
        self.tx.forget(&self.source.tx, sample);
    }

    /// When the last file arrived.
    pub(super) fn news(&self) -> Instant {
        self.rx.news().max(self.tx.news())
    }

    /// Waits for nothing more.
    pub(super) fn close(&mut self) {
        self.is_closed = true;
    }

    /// The received signal from `sample` on, in s.
    pub(super) fn seconds_after(&self, sample: u64) -> f64 {
        self.rx.end().saturating_sub(sample) as f64 / self.source.rate().as_f64()
    }
}
