use std::fmt;
use std::str::FromStr;

/// How the sky is laid on a plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Projection {
    /// Sanson-Flamsteed: rows of one latitude, in true length.
    Sfl,
    /// Plate carree: rows of one latitude, columns of one longitude.
    Car,
    /// Orthographic.
    Sin,
    /// Zenithal equidistant.
    Arc,
    /// Stereographic.
    Stg,
    /// Lambert's zenithal equal area.
    Zea,
    /// Gnomonic.
    Tan,
    /// Cylindrical equal area.
    Cea,
    /// Plate carree with longitudes shrunk as at the centre.
    Bicep,
}

/// Name in texts, number in files.
const KNOWN: [(Projection, &str, u32); 9] = [
    (Projection::Sfl, "sfl", 0),
    (Projection::Car, "car", 1),
    (Projection::Sin, "sin", 2),
    (Projection::Arc, "arc", 3),
    (Projection::Stg, "stg", 4),
    (Projection::Zea, "zea", 5),
    (Projection::Tan, "tan", 6),
    (Projection::Cea, "cea", 7),
    (Projection::Bicep, "bicep", 9),
];

impl Projection {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Projection> {
        KNOWN.iter().map(|known| known.0)
    }

    fn known(self) -> &'static (Projection, &'static str, u32) {
        let found = KNOWN.iter().find(|known| known.0 == self);
        found.expect("every projection is in the table")
    }

    /// The number that stands for it in files.
    pub fn code(self) -> u32 {
        self.known().2
    }

    /// What a number in a file stands for.
    pub fn from_code(code: u32) -> Option<Projection> {
        let known = KNOWN.iter().find(|known| known.2 == code);
        known.map(|known| known.0)
    }

    /// Whether rows have one latitude.
    pub fn is_cylindrical(self) -> bool {
        use Projection::{Bicep, Car, Cea, Sfl};
        matches!(self, Sfl | Car | Cea | Bicep)
    }
}

impl fmt::Display for Projection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.known().1)
    }
}

impl FromStr for Projection {
    type Err = String;

    fn from_str(text: &str) -> Result<Projection, String> {
        let known = KNOWN.iter().find(|known| known.1 == text);
        known.map(|known| known.0).ok_or_else(|| {
            let names = KNOWN.map(|known| known.1).join(", ");
            format!("{text:?} is no projection: {names}")
        })
    }
}
