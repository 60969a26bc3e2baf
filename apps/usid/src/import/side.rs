use super::Scale;
use crate::format::Dimension;
use crate::units::{Conversion, Meaning, convert, read};

/// The units of a size that comes without.
const USUAL: &str = "nm";

/// One side of a picture of so many pixels: as long as `size` says, or where the file says, in the
/// units `told`. What the user should know is added to the warnings.
///
/// # Errors
/// The file's units cannot be converted to those told.
pub(super) fn side(
    name: &str,
    pixels: usize,
    (size, told): (Option<f64>, Option<&str>),
    found: Option<&Scale>,
    warnings: &mut Vec<String>,
) -> Result<Dimension, String> {
    if let Some(odd) = told.filter(|units| read(units) == Meaning::Unknown) {
        warnings.push(format!(
            "{odd:?} are no units that are known here: kept as a name"
        ));
    }
    let scale = match (size, found) {
        (Some(size), _) => {
            if told.is_none() {
                warnings.push(format!(
                    "the size has no units: taken for {USUAL} (--units)"
                ));
            }
            Scale {
                offset: 0.0,
                step: size / pixels as f64,
                units: Some(told.unwrap_or(USUAL).to_owned()),
            }
        }
        (None, Some(scale)) => in_units(name, scale, told, warnings)?,
        (None, None) => {
            if told.is_some() {
                warnings
                    .push("units without a size: positions are counted in pixels (--size)".into());
            }
            Scale {
                offset: 0.0,
                step: 1.0,
                units: Some("pixel".to_owned()),
            }
        }
    };
    warnings.dedup();
    let place = |k: usize| scale.offset + scale.step * k as f64;
    let units = scale.units.as_deref().unwrap_or("");
    Ok(Dimension::new(
        name,
        units,
        (0..pixels).map(place).collect(),
    ))
}

/// The file's scale in the units that were told.
fn in_units(
    name: &str,
    scale: &Scale,
    told: Option<&str>,
    warnings: &mut Vec<String>,
) -> Result<Scale, String> {
    let Some(told) = told else {
        return Ok(scale.clone());
    };
    let own = scale.units.as_deref().unwrap_or("");
    if own == told {
        return Ok(scale.clone());
    }
    let factor = match convert(own, name, told)? {
        Conversion::Factor(factor) => factor,
        Conversion::Assumed(why) => {
            warnings.push(why);
            1.0
        }
    };
    Ok(Scale {
        offset: factor * scale.offset,
        step: factor * scale.step,
        units: Some(told.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(units: &str) -> Scale {
        Scale {
            offset: 2.0,
            step: 0.5,
            units: Some(units.to_owned()),
        }
    }

    #[test]
    fn scales_are_converted_refused_or_warned_of() {
        let told = |found: &Scale, units| {
            let mut warnings = Vec::new();
            let side = side("X", 3, (None, units), Some(found), &mut warnings);
            (side.map(|side| (side.values, side.units)), warnings.len())
        };
        let converted = (vec![2000.0, 2500.0, 3000.0], "nm".to_owned());
        assert_eq!(told(&scale("um"), Some("nm")), (Ok(converted), 0));
        let kept = |units: &str| (vec![2.0, 2.5, 3.0], units.to_owned());
        assert_eq!(told(&scale("um"), None), (Ok(kept("um")), 0));
        assert_eq!(told(&scale(""), Some("nm")), (Ok(kept("nm")), 1));
        assert_eq!(
            told(&scale("furlong"), Some("furlong")),
            (Ok(kept("furlong")), 1)
        );
        for other in ["1/nm", "furlong"] {
            assert!(told(&scale(other), Some("nm")).0.is_err());
        }
    }

    #[test]
    fn a_size_without_units_and_units_without_a_size_are_told() {
        for (given, expected) in [
            ((Some(30.0), Some("um")), (0, "um")),
            ((Some(30.0), None), (1, "nm")),
            ((None, Some("um")), (1, "pixel")),
            ((None, None), (0, "pixel")),
            ((Some(30.0), Some("furlong")), (1, "furlong")),
        ] {
            let mut warnings = Vec::new();
            let side = side("X", 3, given, None, &mut warnings).unwrap();
            assert_eq!((warnings.len(), side.units.as_str()), expected);
        }
    }
}
