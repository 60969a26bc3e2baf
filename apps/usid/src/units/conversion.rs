use super::symbols::is_ambiguous;
use super::words::bracketed;
use super::{Meaning, read};

/// From the units of a file to those of a computation.
#[derive(Clone, Debug, PartialEq)]
pub enum Conversion {
    /// Numbers are multiplied with this.
    Factor(f64),
    /// The file does not say which units it means, in words: numbers are taken as they are, which
    /// must be told.
    Assumed(String),
}

/// How numbers in `units` under a `label` become numbers in the units `wanted`. Where the units say
/// nothing, those in brackets after the label count.
///
/// ```
/// use jobwise_usid::units::{Conversion, convert};
/// assert_eq!(convert("pA", "Current", "nA"), Ok(Conversion::Factor(1e-3)));
/// assert_eq!(convert("", "Current (pA)", "nA"), Ok(Conversion::Factor(1e-3)));
/// assert!(matches!(convert("a.u.", "Current", "nA"), Ok(Conversion::Assumed(_))));
/// assert!(convert("mV", "Current", "nA").is_err());
/// ```
///
/// # Errors
/// They measure something else or are not understood; or units and label name different ones.
pub fn convert(units: &str, label: &str, wanted: &str) -> Result<Conversion, String> {
    let in_label = bracketed(label).map_or(Meaning::Nothing, read);
    let meaning = match (read(units), in_label) {
        (Meaning::Known(unit), Meaning::Known(other)) if unit != other => {
            return Err(format!(
                "the label {label:?} and the units {units:?} disagree"
            ));
        }
        (Meaning::Nothing, other) => other,
        (known, _) => known,
    };
    let named = format!("{label} [{units}]");
    match (meaning, read(wanted)) {
        (Meaning::Known(unit), Meaning::Known(wanted_unit)) => unit
            .in_units_of(wanted_unit)
            .map(Conversion::Factor)
            .ok_or_else(|| format!("{named} cannot be converted to {wanted}")),
        (Meaning::Unknown, _) => Err(format!(
            "{named}: these units are not understood, and {wanted} is wanted{}: name them in full, \
             or leave them empty where \
             they are {wanted}",
            hint(units)
        )),
        (_, Meaning::Unknown | Meaning::Nothing) => {
            Err(format!("{named} cannot be converted to {wanted}"))
        }
        (Meaning::Nothing, _) => Ok(Conversion::Assumed(format!(
            "{named} has no units: taken for {wanted}"
        ))),
    }
}

/// What is amiss with the spelling of units that could be two.
fn hint(units: &str) -> &'static str {
    if is_ambiguous(units) {
        " (small letters leave open whether milli or mega is meant: write mHz or MHz)"
    } else {
        ""
    }
}

/// A number with or without units, such as `10 kHz` or `1e4`, in the units `wanted`.
///
/// ```
/// use jobwise_usid::units::quantity;
/// assert_eq!(quantity("10 kHz", "Hz"), Ok(1e4));
/// assert_eq!(quantity("1e4", "Hz"), Ok(1e4));
/// assert!(quantity("10 kV", "Hz").is_err());
/// ```
///
/// # Errors
/// It is no number, or its units measure something else.
pub fn quantity(text: &str, wanted: &str) -> Result<f64, String> {
    let text = text.trim();
    let wrong = || format!("{text:?} is not a number of {wanted}{}", hint(text));
    // The longest number that it begins with: "1e3" is one, "1eV" begins with 1.
    let (number, units) = (1..=text.len())
        .rev()
        .filter(|&end| text.is_char_boundary(end))
        .find_map(|end| Some((text[..end].parse::<f64>().ok()?, text[end..].trim())))
        .ok_or_else(wrong)?;
    if units.is_empty() {
        return Ok(number);
    }
    match (read(units), read(wanted)) {
        (Meaning::Known(unit), Meaning::Known(wanted_unit)) => {
            let factor = unit
                .in_units_of(wanted_unit)
                .ok_or_else(|| format!("{text:?} cannot be converted to {wanted}"))?;
            Ok(number * factor)
        }
        _ => Err(wrong()),
    }
}
