use super::{Point, Profile, Widths};

/// A sounding with what its counts say.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What the file has.
    pub point: Point,
    /// Conductivities by depth.
    pub profile: Profile,
    /// One per bin of depth, from 0 to 1.
    pub opacity: Vec<f64>,
    /// m: the depth of investigation; not a number where nothing is counted.
    pub doi: f64,
}

impl Seen {
    /// What the counts of a sounding say, on a line with these widths.
    pub fn new(point: Point, widths: Widths) -> Seen {
        let profile = Profile::new(&point.conductivity);
        let opacity = widths.opacity(&profile);
        let doi = if point.kept() > 0 {
            point.conductivity.middle(Widths::investigated(&opacity))
        } else {
            f64::NAN
        };
        Seen {
            point,
            profile,
            opacity,
            doi,
        }
    }
}
