//! The systems that measured a sounding, each where it was, behind one interface.

use std::ops::Range;

use crate::earth::Layers;
use crate::forward::{
    FrequencyDomain, FrequencyWorkspace, Geometry, Responder, Response, TimeDomain, TimeWorkspace,
    Wanted,
};
use crate::{Error, Result};

/// The systems of one sounding: one of the frequency domain, or one or several of the time domain,
/// whose channels follow each other. Signs are those of geobipy: z of the time domain is negated.
#[derive(Clone, Debug)]
pub struct Instrument<'s> {
    parts: Vec<Part<'s>>,
    components: Vec<Component>,
    channels: usize,
}

/// Channels that share a relative error: a frequency-domain system, or a component of a time-domain
/// system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Which system, from 0.
    pub system: usize,
    /// Which of the instrument's channels.
    pub channels: Range<usize>,
}

/// A time-domain system and where it was.
#[derive(Clone, Copy, Debug)]
pub struct TimePart<'s> {
    /// The system.
    pub system: &'s TimeDomain,
    /// Where it was.
    pub geometry: Geometry,
    /// Whether data include the transmitter's own field, as those of Tempest do.
    pub with_primary: bool,
}

#[derive(Clone, Debug)]
enum Part<'s> {
    Frequency(FrequencyPart<'s>),
    Time(SignedPart<'s>),
}

#[derive(Clone, Debug)]
struct FrequencyPart<'s> {
    system: &'s FrequencyDomain,
    altitude: f64,
}

#[derive(Clone, Debug)]
struct SignedPart<'s> {
    system: &'s TimeDomain,
    geometry: Geometry,
    /// The sign of each component, and its field without an earth.
    components: Vec<(f64, f64)>,
}

/// A part with its memory.
#[derive(Clone, Debug)]
enum Ready<'s> {
    Frequency(FrequencyPart<'s>, FrequencyWorkspace),
    Time(SignedPart<'s>, TimeWorkspace),
}

/// An instrument with the memory of one lane, ready to be evaluated.
#[derive(Clone, Debug)]
pub struct Evaluator<'s> {
    parts: Vec<Ready<'s>>,
    channels: usize,
    /// The answer of one of several parts.
    response: Response,
}

