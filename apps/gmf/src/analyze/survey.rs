//! What was recorded, and where integrations are counted from: found by one rank, known to all.

use std::ops::Range;
use std::sync::Arc;

use jobwise_core::{Comm, Error as Ended};

use super::earlier;
use super::plan::Request;
use super::source::Source;
use super::window::{Anchor, Gap, Window, instant};
use crate::drf::FileRuns;
use crate::experiment::Experiment;
use crate::parameters::{Parameters, Timing};
use crate::product::{RunInfo, file_path};
use crate::pulses::{Known, Look, asked_for, find};
use crate::settings::Missing;
use crate::{Error, Result};

/// Gaps that are told one by one.
const TOLD: usize = 20;

/// What a recording holds, and where its pulses lie.
#[derive(Clone, Debug)]
pub(super) struct Survey {
    /// From the first sample to the last, exclusive end.
    pub(super) recorded: Range<u64>,
    /// Where within this there may be samples.
    pub(super) stretches: Vec<Range<u64>>,
    pub(super) anchor: Anchor,
    /// `None` of a recording that goes on.
    pub(super) files: Option<Files>,
}

/// What a survey looks at.
pub(super) struct Site<'a> {
    pub(super) request: &'a Request,
    pub(super) experiment: &'a Experiment,
    pub(super) parameters: &'a Parameters,
    pub(super) source: &'a Source,
    /// Searches whose files give the grid.
    pub(super) runs: &'a [RunInfo],
}

impl Survey {
    /// Surveys a recording and says what is worth saying about its pulses.
    ///
    /// # Errors
    /// When the recording or the output directory cannot be read, or the origin asked for is not
    /// that of the files there.
    pub(super) fn new(site: &Site<'_>, is_live: bool) -> Result<Survey> {
        let Site {
            request,
            experiment,
            parameters,
            source,
            runs,
        } = *site;
        let (rate, timing) = (source.rate(), Timing::new(experiment)?);
        let files = if is_live { None } else { Some(source.files()?) };
        let recorded = source.recorded()?;
        let file = (parameters.integration_step() as u64)
            .saturating_mul(parameters.num_cohints_per_file as u64);
        let stretches = source.rx.stretches(&recorded, file)?;
        let asked = asked_for(request.pulse_origin, experiment, rate)?;
        let ipp = timing.ipp as u64;
        let grid = i128::from(asked.unwrap_or(recorded.start));
        let fits = |sample: u64| (i128::from(sample) - grid).rem_euclid(i128::from(ipp)) == 0;
        let earlier = earlier::nearest(&request.output, runs, rate, recorded.end, fits)?;
        if let (Some(asked), Some(earlier)) = (asked, earlier)
            && (i128::from(asked) - i128::from(earlier)).rem_euclid(i128::from(ipp)) != 0
        {
            return Err(Error::Request(format!(
                "{}: the files there count pulses from sample {earlier}, not from the pulse origin \
                 {asked}; give another output \
                 directory, or leave the origin out",
                request.output.display()
            )));
        }
        let start = request
            .limits
            .0
            .map(|limit| limit.sample(recorded.start, rate));
        let start = start.and_then(|start| u64::try_from(start).ok());
        let from = start.unwrap_or(recorded.start);
        let seen: Vec<Range<u64>> = stretches
            .iter()
            .map(|stretch| stretch.start.max(from)..stretch.end)
            .filter(|stretch| !stretch.is_empty())
            .collect();
        if !Arc::ptr_eq(&source.rx, &source.tx) {
            let transmitted = source.tx.bounds()?;
            let is_apart =
                transmitted.is_none_or(|tx| tx.end <= recorded.start || tx.start >= recorded.end);
            if is_apart {
                log::warn!(
                    "{}: holds nothing of the time of the received signal: no integration can be \
                     analysed",
                    source.tx.directory().display()
                );
            }
        }
        let tx = (&*source.tx, source.subchannels.1);
        let mut look = Look::new(tx, &seen, &timing)?;
        if !look.is_clear() && start.is_some() {
            look = Look::new(tx, &stretches, &timing)?;
        }
        // Files of another recording say nothing of this one's pulses.
        let is_other = |earlier: u64| {
            let is_apart =
                earlier.saturating_add(file) <= recorded.start || earlier >= recorded.end;
            asked.is_none() && is_apart && look.is_clear() && !look.holds(earlier)
        };
        let earlier = earlier.filter(|&earlier| {
            let is_other = is_other(earlier);
            if is_other {
                log::warn!(
                    "the pulses of this recording do not lie where those of the files in {} do; \
                     they are counted anew",
                    request.output.display()
                );
            }
            !is_other
        });
        let known = Known {
            fixed: earlier.or(asked),
            start,
            first: recorded.start,
        };
        let found = find(known, &look, &timing, rate);
        if let Some(warning) = found.warning {
            log::warn!("{warning}");
        }
        Ok(Survey {
            recorded,
            stretches,
            anchor: Anchor {
                sample: found.origin,
                counts_files: known.fixed.is_some(),
            },
            files,
        })
    }

