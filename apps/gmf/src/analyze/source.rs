//! The samples that one integration needs, out of the recording.

use std::ops::{AddAssign, Range};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jobwise_core::{Result as Received, Wire};

use super::plan::Request;
use crate::clock::Rate;
use crate::digest::fold;
use crate::drf::{Channel, FileRuns};
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
    /// The sub-channels of both.
    pub(super) subchannels: (usize, usize),
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
    /// Integrations that were left out, because samples were missing.
    pub left_out: u64,
    /// Integrations in which nothing was transmitted, or nothing received.
    pub silent: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.missing += other.missing;
        self.unsound += other.unsound;
        self.like_fill += other.like_fill;
        self.left_out += other.left_out;
        self.silent += other.silent;
    }
}

impl Wire for Counts {
    fn put(&self, out: &mut Vec<u8>) {
        (self.missing, self.unsound, self.like_fill).put(out);
        (self.left_out, self.silent).put(out);
    }

    fn take(input: &mut &[u8]) -> Received<Self> {
        let (missing, unsound, like_fill) = Wire::take(input)?;
        let (left_out, silent) = Wire::take(input)?;
        Ok(Counts {
            missing,
            unsound,
            like_fill,
            left_out,
            silent,
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

impl Source {
    /// What is worth saying about the format of the channels and, but for a recording that goes on,
    /// their unfinished files.
    ///
    /// # Errors
    /// When the first file cannot be read, or a directory cannot be listed.
    pub(super) fn warnings(
        &self,
        asked: (Option<usize>, Option<usize>),
        is_live: bool,
    ) -> Result<Vec<String>> {
        let is_one = Arc::ptr_eq(&self.rx, &self.tx);
        let channels = [Some(&self.rx), Some(&self.tx).filter(|_| !is_one)];
        let mut lines = Vec::new();
        lines.extend(self.rx.choice_of(asked.0)?);
        if !is_one {
            lines.extend(self.tx.choice_of(asked.1)?);
        }
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

    /// The files of the received and, where that is another channel, of the transmitted signal.
    pub(super) fn files(&self) -> Result<(FileRuns, Option<FileRuns>)> {
        let is_one = Arc::ptr_eq(&self.rx, &self.tx);
        let tx = (!is_one).then(|| self.tx.all_files());
        Ok((self.rx.all_files()?, tx.transpose()?))
    }

    /// The names of both channels, with the sub-channels behind the first.
    pub(super) fn names(&self, request: &Request) -> (String, String) {
        let name = |name: &str, subchannel: usize| match subchannel {
            0 => name.to_owned(),
            other => format!("{name}, sub-channel {other}"),
        };
        let (rx, tx) = self.subchannels;
        (name(&request.rx.1, rx), name(&request.tx.1, tx))
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
        let is_one = Arc::ptr_eq(&self.rx, &self.tx);
        let tx = if is_one { rx } else { self.tx.state(samples)? };
        Ok(fold(rx, tx))
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
                    (&self.tx, self.subchannels.1),
                    parameters.tx_window(pulse),
                    tx.chunks_exact_mut(parameters.tx_pulse_samps).nth(pulse),
                ),
                (
                    (&self.rx, self.subchannels.0),
                    rx_window(pulse),
                    rx.chunks_exact_mut(width).nth(pulse),
                ),
            ];
            for ((channel, subchannel), window, buffer) in pieces {
                let Some(buffer) = buffer else { continue };
                let lacking =
                    channel.read_told(start + window.start as u64, subchannel, buffer, LARGEST)?;
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