impl<'s> Instrument<'s> {
    /// A frequency-domain system, so many m above the ground.
    ///
    /// # Errors
    /// The altitude is no number, or below the ground.
    pub fn frequency(system: &'s FrequencyDomain, altitude: f64) -> Result<Instrument<'s>> {
        if !(altitude.is_finite() && altitude >= 0.0) {
            return Err(Error::Request(format!(
                "the height is {altitude} m: a number above the ground is expected"
            )));
        }
        let channels = system.channels();
        Ok(Instrument {
            parts: vec![Part::Frequency(FrequencyPart { system, altitude })],
            components: vec![Component {
                system: 0,
                channels: 0..channels,
            }],
            channels,
        })
    }

    /// Time-domain systems.
    ///
    /// # Errors
    /// There is none, or a transmitter or receiver is not above the ground, or not a number.
    pub fn time(parts: &[TimePart<'s>]) -> Result<Instrument<'s>> {
        if parts.is_empty() {
            return Err(Error::Request("an instrument needs a system".into()));
        }
        let mut instrument = Instrument {
            parts: Vec::new(),
            components: Vec::new(),
            channels: 0,
        };
        for (index, part) in parts.iter().enumerate() {
            let heights = [
                part.geometry.tx_height,
                part.geometry.tx_height + part.geometry.txrx_dz,
            ];
            if !heights
                .iter()
                .all(|height| height.is_finite() && *height > 0.0)
            {
                return Err(Error::Request(format!(
                    "transmitter and receiver are at {} m and {} m: both must be above the ground",
                    heights[0], heights[1]
                )));
            }
            instrument.add(index, part);
        }
        Ok(instrument)
    }

    fn add(&mut self, index: usize, part: &TimePart<'s>) {
        let system = part.system;
        let primary = system.primary(&part.geometry);
        let primary = primary
            .iter()
            .map(|field| if part.with_primary { *field } else { 0.0 });
        for _ in system.axes() {
            let channels = self.channels..self.channels + system.windows();
            self.channels = channels.end;
            self.components.push(Component {
                system: index,
                channels,
            });
        }
        self.parts.push(Part::Time(SignedPart {
            system,
            geometry: part.geometry,
            components: system.axes().map(sign).zip(primary).collect(),
        }));
    }

    /// The number of values.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// The number of systems.
    pub fn systems(&self) -> usize {
        self.parts.len()
    }

    /// The components, in the order of their channels.
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// m above the ground: the height that the file of data says.
    pub fn height(&self) -> f64 {
        match &self.parts[0] {
            Part::Frequency(part) => part.altitude,
            Part::Time(part) => part.geometry.tx_height,
        }
    }

    /// The height of the lowest coil in m: what a change of the height must not take away.
    pub fn clearance(&self) -> f64 {
        let heights = self.parts.iter().map(|part| match part {
            Part::Frequency(part) => part.altitude,
            Part::Time(part) => part.geometry.tx_height + part.geometry.txrx_dz.min(0.0),
        });
        heights.fold(f64::INFINITY, f64::min)
    }

    /// Where a time-domain system was, and by component the field that data have beside that of
    /// the earth; none where the system at this place is another one.
    #[cfg(feature = "cuda")]
    pub(crate) fn time_part(&self, part: usize) -> Option<(Geometry, Vec<f64>)> {
        match self.parts.get(part)? {
            Part::Frequency(_) => None,
            Part::Time(part) => {
                let components = part.components.iter();
                let primary = components.map(|(_, primary)| *primary).collect();
                Some((part.geometry, primary))
            }
        }
    }

    /// The instrument with memory for earths of up to `layers` layers.
    pub fn evaluator(&self, layers: usize) -> Evaluator<'s> {
        let parts = self.parts.iter().map(|part| match part {
            Part::Frequency(part) => Ready::Frequency(part.clone(), part.system.workspace(layers)),
            Part::Time(part) => Ready::Time(part.clone(), part.system.workspace(layers)),
        });
        Evaluator {
            parts: parts.collect(),
            channels: self.channels,
            response: self.response(layers),
        }
    }

    /// An empty answer with memory for earths of up to `layers` layers.
    pub fn response(&self, layers: usize) -> Response {
        Response {
            predicted: Vec::with_capacity(self.channels),
            jacobian: Vec::with_capacity(self.channels * layers),
            by_height: Vec::with_capacity(self.channels),
        }
    }
}

/// The sign of a component in data: z points down there.
pub(crate) fn sign(axis: usize) -> f64 {
    if axis == 2 { -1.0 } else { 1.0 }
}

impl Evaluator<'_> {
    /// Computes what the systems measure over these layers, `height_change` m above where they
    /// were.
    ///
    /// # Panics
    /// The evaluator was made for fewer layers.
    pub fn evaluate(
        &mut self,
        layers: Layers<'_>,
        height_change: f64,
        wanted: Wanted,
        response: &mut Response,
    ) {
        let jacobian = wanted.jacobian.is_some();
        let columns = if jacobian { layers.count() } else { 0 };
        let heights = usize::from(wanted.height);
        response.predicted.resize(self.channels, 0.0);
        response.jacobian.resize(self.channels * columns, 0.0);
        response.by_height.resize(self.channels * heights, 0.0);
        let mut first = 0;
        for part in &mut self.parts {
            match part {
                // The only one.
                Ready::Frequency(part, memory) => {
                    let height = part.altitude + height_change;
                    part.system
                        .evaluate(layers, height, wanted, memory, response);
                }
                Ready::Time(part, memory) => {
                    let geometry = Geometry {
                        tx_height: part.geometry.tx_height + height_change,
                        ..part.geometry
                    };
                    let found = &mut self.response;
                    part.system
                        .evaluate(layers, &geometry, wanted, memory, found);
                    part.sign(first, columns, found, response);
                    first += part.system.channels();
                }
            }
        }
    }
}

/// At once.
impl Responder for Evaluator<'_> {
    async fn respond(
        &mut self,
        layers: Layers<'_>,
        height_change: f64,
        wanted: Wanted,
        response: &mut Response,
    ) {
        self.evaluate(layers, height_change, wanted, response);
    }
}

impl SignedPart<'_> {
    /// Puts what was found into the channels from `first` on.
    fn sign(&self, first: usize, columns: usize, found: &Response, response: &mut Response) {
        for (channel, value) in found.predicted.iter().enumerate() {
            let (sign, primary) = self.components[channel / self.system.windows()];
            let row = first + channel;
            response.predicted[row] = sign * (value + primary);
            let from = &found.jacobian[channel * columns..][..columns];
            let to = &mut response.jacobian[row * columns..][..columns];
            for (to, from) in to.iter_mut().zip(from) {
                *to = sign * from;
            }
        }
        for (channel, value) in found.by_height.iter().enumerate() {
            let (sign, _) = self.components[channel / self.system.windows()];
            response.by_height[first + channel] = sign * value;
        }
    }
}
