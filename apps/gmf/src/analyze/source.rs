//! The samples that one integration needs, out of the recording.

use std::ops::{AddAssign, Range};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jobwise_core::{Result as Received, Wire};
use jobwise_kit::Inputs;

use crate::clock::Rate;
use crate::digest::fold;
use crate::drf::{Channel, Recording};
use crate::parameters::Parameters;
use crate::search::Sample;
use crate::settings::Missing;
use crate::{Error, Result};

/// Larger numbers cannot be computed with: powers of single precision end at 3e38, and those of
/// many samples are added.
const LARGEST: f32 = 1e15;

/// The received and the transmitted signal.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) rx: Arc<Channel>,
    /// The same as `rx` where one channel holds both, so that its files are opened and decoded
    /// once.
    pub(super) tx: Arc<Channel>,
    /// What is done where samples are missing.
    pub(super) missing: Missing,
}

/// The windows of one integration.
#[derive(Debug)]
pub(super) struct Windows {
    /// The transmitting windows of all pulses, one after the other; empty when the integration is
    /// to be skipped.
    pub(super) tx: Vec<Sample>,
    /// The receiving windows of all pulses.
    pub(super) rx: Vec<Sample>,
    pub(super) counts: Counts,
    /// The state of the files that hold them, before the first was read.
    pub(super) state: u64,
    /// The first samples that are missing, and their channel.
    gap: Option<(PathBuf, Range<u64>)>,
}

/// Samples of the windows that are worth a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Missing.
    pub missing: u64,
    /// Of these, those that are there but NaN, infinite, or too large to compute with.
    pub unsound: u64,
    /// Taken for samples, although they equal the fill value of their file.
    pub like_fill: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.missing += other.missing;
        self.unsound += other.unsound;
        self.like_fill += other.like_fill;
    }
}

impl Wire for Counts {
    fn put(&self, out: &mut Vec<u8>) {
        (self.missing, self.unsound, self.like_fill).put(out);
    }

    fn take(input: &mut &[u8]) -> Received<Self> {
        let (missing, unsound, like_fill) = Wire::take(input)?;
        Ok(Counts {
            missing,
            unsound,
            like_fill,
        })
    }
}

impl Windows {
    /// The samples of an integration.
    pub(super) fn samples(parameters: &Parameters) -> usize {
        parameters.coh_int_samps + parameters.n_ipp * parameters.rx_window_samps()
    }

    /// Their bytes.
    pub(super) fn bytes(parameters: &Parameters) -> usize {
        Windows::samples(parameters) * size_of::<Sample>()
    }
}

/// Whether two names are those of one directory.
fn is_same(one: &Path, other: &Path) -> bool {
    let canonical = |path: &Path| path.canonicalize().ok();
    one == other || canonical(one).is_some_and(|one| canonical(other) == Some(one))
}

impl Source {
    /// Opens both channels, each a recording's directory and a channel's name. Files of theirs that
    /// cannot be used are passed over if `inputs` says so.
    pub(super) fn open(
        rx: (&Path, &str),
        tx: (&Path, &str),
        missing: Missing,
        inputs: &Arc<Inputs>,
    ) -> Result<Source> {
        let open = |(directory, name): (&Path, &str)| {
            Recording::open(directory)?.channel_with(name, Arc::clone(inputs))
        };
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
        Ok(Source { rx, tx, missing })
    }

    /// What is worth saying about the format of the channels and, but for a recording that goes on,
    /// their unfinished files.
    ///
    /// # Errors
    /// When the first file cannot be read, or a directory cannot be listed.
    pub(super) fn warnings(&self, is_live: bool) -> Result<Vec<String>> {
        let is_one = Arc::ptr_eq(&self.rx, &self.tx);
        let channels = [Some(&self.rx), Some(&self.tx).filter(|_| !is_one)];
        let mut lines = Vec::new();
        for channel in channels.into_iter().flatten() {
            let name = channel.directory().display();
            let properties = channel.properties();
            let unusual = channel.element()?.and_then(|e| properties.unusual(e));
            if !is_live {
                lines.extend(channel.unfinished()?);
            }
            let told = [properties.warning(), unusual.map(str::to_owned)];
            lines.extend(
                told.into_iter()
                    .flatten()
                    .map(|line| format!("{name}: {line}")),
            );
        }
        Ok(lines)
    }

