use std::fmt;
use std::str::FromStr;

/// What longitude and latitude on the sky mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Coordinates {
    /// Azimuth and elevation.
    Local,
    /// Right ascension and declination, FK5 J2000.
    #[default]
    Equatorial,
    /// Galactic longitude and latitude.
    Galactic,
}

impl Coordinates {
    const ALL: [Coordinates; 3] = [
        Coordinates::Local,
        Coordinates::Equatorial,
        Coordinates::Galactic,
    ];

    /// The number that stands for it in files.
    pub fn code(self) -> u32 {
        self as u32
    }

    /// What a number in a file stands for.
    pub fn from_code(code: u32) -> Option<Coordinates> {
        Coordinates::ALL.into_iter().find(|one| one.code() == code)
    }
}

impl fmt::Display for Coordinates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Coordinates::Local => "local",
            Coordinates::Equatorial => "equatorial",
            Coordinates::Galactic => "galactic",
        })
    }
}

impl FromStr for Coordinates {
    type Err = String;

    fn from_str(text: &str) -> Result<Coordinates, String> {
        let known = Coordinates::ALL.into_iter();
        let mut named = known.filter(|one| one.to_string() == text);
        let unknown = || format!("{text:?} is none of local, equatorial, galactic");
        named.next().ok_or_else(unknown)
    }
}
