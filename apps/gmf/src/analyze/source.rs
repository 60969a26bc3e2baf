//! The samples that one integration needs, out of the recording.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::clock::Rate;
use crate::drf::{Channel, Recording};
use crate::parameters::Parameters;
use crate::search::Sample;
use crate::settings::Missing;
use crate::{Error, Result};

/// The received and the transmitted signal.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) rx: Arc<Channel>,
    /// The same as `rx` where one channel holds both, so that its files are opened and decoded once.
    pub(super) tx: Arc<Channel>,
    missing: Missing,
}

/// The windows of one integration.
#[derive(Debug)]
pub(super) struct Windows {
    /// The transmitting windows of all pulses, one after the other; empty when the integration is to be skipped.
    pub(super) tx: Vec<Sample>,
    /// The receiving windows of all pulses.
    pub(super) rx: Vec<Sample>,
    /// How many of these samples are missing.
    pub(super) missing: u64,
}

impl Windows {
    /// The bytes of an integration's samples.
    pub(super) fn bytes(parameters: &Parameters) -> usize {
        let samples = parameters.coh_int_samps + parameters.n_ipp * parameters.rx_window_samps();
        samples * size_of::<Sample>()
    }
}

/// Whether two names are those of one directory.
fn is_same(one: &Path, other: &Path) -> bool {
    let canonical = |path: &Path| path.canonicalize().ok();
    one == other || canonical(one).is_some_and(|one| canonical(other) == Some(one))
}

impl Source {
    /// Opens both channels, each a recording's directory and a channel's name.
    pub(super) fn open(rx: (&Path, &str), tx: (&Path, &str), missing: Missing) -> Result<Source> {
        let open = |(directory, name): (&Path, &str)| Recording::open(directory)?.channel(name);
        let rx = Arc::new(open(rx)?);
        let tx = match open(tx)? {
            tx if is_same(rx.directory(), tx.directory()) => Arc::clone(&rx),
            tx => Arc::new(tx),
        };
        if rx.properties().rate != tx.properties().rate {
            return Err(Error::Format {
                path: tx.directory().to_path_buf(),
                problem: format!(
                    "is sampled at {}, the received signal at {}; both must be the same",
                    tx.properties().rate,
                    rx.properties().rate
                ),
            });
        }
        let warnings = [&rx, &tx].map(|channel| channel.properties().warning());
        for warning in warnings.into_iter().flatten() {
            log::warn!("{warning}");
        }
        Ok(Source { rx, tx, missing })
    }

    pub(super) fn rate(&self) -> Rate {
        self.rx.properties().rate
    }

    /// The received samples, exclusive end.
    pub(super) fn recorded(&self) -> Result<Range<u64>> {
        self.rx.bounds()?.ok_or_else(|| Error::Format {
            path: self.rx.directory().to_path_buf(),
            problem: "this channel holds no samples".to_owned(),
        })
    }

    /// Reads the windows of the integration that starts at sample `start`.
    pub(super) fn read(&self, start: u64, parameters: &Parameters) -> Result<Windows> {
        let width = parameters.rx_window_samps();
        self.read_windows(start, parameters, width, |pulse| {
            parameters.rx_window(pulse)
        })
    }

    /// Reads the transmitting windows, and of the received signal only the echoes that come `delay` samples later.
    pub(super) fn read_echoes(
        &self,
        start: u64,
        parameters: &Parameters,
        delay: usize,
    ) -> Result<Windows> {
        self.read_windows(start, parameters, parameters.tx_pulse_samps, |pulse| {
            parameters.echo_window(pulse, delay)
        })
    }

    /// Reads the transmitting windows and receiving windows of `width` samples.
    fn read_windows(
        &self,
        start: u64,
        parameters: &Parameters,
        width: usize,
        rx_window: impl Fn(usize) -> Range<usize>,
    ) -> Result<Windows> {
        let mut tx = vec![Sample::default(); parameters.coh_int_samps];
        let mut rx = vec![Sample::default(); parameters.n_ipp * width];
        let mut missing = 0;
        for pulse in 0..parameters.n_ipp {
            let pieces = [
                (
                    &self.tx,
                    parameters.tx_window(pulse),
                    tx.chunks_exact_mut(parameters.tx_pulse_samps).nth(pulse),
                ),
                (
                    &self.rx,
                    rx_window(pulse),
                    rx.chunks_exact_mut(width).nth(pulse),
                ),
            ];
            for (channel, window, buffer) in pieces {
                let Some(buffer) = buffer else { continue };
                for gap in channel.read(start + window.start as u64, 0, buffer)? {
                    if self.missing == Missing::Error {
                        return Err(Error::Format {
                            path: channel.directory().to_path_buf(),
                            problem: format!(
                                "samples {} to {} are missing (missing = error)",
                                gap.start, gap.end
                            ),
                        });
                    }
                    missing += gap.end - gap.start;
                }
            }
        }
        if missing > 0 && self.missing == Missing::Skip {
            tx = Vec::new();
        }
        Ok(Windows { tx, rx, missing })
    }
}
