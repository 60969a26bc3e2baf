//! One integration: its echoes read and refined.

use std::sync::Arc;

use jobwise_core::{Cause, CpuKernel, Signature, Workload};

use super::starts::Starts;
use crate::analyze::source::{Source, Windows};
use crate::analyze::window::Window;
use crate::parameters::Parameters;
use crate::refine::{Optimizer, Refined, Sounding, amplitude};
use crate::{Error, Result};

/// All integrations of a refinement.
#[derive(Debug)]
pub(super) struct Soundings {
    pub(super) source: Arc<Source>,
    pub(super) window: Window,
    pub(super) parameters: Parameters,
    pub(super) optimizer: Optimizer,
    pub(super) min_tx_amplitude: f64,
    pub(super) starts: Arc<Starts>,
}

/// Where an integration starts, and its samples there.
#[derive(Debug)]
pub(super) struct Echo {
    peak: [f64; 3],
    delay: usize,
    windows: Windows,
}

impl Soundings {
    /// `None` where the search found nothing.
    fn read_echo(&self, index: usize) -> Result<Option<Echo>> {
        let peak = self.starts.of(index, &self.window)?;
        if peak.iter().any(|number| number.is_nan()) {
            return Ok(None);
        }
        let parameters = &self.parameters;
        let delay = self.optimizer.delay(peak[0], parameters);
        // The first condition keeps the second from overflowing.
        let fits =
            delay < parameters.ipp_samp && parameters.tx_end_samp + delay <= parameters.ipp_samp;
        if !fits || peak.iter().any(|number| number.is_infinite()) {
            return Err(Error::Format {
                path: self.starts.path(self.window.file_of(index), &self.window)?,
                problem: format!(
                    "the peak of an integration is {peak:?}, whose echo lies outside the \
                     inter-pulse period; run the search again with --clobber"
                ),
            });
        }
        let start = self.window.sample(index);
        let windows = self.source.read_echoes(start, parameters, delay)?;
        Ok(Some(Echo {
            peak,
            delay,
            windows,
        }))
    }
}

impl Signature for Soundings {
    type Item<'t> = Option<Echo>;
    type Output = Refined;
}

impl Workload for Soundings {
    fn len(&self) -> usize {
        self.window.integrations()
    }

    fn read(&self, index: usize) -> Result<Option<Echo>, Cause> {
        Ok(self.read_echo(index)?)
    }
}

impl CpuKernel for Soundings {
    type Scratch = ();

    fn scratch(&self) -> Result<(), Cause> {
        Ok(())
    }

    /// Zeros where nothing was found, transmitted or recorded.
    fn compute(&self, _: usize, echo: Option<Echo>, (): &mut ()) -> Result<Refined, Cause> {
        let Some(Echo {
            peak,
            delay,
            windows,
        }) = echo
        else {
            return Ok(Refined::default());
        };
        let transmitted = amplitude(&windows.tx);
        if transmitted.is_nan() || transmitted <= self.min_tx_amplitude {
            return Ok(Refined::default());
        }
        let parameters = &self.parameters;
        let sounding = Sounding::new(&windows.tx, &windows.rx, delay, parameters);
        Ok(self.optimizer.refine(peak, &sounding, parameters))
    }
}
