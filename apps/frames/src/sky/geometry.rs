use std::fmt;
use std::str::FromStr;

use super::angle::{angle, text as angle_text};
use super::{Flat, Healpix, Order};
use crate::object::Quat;
use crate::pointing::{Coordinates, Directions};

/// The pixels of a map, and what its longitudes and latitudes mean.
///
/// As text it is `PROJECTION:WIDTHxHEIGHT@RESOLUTION,ALPHA,DELTA` or `healpix:NSIDE`; then, where
/// they are not the usual ones, `nested` and the coordinates:
///
/// ```
/// use jobwise_frames::sky::Geometry;
///
/// let map: Geometry = "zea:24x16@0.25deg,30,-49.3".parse()?;
/// assert_eq!(map.pixels(), 384);
/// let map: Geometry = "healpix:64,nested,galactic".parse()?;
/// assert_eq!(map.to_string(), "healpix:64,nested,galactic");
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geometry {
    /// What longitudes and latitudes mean.
    pub coordinates: Coordinates,
    /// The pixels.
    pub grid: Grid,
}

/// How the sky is cut into pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Grid {
    /// A rectangle on a plane.
    Flat(Flat),
    /// Pixels of equal area, on the whole sky.
    Healpix(Healpix),
}

/// The most pixels of a map that is made here.
const MOST_PIXELS: u64 = 1 << 32;

impl Geometry {
    /// The number of pixels.
    pub fn pixels(&self) -> u64 {
        match &self.grid {
            Grid::Flat(flat) => flat.pixels(),
            Grid::Healpix(healpix) => healpix.pixels(),
        }
    }

    /// The pixels that these directions fall into; [`OUTSIDE`](super::OUTSIDE) where there is none.
    pub fn pixels_of(&self, directions: &Directions, into: &mut Vec<i64>) {
        match &self.grid {
            Grid::Flat(flat) => flat.pixels_of(directions, into),
            Grid::Healpix(healpix) => healpix.pixels_of(directions, into),
        }
    }

    /// Longitude and latitude of the centre of a pixel; NaN where nothing of the sky is.
    pub fn angles(&self, pixel: u64) -> (f64, f64) {
        match &self.grid {
            Grid::Flat(flat) => {
                let place = (pixel % flat.width, pixel / flat.width);
                flat.angles((place.0 as f64, place.1 as f64))
            }
            Grid::Healpix(healpix) => healpix.angles(pixel),
        }
    }

    /// The direction of the centre of a pixel.
    pub fn direction(&self, pixel: u64) -> Quat {
        let (alpha, delta) = self.angles(pixel);
        Quat::direction(alpha, delta)
    }
}

impl fmt::Display for Geometry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.grid {
            Grid::Flat(flat) => write!(
                f,
                "{}:{}x{}@{},{},{}",
                flat.projection,
                flat.width,
                flat.height,
                angle_text(flat.x_res),
                angle_text(flat.alpha_center),
                angle_text(flat.delta_center)
            )?,
            Grid::Healpix(healpix) => {
                write!(f, "healpix:{}", healpix.nside())?;
                if healpix.order() == Order::Nested {
                    f.write_str(",nested")?;
                }
            }
        }
        match self.coordinates {
            Coordinates::Equatorial => Ok(()),
            other => write!(f, ",{other}"),
        }
    }
}

impl FromStr for Geometry {
    type Err = String;

    fn from_str(text: &str) -> Result<Geometry, String> {
        let form = "as zea:24x16@0.25deg,30,-49.3 or healpix:64";
        let wrong = |why: String| format!("{text:?} is no map, {form}: {why}");
        let (kind, rest) = text
            .split_once(':')
            .ok_or_else(|| wrong("there is no colon".into()))?;
        let mut words: Vec<&str> = rest.split(',').collect();
        let coordinates = match words.last().map(|last| last.parse()) {
            Some(Ok(coordinates)) => {
                words.pop();
                coordinates
            }
            _ => Coordinates::default(),
        };
        let grid = if kind == "healpix" {
            healpix(&words).map(Grid::Healpix)
        } else {
            flat(kind, &words).map(Grid::Flat)
        };
        let grid = grid.map_err(wrong)?;
        let geometry = Geometry { coordinates, grid };
        if geometry.pixels() > MOST_PIXELS {
            return Err(wrong(format!("it has more than {MOST_PIXELS} pixels")));
        }
        Ok(geometry)
    }
}

