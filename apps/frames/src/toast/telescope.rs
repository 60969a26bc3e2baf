/// What took the data, and where it stands: frames do not say it.
#[derive(Clone, Debug, PartialEq)]
pub struct Telescope {
    /// Its name.
    pub name: String,
    /// The name of its site.
    pub site: String,
    /// Latitude of the site in degrees, to the north.
    pub latitude: f64,
    /// Longitude of the site in degrees, to the east.
    pub longitude: f64,
    /// Height of the site above the sea in m.
    pub altitude: f64,
}

/// The South Pole Telescope.
impl Default for Telescope {
    fn default() -> Self {
        Telescope {
            name: "SPT".into(),
            site: "pole".into(),
            latitude: -89.99,
            longitude: -44.65,
            altitude: 2835.0,
        }
    }
}
