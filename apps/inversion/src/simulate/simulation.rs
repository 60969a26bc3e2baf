use super::noise::add_noise;
use crate::earth::Layers;
use crate::forward::{FrequencyDomain, TimeDomain, Wanted};
use crate::likelihood::Errors;
use crate::model::Place;
use crate::random::{Draws, Stream};
use crate::survey::{Channel, Format, Line, Part, Refused, Sounding, Survey};
use crate::system::System;
use crate::task::Systems;
use crate::truth::Truth;
use crate::{Error, Result};

/// The line of soundings that say none.
pub const LINE: f64 = 100.0;

/// m from a sounding to the next: they stand in a row to the east.
const STEP: f64 = 10.0;

/// Random numbers that no chain has.
const CHAIN: u32 = u32::MAX - 1;

/// Systems over given earths, and the data that they measure.
#[derive(Clone, Debug)]
pub struct Simulation<'s> {
    /// The systems.
    pub systems: &'s Systems,
    /// Whether data include the field of the transmitter itself, as those of Tempest do.
    pub with_primary: bool,
    /// Of the random numbers.
    pub seed: u64,
}

/// Systems as chains take them: one of the frequency domain, or some of the time domain.
///
/// # Errors
/// There is none, there are several of the frequency domain or some of either, or a window is not
/// after 0 s, where additive errors have no end.
pub fn systems(read: Vec<System>) -> Result<Systems> {
    let (mut frequency, mut time) = (Vec::new(), Vec::new());
    for system in read {
        match system {
            System::Frequency(system) => frequency.push(system),
            System::Time(system) => {
                let mut windows = system.windows.iter();
                if let Some([begin, end]) = windows.find(|[begin, end]| begin + end <= 0.0) {
                    return Err(Error::Request(format!(
                        "the window from {begin} s to {end} s is not after 0 s, where additive \
                         errors have no end"
                    )));
                }
                time.push((TimeDomain::new(&system), system));
            }
        }
    }
    match (frequency.pop(), frequency.len(), time.len()) {
        (Some(system), 0, 0) => Ok(Systems::Frequency(
            Box::new(FrequencyDomain::new(&system)),
            system,
        )),
        (None, _, 1..) => Ok(Systems::Time(time)),
        _ => Err(Error::Request(
            "one system of the frequency domain is expected, or systems of the time domain".into(),
        )),
    }
}

