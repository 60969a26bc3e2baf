//! A recording opened, surveyed, and its integrations counted.

use jobwise_core::{Comm, Error as Ended};

use super::Request;
use super::source::Source;
use super::survey::{Site, Survey, warnings};
use super::window::Window;
use crate::clock::Rate;
use crate::drf;
use crate::experiment::Experiment;
use crate::parameters::Parameters;
use crate::product::RunInfo;
use crate::settings::Settings;
use crate::{Error, Result};

/// What every analysis begins with.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) experiment: Experiment,
    pub(super) parameters: Parameters,
    pub(super) source: Source,
    pub(super) rate: Rate,
}

impl Opened {
    /// Opens the recording of a request, to be analysed with these settings.
    pub(super) fn new(request: &Request, settings: &Settings) -> Result<Opened> {
        let (rx, tx) = (&request.rx, &request.tx);
        let experiment = Experiment::read(&rx.0.join("metadata.ini"))?;
        let parameters = Parameters::new(&experiment, settings)?;
        let channels = (
            (rx.0.as_path(), rx.1.as_str()),
            (tx.0.as_path(), tx.1.as_str()),
        );
        let source = Source::open(channels.0, channels.1, settings.missing, &request.inputs)?;
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
        Ok(Opened {
            experiment,
            parameters,
            source,
            rate,
        })
    }

    /// The integrations that are to be done. `runs` are the searches whose files lie in the output
    /// directory or will. What is worth saying is said. Collective.
    ///
    /// # Errors
    /// On every rank when something does not fit.
    pub(super) fn window(
        &self,
        request: &Request,
        runs: &[RunInfo],
        is_live: bool,
        comm: &dyn Comm,
    ) -> jobwise_core::Result<Window> {
        let failed = |error: Error| Ended::Program(error.into());
        let site = Site {
            request,
            experiment: &self.experiment,
            parameters: &self.parameters,
            source: &self.source,
            runs,
        };
        let survey = Survey::shared(comm, || {
            for warning in self.source.warnings(is_live)? {
                log::warn!("{warning}");
            }
            if let Some(warning) = other_transmission(&self.experiment, request) {
                log::warn!("{warning}");
            }
            Survey::new(&site)
        })?;
        let counted = self.count(request, &survey, is_live);
        let (window, lines) = comm.agree(counted.map_err(failed))?;
        if comm.rank() == 0 {
            for line in lines {
                log::warn!("{line}");
            }
        }
        Ok(window)
    }

    fn count(
        &self,
        request: &Request,
        survey: &Survey,
        is_live: bool,
    ) -> Result<(Window, Vec<String>)> {
        let Survey {
            recorded,
            stretches,
            anchor,
        } = survey;
        let (limits, rate, parameters) = (request.limits, self.rate, &self.parameters);
        let (window, moved) = if is_live {
            Window::live(recorded.start, limits, *anchor, rate, parameters)?
        } else {
            Window::new(recorded, stretches, limits, *anchor, rate, parameters)?
        };
        let mut lines = Vec::new();
        if moved > 0 && limits.0.is_some() {
            lines.push(format!(
                "the start is not a whole number of inter-pulse periods after sample {}; moved up by {moved} samples",
                anchor.sample
            ));
        }
        if !is_live {
            let start = limits.0.map(|limit| limit.sample(recorded.start, rate));
            let start = start.and_then(|start| u64::try_from(start).ok());
            let gaps = warnings(&window, survey, start, &self.source, request);
            lines.extend(gaps?);
        }
        Ok((window, lines))
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
