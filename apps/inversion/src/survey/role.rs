//! What columns can mean.

use std::fmt;

/// Quantities that a sounding has once, by the names in `--map`. Lengths are in m, angles in
/// degrees.
pub(super) const SCALARS: [&str; 15] = [
    "line",
    "fiducial",
    "x",
    "y",
    "elevation",
    "height",
    "tx_roll",
    "tx_pitch",
    "tx_yaw",
    "txrx_dx",
    "txrx_dy",
    "txrx_dz",
    "rx_roll",
    "rx_pitch",
    "rx_yaw",
];

/// Places in [`SCALARS`].
pub(super) const LINE: usize = 0;
pub(super) const FIDUCIAL: usize = 1;
pub(super) const HEIGHT: usize = 5;
/// From here on: the geometry of the time domain.
pub(super) const GEOMETRY: usize = 6;

/// A part of what a system measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Frequency domain.
    InPhase,
    /// Frequency domain.
    Quadrature,
    /// Time domain.
    X,
    /// Time domain.
    Y,
    /// Time domain.
    Z,
}

impl Part {
    /// The axis of a component of the time domain: 0, 1, 2 for x, y, z.
    pub fn axis(self) -> Option<usize> {
        match self {
            Part::InPhase | Part::Quadrature => None,
            Part::X => Some(0),
            Part::Y => Some(1),
            Part::Z => Some(2),
        }
    }

    /// Whether it is of the time domain.
    pub fn is_of_time(self) -> bool {
        self >= Part::X
    }

    /// The component of the time domain that a letter names.
    pub(super) fn component(letter: char) -> Option<Part> {
        match letter.to_ascii_uppercase() {
            'X' => Some(Part::X),
            'Y' => Some(Part::Y),
            'Z' => Some(Part::Z),
            _ => None,
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::InPhase => "in_phase",
            Part::Quadrature => "quadrature",
            Part::X => "X",
            Part::Y => "Y",
            Part::Z => "Z",
        })
    }
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A place in [`SCALARS`].
    Scalar(usize),
    /// Data.
    Data(usize, Part),
    /// Standard deviations, in the unit of the data.
    Deviation(usize, Part),
    /// Standard deviations as parts of the data.
    Relative(usize, Part),
    /// The primary field: 0, 1, 2 for x, y, z.
    Primary(usize),
}

impl Role {
    /// The role that a name in `--map` or `--scale` stands for.
    ///
    /// # Errors
    /// A sentence with the names that are known.
    pub(super) fn named(name: &str) -> Result<Role, String> {
        let lower = name.to_ascii_lowercase();
        let scalar = if lower == "tx_height" {
            "height"
        } else {
            &lower
        };
        if let Some(place) = SCALARS.iter().position(|known| *known == scalar) {
            return Ok(Role::Scalar(place));
        }
        if let Some(axis) = ["px", "py", "pz"].iter().position(|known| *known == lower) {
            return Ok(Role::Primary(axis));
        }
        let (base, suffix) = match lower.rsplit_once('_') {
            Some((base, suffix @ ("err" | "rel"))) => (base, suffix),
            _ => (&*lower, ""),
        };
        let data = match base {
            "in_phase" => Some((0, Part::InPhase)),
            "quadrature" => Some((0, Part::Quadrature)),
            other => component(other),
        };
        match (data, suffix) {
            (Some((system, part)), "") => Ok(Role::Data(system, part)),
            (Some((system, part)), "err") => Ok(Role::Deviation(system, part)),
            (Some((system, part)), _) => Ok(Role::Relative(system, part)),
            (None, _) => Err(format!(
                "{name} is no name to map: {}, in_phase, quadrature, S0X to S9Z (system, \
                 component), \
                 the last three with _err (standard deviations) or _rel (as parts of the data), \
                 PX, PY, PZ",
                SCALARS.join(", ")
            )),
        }
    }

    /// Data, or what belongs to them.
    pub(super) fn is_data(self) -> bool {
        !matches!(self, Role::Scalar(_))
    }
}

/// `s0z`: system and component.
fn component(name: &str) -> Option<(usize, Part)> {
    match name.as_bytes() {
        [b's', system @ b'0'..=b'9', letter] => {
            Part::component(char::from(*letter)).map(|part| (usize::from(system - b'0'), part))
        }
        _ => None,
    }
}
