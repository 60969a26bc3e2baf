//! A recording opened, and its integrations counted.

use super::Request;
use super::source::Source;
use super::window::Window;
use crate::clock::Rate;
use crate::drf;
use crate::experiment::Experiment;
use crate::parameters::Parameters;
use crate::settings::Settings;
use crate::{Error, Result};

/// What every analysis begins with.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) experiment: Experiment,
    pub(super) parameters: Parameters,
    pub(super) source: Source,
    pub(super) rate: Rate,
    pub(super) window: Window,
    /// The samples that the start was moved up by, to the next pulse.
    pub(super) moved: u64,
}

impl Opened {
    /// Opens the recording of a request, to be analysed with these settings.
    pub(super) fn new(request: &Request, settings: &Settings, is_live: bool) -> Result<Opened> {
        let (rx, tx) = (&request.rx, &request.tx);
        let experiment = Experiment::read(&rx.0.join("metadata.ini"))?;
        let parameters = Parameters::new(&experiment, settings)?;
        let source = Source::open((&rx.0, &rx.1), (&tx.0, &tx.1), settings.missing)?;
        if let Some(warning) = other_transmission(&experiment, request)
            && jobwise_kit::is_first_rank()
        {
            log::warn!("{warning}");
        }
        let rate = source.rate();
        if Rate::hertz(experiment.sample_rate.unsigned_abs())? != rate {
            return Err(Error::Setting {
                path: experiment.path,
                key: "sample_rate".to_owned(),
                problem: format!(
                    "is {} Hz, but channel {} is sampled at {rate}",
                    experiment.sample_rate, rx.1
                ),
            });
        }
        let (recorded, limits) = (source.recorded()?, request.limits);
        let (window, moved) = if is_live {
            Window::live(recorded.start, limits, rate, &parameters)?
        } else {
            Window::new(recorded, limits, rate, &parameters)?
        };
        Ok(Opened {
            experiment,
            parameters,
            source,
            rate,
            window,
            moved,
        })
    }
}

/// What is worth saying when another channel of the recording is the one that was transmitted on.
fn other_transmission(experiment: &Experiment, request: &Request) -> Option<String> {
    let (recording, channel) = &request.tx;
    let named = &experiment.tx_channel;
    (named != channel && drf::is_begun(&recording.join(named)).unwrap_or(false)).then(|| {
        format!(
            "takes channel {channel} for the transmitted signal, but {} says {named}; --txchnl {named} takes that one",
            experiment.path.display()
        )
    })
}

/// What is worth saying about a start that was moved up by so many samples.
pub(super) fn warning(moved: u64) -> Option<String> {
    (moved > 0).then(|| {
        format!(
            "the start is not a whole number of inter-pulse periods after the first sample; moved up by {moved} samples"
        )
    })
}
