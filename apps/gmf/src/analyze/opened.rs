//! A recording opened, surveyed, and its integrations counted.

use jobwise_core::{Comm, Error as Ended};

use super::Request;
use super::described::Described;
use super::pointing::Pointing;
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
    pub(super) pointing: Option<Pointing>,
}

impl Opened {
    /// The recording of a request as it is described, to be analysed with these settings.
    pub(super) fn new(settings: &Settings, described: Described) -> Result<Opened> {
        let Described {
            experiment,
            source,
            pointing,
            ..
        } = described;
        let parameters = Parameters::new(&experiment, settings)?;
        let rate = source.rate();
        Ok(Opened {
            experiment,
            parameters,
            source,
            rate,
            pointing,
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
            for warning in self.source.warnings(request.subchannels, is_live)? {
                log::warn!("{warning}");
            }
            if let Some(warning) = other_transmission(&self.experiment, request) {
                log::warn!("{warning}");
            }
            Survey::new(&site, is_live)
        })?;
        let counted = self.count(request, &survey, is_live).map_err(failed);
        let (window, moved) = comm.agree(counted)?;
        let told = match comm.rank() {
            0 => self.tell(request, &survey, &window, moved, is_live),
            _ => Ok(()),
        };
        comm.agree(told.map_err(failed))?;
        if let Some((rx, tx)) = survey.files {
            self.source.rx.know(rx);
            if let Some(tx) = tx {
                self.source.tx.know(tx);
            }
        }
        Ok(window)
    }

    fn count(&self, request: &Request, survey: &Survey, is_live: bool) -> Result<(Window, u64)> {
        let Survey {
            recorded,
            stretches,
            anchor,
            ..
        } = survey;
        let (limits, rate, parameters) = (request.limits, self.rate, &self.parameters);
        if is_live {
            Window::live(recorded.start, limits, *anchor, rate, parameters)
        } else {
            Window::new(recorded, stretches, limits, *anchor, rate, parameters)
        }
    }

    /// Says what is worth saying about a window whose start was moved up by so many samples.
    fn tell(
        &self,
        request: &Request,
        survey: &Survey,
        window: &Window,
        moved: u64,
        is_live: bool,
    ) -> Result<()> {
        let (limits, rate) = (request.limits, self.rate);
        let mut lines = Vec::new();
        if moved > 0 && limits.0.is_some() {
            lines.push(format!(
                "the start is not a whole number of inter-pulse periods after sample {}; moved up \
                 by {moved} samples",
                survey.anchor.sample
            ));
        }
        if !is_live {
            let start = limits
                .0
                .map(|limit| limit.sample(survey.recorded.start, rate));
            let start = start.and_then(|start| u64::try_from(start).ok());
            let gaps = warnings(window, survey, start, &self.source, request);
            lines.extend(gaps?);
        }
        for line in lines {
            log::warn!("{line}");
        }
        Ok(())
    }
}

/// What is worth saying when another channel of the recording is the one that was transmitted on.
fn other_transmission(experiment: &Experiment, request: &Request) -> Option<String> {
    let (recording, channel) = &request.tx;
    let named = &experiment.tx_channel;
    (named != channel && drf::is_begun(&recording.join(named)).unwrap_or(false)).then(|| {
        format!(
            "takes channel {channel} for the transmitted signal, but {} says {named}; --txchnl \
             {named} takes that one",
            experiment.path.display()
        )
    })
}
