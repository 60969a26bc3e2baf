use super::{Systems, channels, limits, settings};
use crate::inference::{Request, chain_bytes};
use crate::likelihood::Observation;
use crate::options::{DataType, Mode, Options};
use crate::settings::Settings;
use crate::state;
use crate::survey::{Reading, Sounding, Survey};
use crate::{Error, Result};

/// Options, the systems and the data that they name, and what is asked of each chain.
#[derive(Clone, Debug)]
pub struct Task {
    /// What the user asks for.
    pub options: Options,
    /// What each chain is asked for.
    pub settings: Settings,
    /// The systems.
    pub systems: Systems,
    /// The data.
    pub survey: Survey,
    /// A sentence each: what the user should know. Those of the survey are in
    /// [`Survey::notes`].
    pub notes: Vec<String>,
    /// What the additive error of each channel is multiplied with.
    additive: Vec<f64>,
}

impl Task {
    /// Reads the data and the systems that options name. `reading` says what columns are, where
    /// their names do not.
    ///
    /// # Errors
    /// A file cannot be read, data and systems do not fit each other, or options ask for what no
    /// chain does.
    pub fn read(options: Options, reading: &Reading) -> Result<Task> {
        let mut notes = Vec::new();
        limits::check(&options, &mut notes)?;
        let path = options.data_path();
        let survey = Survey::read(&path, reading)?;
        let wrong = |problem: String| Error::File {
            path: path.clone(),
            problem,
        };
        if survey.is_of_time() != (options.data_type != DataType::Fdem) {
            return Err(wrong(format!(
                "the data are of the {} domain, where data_type is {}",
                if survey.is_of_time() {
                    "time"
                } else {
                    "frequency"
                },
                options.data_type
            )));
        }
        let systems = Systems::read(&options, &survey, &mut notes)?;
        channels::check(&survey, &systems).map_err(wrong)?;
        if options.use_errors && survey.soundings.iter().all(|one| one.deviations.is_none()) {
            return Err(wrong(
                "use_errors, but no column holds standard deviations: --map names them".into(),
            ));
        }
        let settings = settings::settings(&options, &systems)?;
        Ok(Task {
            additive: systems.additive(),
            options,
            settings,
            systems,
            survey,
            notes,
        })
    }

    /// A sounding as chains take it: geobipy's kind drops data that are not positive, exact ones
    /// use all. With `use_errors` the standard deviations of the file count, and the errors of the
    /// options beside them: variances add up.
    ///
    /// # Errors
    /// No datum is left, there is no primary field though the data are those of Tempest, or the
    /// system would be on the ground.
    pub fn sounding(&self, of: &Sounding) -> Result<state::Sounding<'_>> {
        let options = &self.options;
        let is_tempest = options.data_type == DataType::Tempest;
        let instrument = self.systems.instrument(&of.place, is_tempest)?;
        let data = if is_tempest {
            self.with_primary(of)?
        } else {
            of.data.clone()
        };
        let components = instrument.components();
        let observation = match options.mode {
            Mode::Compat => Observation::positive(&data, components, &self.additive)?,
            Mode::Exact => Observation::finite(&data, components, &self.additive)?,
        };
        let mut observation = observation.with_error_model(options.error_model);
        if options.use_errors {
            let given = of.deviations.as_deref().ok_or_else(|| {
                Error::Request("use_errors, but the sounding has no standard deviations".into())
            })?;
            observation = observation.with_deviations(given)?;
        }
        Ok(state::Sounding {
            line: of.line,
            fiducial: of.fiducial,
            instrument,
            observation,
        })
    }

    /// Bytes that a chain takes on the host while it goes on, about.
    pub fn chain_bytes(&self) -> usize {
        chain_bytes(&self.settings, &self.options.depths, self.options.traces)
    }

    /// What is asked of a sounding.
    pub fn request<'s>(&'s self, sounding: &'s state::Sounding<'s>) -> Request<'s> {
        let options = &self.options;
        Request {
            settings: &self.settings,
            sounding,
            mode: options.mode,
            design: limits::design(options),
            // At most 1000.
            chains: options.chains as u32,
            seed: options.seed,
            depths: &options.depths,
            traces: options.traces,
        }
    }

    /// The secondary field of each channel, and the primary one of its component.
    fn with_primary(&self, of: &Sounding) -> Result<Vec<f64>> {
        let channels = self.survey.channels.iter().zip(&of.data);
        channels
            .map(|(channel, datum)| {
                let primary = channel.part.axis().map_or(0.0, |axis| of.primary[axis]);
                if primary.is_nan() {
                    return Err(Error::Request(format!(
                        "no primary field in {0} is given: data of Tempest need P{0}; those that \
                         are secondary fields alone are TdemData",
                        channel.part
                    )));
                }
                Ok(datum + primary)
            })
            .collect()
    }
}
