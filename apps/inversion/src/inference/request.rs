use crate::Result;
use crate::exact::{self, Design};
use crate::options::{Mode, Traces};
use crate::sampler::{self, Walk};
use crate::settings::Settings;
use crate::state::Sounding;

/// What is asked of a sounding.
#[derive(Clone, Copy, Debug)]
pub struct Request<'s> {
    /// What each chain is asked for.
    pub settings: &'s Settings,
    /// What was measured.
    pub sounding: &'s Sounding<'s>,
    /// How chains are made.
    pub mode: Mode,
    /// What exact chains are asked for beside the settings.
    pub design: Design,
    /// How many chains there are: at least one.
    pub chains: u32,
    /// Of the random numbers, with line, fiducial, chain and iteration.
    pub seed: u64,
    /// m: where conductivities have statistics.
    pub depths: &'s [f64],
    /// Which iterations are in traces.
    pub traces: Traces,
}

impl<'s> Request<'s> {
    /// A chain at its start.
    ///
    /// # Errors
    /// The settings cannot be met, or do not fit the sounding.
    pub fn walk(&self, chain: u32) -> Result<Box<dyn Walk + 's>> {
        let (settings, sounding, seed) = (self.settings, self.sounding, self.seed);
        Ok(match self.mode {
            Mode::Compat => Box::new(sampler::Chain::new(settings, sounding, seed, chain)?),
            Mode::Exact => {
                let design = &self.design;
                Box::new(exact::Chain::new(settings, design, sounding, seed, chain)?)
            }
        })
    }
}