impl Simulation<'_> {
    /// The random numbers of a sounding, those of `purpose` other than those of another one.
    pub(super) fn draws(&self, line: f64, fiducial: f64, purpose: u64) -> Draws {
        Stream::new(self.seed, line, fiducial, CHAIN).iteration(purpose)
    }

    /// What the systems measure over these earths, as a survey. A truth that says its errors has
    /// noise of these; others have noise of `noise`, relative and additive, or none.
    ///
    /// # Errors
    /// A truth is not of the systems, its errors are not as many as components and systems, or a
    /// fiducial is twice in a line; the message names the sounding.
    pub fn survey(&self, truths: &[Truth], noise: Option<[f64; 2]>) -> Result<Survey> {
        let places: Vec<Place> = truths.iter().map(|truth| truth.place).collect();
        self.survey_at(truths, &places, noise)
    }

    /// The same, where data say that the systems were at these places instead: one per truth.
    ///
    /// # Errors
    /// As [`survey`](Self::survey).
    pub(super) fn survey_at(
        &self,
        truths: &[Truth],
        said: &[Place],
        noise: Option<[f64; 2]>,
    ) -> Result<Survey> {
        let mut soundings = Vec::with_capacity(truths.len());
        for (index, (truth, place)) in truths.iter().zip(said).enumerate() {
            let sounding = self.sounding(index, truth, *place, noise);
            soundings.push(sounding.map_err(|error| {
                Error::Request(format!("fiducial {:?}: {error}", truth.fiducial))
            })?);
        }
        if soundings.is_empty() {
            return Err(Error::Request("there is no earth to simulate".into()));
        }
        let key = |sounding: &Sounding| (sounding.line, sounding.fiducial);
        soundings.sort_by(|a, b| {
            let by_line = a.line.total_cmp(&b.line);
            by_line.then(a.fiducial.total_cmp(&b.fiducial))
        });
        let mut pairs = soundings.iter().zip(soundings.iter().skip(1));
        if let Some((twice, _)) = pairs.find(|(a, b)| key(a) == key(b)) {
            let (line, fiducial) = key(twice);
            return Err(Error::Request(format!(
                "fiducial {fiducial:?} is twice on line {line:?}"
            )));
        }
        Ok(Survey {
            format: Format::Csv,
            channels: self.channels(),
            lines: lines(&soundings),
            soundings,
            refused: Refused::default(),
            notes: Vec::new(),
        })
    }

    fn sounding(
        &self,
        index: usize,
        truth: &Truth,
        said: Place,
        noise: Option<[f64; 2]>,
    ) -> Result<Sounding> {
        let instrument = self.systems.instrument(&truth.place, self.with_primary)?;
        let layers: Layers<'_> = truth.layers()?;
        let mut evaluator = instrument.evaluator(layers.count());
        let mut response = instrument.response(layers.count());
        evaluator.evaluate(layers, 0.0, Wanted::default(), &mut response);
        let mut data = response.predicted;
        let components = instrument.components();
        let counts = [components.len(), instrument.systems()];
        let line = truth.line.unwrap_or(LINE);
        if let Some(errors) = errors(truth, noise, counts)? {
            let mut draws = self.draws(line, truth.fiducial, 1);
            let factors = self.systems.additive();
            add_noise(&mut data, components, &factors, &errors, &mut draws);
        }
        let mut primary = [f64::NAN; 3];
        if self.with_primary {
            // What is told of the transmitter's field is where data say that it was.
            primary = self.primary(&said);
            for (component, axis) in components.iter().zip(self.axes()) {
                for channel in component.channels.clone() {
                    data[channel] -= primary[axis];
                }
            }
        }
        Ok(Sounding {
            line,
            fiducial: truth.fiducial,
            x: STEP * index as f64,
            y: 0.0,
            elevation: 0.0,
            place: said,
            data,
            deviations: None,
            primary,
            row: index + 2,
        })
    }

    /// The field of the transmitter of the first system, with geobipy's sign.
    fn primary(&self, place: &Place) -> [f64; 3] {
        let mut fields = [f64::NAN; 3];
        if let (Systems::Time(systems), Place::Geometry(geometry)) = (self.systems, place)
            && let Some((system, _)) = systems.first()
        {
            for (axis, field) in system.axes().zip(system.primary(geometry)) {
                fields[axis] = if axis == 2 { -field } else { field };
            }
        }
        fields
    }

    /// The axis of each component of time-domain systems.
    fn axes(&self) -> Vec<usize> {
        match self.systems {
            Systems::Frequency(..) => Vec::new(),
            Systems::Time(systems) => systems
                .iter()
                .flat_map(|(system, _)| system.axes().collect::<Vec<_>>())
                .collect(),
        }
    }

    fn channels(&self) -> Vec<Channel> {
        let mut channels = Vec::new();
        let mut add = |system: usize, part: Part, at: f64| {
            channels.push(Channel {
                name: format!("{part} {at}"),
                system,
                part,
                at: Some(at),
            });
        };
        match self.systems {
            Systems::Frequency(_, system) => {
                for part in [Part::InPhase, Part::Quadrature] {
                    for pair in system.pairs() {
                        add(0, part, pair.frequency);
                    }
                }
            }
            Systems::Time(systems) => {
                for (index, (prepared, system)) in systems.iter().enumerate() {
                    for axis in prepared.axes() {
                        for [begin, end] in &system.windows {
                            let part = [Part::X, Part::Y, Part::Z][axis];
                            add(index, part, begin.midpoint(*end));
                        }
                    }
                }
            }
        }
        channels
    }
}

/// The errors of a sounding, one for all or as many as components and systems.
fn errors(truth: &Truth, noise: Option<[f64; 2]>, counts: [usize; 2]) -> Result<Option<Errors>> {
    let levels = |own: &[f64], common: Option<f64>, count: usize, name: &str| match own.len() {
        0 => Ok(common.map(|level| vec![level; count])),
        1 => Ok(Some(vec![own[0]; count])),
        several if several == count => Ok(Some(own.to_vec())),
        several => Err(Error::Request(format!(
            "{name}: {several} values, where one or {count} are expected"
        ))),
    };
    let [relative, additive] = [noise.map(|both| both[0]), noise.map(|both| both[1])];
    let relative = levels(&truth.relative_error, relative, counts[0], "relative_error")?;
    let additive = levels(&truth.additive_error, additive, counts[1], "additive_error")?;
    let none = |count| move || vec![0.0; count];
    Ok((relative.is_some() || additive.is_some()).then(|| Errors {
        relative: relative.unwrap_or_else(none(counts[0])),
        additive: additive.unwrap_or_else(none(counts[1])),
    }))
}

/// The lines of soundings in order.
fn lines(soundings: &[Sounding]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (index, sounding) in soundings.iter().enumerate() {
        match lines.last_mut() {
            Some(last) if last.number.total_cmp(&sounding.line).is_eq() => {
                last.soundings.end = index + 1;
            }
            _ => lines.push(Line {
                number: sounding.line,
                soundings: index..index + 1,
            }),
        }
    }
    lines
}