    pub(super) fn rate(&self) -> Rate {
        self.rx.properties().rate
    }

    /// The received samples, exclusive end.
    pub(super) fn recorded(&self) -> Result<Range<u64>> {
        self.rx.bounds()?.ok_or_else(|| Error::Format {
            path: self.rx.directory().to_path_buf(),
            problem: "this channel holds no samples that can be used".to_owned(),
        })
    }

    /// Refuses missing samples of a channel's directory where these are errors.
    pub(super) fn refuse(&self, channel: &Path, gap: &Range<u64>) -> Result<()> {
        if self.missing != Missing::Error {
            return Ok(());
        }
        Err(Error::Format {
            path: channel.to_path_buf(),
            problem: format!(
                "samples {} to {} are missing (missing = error)",
                gap.start, gap.end
            ),
        })
    }

    /// A digest of the state of the files that hold the samples of the integration that starts at
    /// sample `start`.
    pub(super) fn state(&self, start: u64, parameters: &Parameters) -> Result<u64> {
        let samples = start..start + parameters.read_length as u64;
        let rx = self.rx.state(samples.clone())?;
        Ok(fold(rx, self.tx.state(samples)?))
    }

    /// Reads the windows of the integration that starts at sample `start`, to be computed with.
    ///
    /// # Errors
    /// As [`look`](Self::look), or samples are missing and that is an error.
    pub(super) fn read(&self, start: u64, parameters: &Parameters) -> Result<Windows> {
        self.accept(self.look(start, parameters)?)
    }

    /// Reads the windows of the integration that starts at sample `start`, whatever is missing.
    ///
    /// # Errors
    /// The recording cannot be read.
    pub(super) fn look(&self, start: u64, parameters: &Parameters) -> Result<Windows> {
        let width = parameters.rx_window_samps();
        self.read_windows(start, parameters, width, |pulse| {
            parameters.rx_window(pulse)
        })
    }

    fn accept(&self, windows: Windows) -> Result<Windows> {
        if let Some((channel, gap)) = &windows.gap {
            self.refuse(channel, gap)?;
        }
        Ok(windows)
    }

    /// Reads the transmitting windows, and of the received signal only the echoes that come `delay`
    /// samples later.
    pub(super) fn read_echoes(
        &self,
        start: u64,
        parameters: &Parameters,
        delay: usize,
    ) -> Result<Windows> {
        let width = parameters.tx_pulse_samps;
        let windows = self.read_windows(start, parameters, width, |pulse| {
            parameters.echo_window(pulse, delay)
        });
        self.accept(windows?)
    }

    /// Reads the transmitting windows and receiving windows of `width` samples.
    fn read_windows(
        &self,
        start: u64,
        parameters: &Parameters,
        width: usize,
        rx_window: impl Fn(usize) -> Range<usize>,
    ) -> Result<Windows> {
        let state = self.state(start, parameters)?;
        let mut tx = vec![Sample::default(); parameters.coh_int_samps];
        let mut rx = vec![Sample::default(); parameters.n_ipp * width];
        let mut counts = Counts::default();
        let mut first_gap = None;
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
                let lacking = channel.read_told(start + window.start as u64, 0, buffer, LARGEST)?;
                counts.unsound += lacking.unsound;
                counts.like_fill += lacking.like_fill;
                for gap in lacking.missing {
                    counts.missing += gap.end - gap.start;
                    first_gap.get_or_insert_with(|| (channel.directory().to_path_buf(), gap));
                }
            }
        }
        if counts.missing > 0 && self.missing == Missing::Skip {
            tx = Vec::new();
        }
        Ok(Windows {
            tx,
            rx,
            counts,
            state,
            gap: first_gap,
        })
    }
}