fn healpix(words: &[&str]) -> Result<Healpix, String> {
    let (nside, order) = match words {
        [nside] => (nside, Order::Ring),
        [nside, "nested"] => (nside, Order::Nested),
        _ => return Err("there is more than the side, nested and the coordinates".into()),
    };
    let nside = nside.parse().map_err(|_| format!("{nside:?} is no side"))?;
    Healpix::new(nside, order)
}

fn flat(kind: &str, words: &[&str]) -> Result<Flat, String> {
    let projection = kind.parse()?;
    let [size, alpha, delta] = words else {
        return Err("it has a size, a longitude and a latitude".into());
    };
    let (size, resolution) = size
        .split_once('@')
        .ok_or("the size of pixels is missing")?;
    let side = |text: &str| {
        let side = text.parse().ok().filter(|side| (1..1 << 31).contains(side));
        side.ok_or_else(|| format!("{text:?} is no number of pixels"))
    };
    let (width, height) = size.split_once('x').ok_or("it has a width and a height")?;
    let (width, height): (u64, u64) = (side(width)?, side(height)?);
    let resolution = angle(resolution)?;
    if resolution <= 0.0 {
        return Err("pixels have a size above 0".into());
    }
    let center = (angle(alpha)?, angle(delta)?);
    if center.1.abs() > std::f64::consts::FRAC_PI_2 {
        return Err("latitudes are -90 to 90".into());
    }
    Ok(Flat::new(projection, (width, height), resolution, center))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sky::Projection;

    #[test]
    fn geometries_are_written_as_they_are_read() {
        for text in [
            "zea:24x16@0.25,30,-49.3",
            "car:1x2000@0.01,0,90,galactic",
            "healpix:64",
            "healpix:12",
            "healpix:4096,nested,local",
        ] {
            let map: Geometry = text.parse().unwrap();
            assert_eq!(map.to_string(), text);
        }
        let map: Geometry = "zea:24x16@15arcmin,0.5rad,-49.3deg,local".parse().unwrap();
        let Grid::Flat(flat) = map.grid else {
            panic!("{map}")
        };
        assert_eq!(flat.projection, Projection::Zea);
        assert_eq!((flat.width, flat.height), (24, 16));
        assert!((flat.x_center - 11.5).hypot(flat.y_center - 7.5) < 1e-15);
        assert!((flat.alpha_center - 0.5).abs() < 1e-15);
        assert_eq!(map.coordinates, Coordinates::Local);
    }

    #[test]
    fn what_is_no_map_is_told_with_the_form() {
        for (text, why) in [
            ("zea", "colon"),
            ("xyz:24x16@1deg,0,0", "projection"),
            ("zea:24x16,0,0", "size of pixels"),
            ("zea:24@1deg,0,0", "width"),
            ("zea:0x16@1deg,0,0", "number of pixels"),
            ("zea:24x16@0deg,0,0", "above 0"),
            ("zea:24x16@1deg,0", "latitude"),
            ("zea:24x16@1deg,0,91", "-90"),
            ("zea:24x16@1deg,0,0,ecliptic", "latitude"),
            ("zea:2000000000x2000000000@1deg,0,0", "more than"),
            ("healpix:0", "side"),
            ("healpix:x", "side"),
            ("healpix:12,nested", "power of two"),
            ("healpix:536870912", "more than"),
            ("healpix:64,ring", "more than the side"),
        ] {
            let error = text.parse::<Geometry>().unwrap_err();
            assert!(error.contains("zea:24x16@0.25deg"), "{error}");
            assert!(error.contains(why), "{error}");
        }
    }
}