    /// The survey of rank 0, on all ranks. Collective.
    ///
    /// # Errors
    /// On every rank when it fails on rank 0.
    pub(super) fn shared(
        comm: &dyn Comm,
        survey: impl FnOnce() -> Result<Survey>,
    ) -> jobwise_core::Result<Survey> {
        let failed = |error: Error| Ended::Program(error.into());
        let told = comm.compute_at_root(|| Ok(survey().map_err(failed)?.to_wire()))?;
        Ok(Survey::from_wire(told))
    }

    fn to_wire(&self) -> Told {
        let pair = |range: &Range<u64>| (range.start, range.end);
        (
            pair(&self.recorded),
            self.stretches.iter().map(pair).collect(),
            (
                self.anchor.sample,
                self.anchor.counts_files,
                self.files.clone(),
            ),
        )
    }

    fn from_wire((recorded, stretches, (sample, counts_files, files)): Told) -> Survey {
        Survey {
            recorded: recorded.0..recorded.1,
            stretches: stretches
                .into_iter()
                .map(|(start, end)| start..end)
                .collect(),
            anchor: Anchor {
                sample,
                counts_files,
            },
            files,
        }
    }
}

/// The files of the received and, where that is another channel, of the transmitted signal.
pub(super) type Files = (FileRuns, Option<FileRuns>);

/// A survey on its way between ranks.
type Told = ((u64, u64), Vec<(u64, u64)>, (u64, bool, Option<Files>));

/// What is worth saying about a window: where it begins, that it holds nothing, and what was never
/// recorded.
///
/// # Errors
/// When files are left out that are not below the output directory already, and missing samples are
/// errors.
pub(super) fn warnings(
    window: &Window,
    survey: &Survey,
    wanted: Option<u64>,
    source: &Source,
    request: &Request,
) -> Result<Vec<String>> {
    let rate = source.rate();
    let at = |sample: u64| instant(sample.into(), rate);
    let mut lines = Vec::new();
    let begins = window.first_sample();
    if let Some(wanted) = wanted
        && survey.anchor.counts_files
        && begins != wanted
    {
        lines.push(format!(
            "files are counted from sample {}; the analysis begins at {}, with the file that holds \
             the start",
            survey.anchor.sample,
            at(begins)
        ));
    }
    if window.integrations() == 0 {
        lines.push(format!(
            "nothing to analyse from {} on: no whole integration of {} samples was recorded there",
            at(begins),
            window.end(0) - window.sample(0)
        ));
    }
    let gaps = window.gaps(&survey.stretches);
    if source.missing == Missing::Error {
        for gap in &gaps {
            for sample in window.left_out(gap) {
                if !file_path(&request.output, sample, rate, request.format)?.exists() {
                    source.refuse(source.rx.directory(), &gap.samples)?;
                }
            }
        }
        return Ok(lines);
    }
    let seconds = |gap: &Gap| (gap.samples.end - gap.samples.start) as f64 / rate.as_f64();
    for gap in gaps.iter().take(TOLD) {
        lines.push(format!(
            "nothing was recorded from {} on for {:.6} s: {} whole integrations lie there, {} \
             files are not written",
            at(gap.samples.start),
            seconds(gap),
            gap.integrations,
            gap.files
        ));
    }
    if gaps.len() > TOLD {
        let more = &gaps[TOLD..];
        lines.push(format!(
            "{} more gaps, {:.6} s together",
            more.len(),
            more.iter().map(seconds).sum::<f64>()
        ));
    }
    Ok(lines)
}
