use crate::forward::{FrequencyDomain, TimeDomain};
use crate::instrument::{Instrument, TimePart};
use crate::model::Place;
use crate::options::{DataType, Mode, Options};
use crate::survey::Survey;
use crate::system::{Coils, FrequencySystem, System, TimeSystem};
use crate::{Error, Result};

/// The systems of a survey, prepared once for all soundings.
#[derive(Clone, Debug)]
pub enum Systems {
    /// One of the frequency domain.
    Frequency(Box<FrequencyDomain>, FrequencySystem),
    /// Of the time domain, in the order of their data.
    Time(Vec<(TimeDomain, TimeSystem)>),
}

/// What the low-pass filters of a system may let through at half the digitising frequency.
const PASSED: f64 = 0.1;

impl Systems {
    /// Reads the files that options name, and prepares them for the data of a survey: a component
    /// of which there are no data is left out. A sentence for each thing to know goes to `notes`.
    ///
    /// # Errors
    /// A file is not understood, or its system is not of the kind that the options say, or not
    /// supported in their mode.
    pub fn read(options: &Options, survey: &Survey, notes: &mut Vec<String>) -> Result<Systems> {
        let (mut frequency, mut time) = (Vec::new(), Vec::new());
        for path in options.system_paths() {
            for system in System::read_all(&path)? {
                let wrong = |problem: String| Error::File {
                    path: path.clone(),
                    problem,
                };
                match (system, options.data_type) {
                    (System::Frequency(system), DataType::Fdem) => {
                        check_coils(&system, options.mode).map_err(wrong)?;
                        frequency.push(system);
                    }
                    (System::Time(system), DataType::Tdem | DataType::Tempest) => {
                        let system = system.digitised(options.digitise);
                        let system = system.map_err(|error| wrong(format!("digitise: {error}")))?;
                        let passed = system.passed_at_nyquist();
                        if !system.low_pass.is_empty() && passed > PASSED {
                            notes.push(format!(
                                "{}: the low-pass filters let {:.0} % through at half the \
                                 digitising frequency, so windows depend on it by up to some per \
                                 cent: digitise = 8 makes it finer",
                                path.display(),
                                100.0 * passed
                            ));
                        }
                        let mut windows = system.windows.iter();
                        if let Some([begin, end]) = windows.find(|[begin, end]| begin + end <= 0.0)
                        {
                            return Err(wrong(format!(
                                "the window from {begin} s to {end} s is not after 0 s, where \
                                 additive errors have no end: times count from where the current \
                                 changes"
                            )));
                        }
                        time.push(system);
                    }
                    (system, data_type) => {
                        let kind = match system {
                            System::Frequency(_) => "frequency",
                            System::Time(_) => "time",
                        };
                        return Err(wrong(format!(
                            "a system of the {kind} domain, where data_type is {data_type}"
                        )));
                    }
                }
            }
        }
        if options.data_type == DataType::Fdem {
            return match (frequency.pop(), frequency.len()) {
                (Some(system), 0) => {
                    let prepared = Box::new(FrequencyDomain::new(&system));
                    Ok(Systems::Frequency(prepared, system))
                }
                (_, more) => Err(Error::Request(format!(
                    "system_filename: {} frequency-domain systems, where one is supported",
                    more + 1
                ))),
            };
        }
        let systems = time.into_iter().enumerate().map(|(index, mut system)| {
            for (axis, scaling) in system.scaling.iter_mut().enumerate() {
                let mut channels = survey.channels.iter().filter(|one| one.system == index);
                if !channels.any(|channel| channel.part.axis() == Some(axis)) {
                    *scaling = 0.0;
                }
            }
            (TimeDomain::new(&system), system)
        });
        Ok(Systems::Time(systems.collect()))
    }

    /// The systems where a sounding was measured.
    ///
    /// # Errors
    /// The place is of the other domain, or not above the ground.
    pub fn instrument(&self, place: &Place, with_primary: bool) -> Result<Instrument<'_>> {
        match (self, place) {
            (Systems::Frequency(system, _), Place::Altitude(altitude)) => {
                Instrument::frequency(system, *altitude)
            }
            (Systems::Time(systems), Place::Geometry(geometry)) => {
                let parts = systems.iter().map(|(system, _)| TimePart {
                    system,
                    geometry: *geometry,
                    with_primary,
                });
                Instrument::time(&parts.collect::<Vec<_>>())
            }
            _ => Err(Error::Request(
                "the sounding is not of the domain of the system".into(),
            )),
        }
    }

    /// What the additive error of each channel is multiplied with: 1 in the frequency domain, `(t /
    /// 1 ms)^-1/2` in the time domain, t being the middle of the window.
    pub fn additive(&self) -> Vec<f64> {
        match self {
            Systems::Frequency(system, _) => vec![1.0; system.channels()],
            Systems::Time(systems) => {
                let each = systems.iter().flat_map(|(prepared, system)| {
                    prepared.axes().flat_map(|_| system.windows.iter())
                });
                each.map(|[begin, end]| (0.5 * (begin + end) / 1e-3).powf(-0.5))
                    .collect()
            }
        }
    }

    /// One per component in the order of data: which system it is of.
    pub fn components(&self) -> Vec<usize> {
        match self {
            Systems::Frequency(..) => vec![0],
            Systems::Time(systems) => {
                let each = systems.iter().enumerate();
                each.flat_map(|(index, (system, _))| system.axes().map(move |_| index))
                    .collect()
            }
        }
    }
}

/// Which coils a mode computes as they are.
fn check_coils(system: &FrequencySystem, mode: Mode) -> Result<(), String> {
    for (index, pair) in system.pairs().iter().enumerate() {
        let line = format!("frequency {} ({} Hz)", index + 1, pair.frequency);
        let apart = (pair.transmitter_offset - pair.receiver_offset).abs() > 0.0;
        let is_plain = pair.transmitter_offset == 0.0
            && pair.receiver_offset == 0.0
            && (pair.along.abs() - pair.distance).abs() == 0.0;
        let is_perpendicular = matches!(
            pair.coils,
            Coils::VerticalToHorizontal | Coils::HorizontalToVertical
        );
        match mode {
            Mode::Exact if is_perpendicular && !apart => {
                return Err(format!(
                    "{line}: coils z to x or x to z at one height have no primary field that ppm \
                     could be parts of: only mode compat takes them, as geobipy does"
                ));
            }
            Mode::Compat if !is_plain => {
                return Err(format!(
                    "{line}: geobipy computes another field for coils that are apart across or \
                     up: take mode exact"
                ));
            }
            _ => {}
        }
    }
    Ok(())
}
