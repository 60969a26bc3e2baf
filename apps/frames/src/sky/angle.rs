use std::f64::consts::PI;

/// What a unit of an angle is in radians.
const UNITS: [(&str, f64); 4] = [
    ("deg", PI / 180.0),
    ("arcmin", PI / 180.0 / 60.0),
    ("arcsec", PI / 180.0 / 3600.0),
    ("rad", 1.0),
];

/// The angle that a text such as `0.25deg` or `3arcmin` names, in radians. Without a unit it is
/// degrees.
pub(super) fn angle(text: &str) -> Result<f64, String> {
    let named = UNITS.iter().find_map(|&(name, unit)| {
        let number = text.strip_suffix(name)?;
        Some((number, unit))
    });
    let (number, unit) = named.unwrap_or((text, UNITS[0].1));
    let value: f64 = number.trim().parse().map_err(|_| problem(text))?;
    if value.is_finite() {
        Ok(value * unit)
    } else {
        Err(problem(text))
    }
}

fn problem(text: &str) -> String {
    format!("{text:?} is no angle, as 0.25deg, 3arcmin, 10arcsec, 0.01rad")
}

/// An angle as a text, short where that is exact, of which [`angle()`] makes the same angle.
pub(super) fn text(value: f64) -> String {
    let exact = |text: &String| angle(text).is_ok_and(|same| same.to_bits() == value.to_bits());
    let in_unit = |(name, unit): (&str, f64)| {
        let name = if name == UNITS[0].0 { "" } else { name };
        let number = format!("{:.6}", value / unit);
        let number = number.trim_end_matches('0').trim_end_matches('.');
        format!("{number}{name}")
    };
    let mut short = UNITS.into_iter().map(in_unit).filter(exact);
    let degrees = || Some(format!("{}", value / UNITS[0].1)).filter(exact);
    let found = short.next().or_else(degrees);
    found.unwrap_or_else(|| format!("{value:?}rad"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::float_cmp)] // every bit counts
    fn angles_have_units_and_keep_their_bits() {
        assert_eq!(angle("0.25deg").unwrap(), 0.004_363_323_129_985_824);
        assert_eq!(angle("-49.3").unwrap(), -0.860_447_321_233_204_4);
        assert_eq!(angle("2rad").unwrap(), 2.0);
        assert!((angle("15arcmin").unwrap() - angle("0.25").unwrap()).abs() < 1e-18);
        for wrong in ["", "deg", "1ms", "nan", "infdeg"] {
            assert!(angle(wrong).unwrap_err().contains("0.25deg"), "{wrong}");
        }
        assert_eq!(text(angle("-49.3").unwrap()), "-49.3");
        assert_eq!(text(angle("2arcmin").unwrap()), "2arcmin");
        for value in [0.1, 1.0 / 3.0, 0.001_234_567_890_123_4, 5.0] {
            assert_eq!(angle(&text(value)).unwrap(), value);
        }
    }
}
