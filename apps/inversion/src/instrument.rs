//! The systems that measured a sounding, each where it was, behind one interface.

use std::ops::Range;

use crate::earth::Layers;
use crate::forward::{
    FrequencyDomain, FrequencyWorkspace, Geometry, Response, TimeDomain, TimeWorkspace, Wanted,
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
    Frequency {
        system: &'s FrequencyDomain,
        altitude: f64,
    },
    Time {
        system: &'s TimeDomain,
        geometry: Geometry,
        /// The sign of each component, and its field without an earth.
        components: Vec<(f64, f64)>,
    },
}

/// Memory of one lane for one instrument.
#[derive(Clone, Debug)]
pub struct Workspace {
    parts: Vec<PartWorkspace>,
    /// The answer of one of several parts.
    response: Response,
}

#[derive(Clone, Debug)]
enum PartWorkspace {
    Frequency(FrequencyWorkspace),
    Time(TimeWorkspace),
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
            parts: vec![Part::Frequency { system, altitude }],
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
        let sign = |axis: usize| if axis == 2 { -1.0 } else { 1.0 };
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
        self.parts.push(Part::Time {
            system,
            geometry: part.geometry,
            components: system.axes().map(sign).zip(primary).collect(),
        });
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

    /// The height of the lowest coil in m: what a change of the height must not take away.
    pub fn clearance(&self) -> f64 {
        let heights = self.parts.iter().map(|part| match part {
            Part::Frequency { altitude, .. } => *altitude,
            Part::Time { geometry, .. } => geometry.tx_height + geometry.txrx_dz.min(0.0),
        });
        heights.fold(f64::INFINITY, f64::min)
    }

    /// Memory for earths of up to `layers` layers.
    pub fn workspace(&self, layers: usize) -> Workspace {
        let parts = self.parts.iter().map(|part| match part {
            Part::Frequency { system, .. } => PartWorkspace::Frequency(system.workspace(layers)),
            Part::Time { system, .. } => PartWorkspace::Time(system.workspace(layers)),
        });
        Workspace {
            parts: parts.collect(),
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

    /// Computes what the systems measure over these layers, `height_change` m above where they
    /// were.
    ///
    /// # Panics
    /// The workspace was made for fewer layers, or for another instrument.
    pub fn evaluate(
        &self,
        layers: Layers<'_>,
        height_change: f64,
        wanted: Wanted,
        workspace: &mut Workspace,
        response: &mut Response,
    ) {
        let columns = if wanted.jacobian.is_some() {
            layers.count()
        } else {
            0
        };
        let heights = usize::from(wanted.height);
        response.predicted.resize(self.channels, 0.0);
        response.jacobian.resize(self.channels * columns, 0.0);
        response.by_height.resize(self.channels * heights, 0.0);
        let mut first = 0;
        for (part, memory) in self.parts.iter().zip(&mut workspace.parts) {
            match (part, memory) {
                // The only one.
                (Part::Frequency { system, altitude }, PartWorkspace::Frequency(memory)) => {
                    system.evaluate(layers, altitude + height_change, wanted, memory, response);
                }
                (
                    Part::Time {
                        system,
                        geometry,
                        components,
                    },
                    PartWorkspace::Time(memory),
                ) => {
                    let geometry = Geometry {
                        tx_height: geometry.tx_height + height_change,
                        ..*geometry
                    };
                    let found = &mut workspace.response;
                    system.evaluate(layers, &geometry, wanted, memory, found);
                    for (channel, value) in found.predicted.iter().enumerate() {
                        let (sign, primary) = components[channel / system.windows()];
                        let row = first + channel;
                        response.predicted[row] = sign * (value + primary);
                        let from = &found.jacobian[channel * columns..][..columns];
                        let to = &mut response.jacobian[row * columns..][..columns];
                        for (to, from) in to.iter_mut().zip(from) {
                            *to = sign * from;
                        }
                        if wanted.height {
                            response.by_height[row] = sign * found.by_height[channel];
                        }
                    }
                    first += system.channels();
                }
                _ => panic!("the workspace was made for another instrument"),
            }
        }
    }
}
