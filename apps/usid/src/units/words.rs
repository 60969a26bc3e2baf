use super::symbols::word;
use super::{Meaning, Unit};

/// What stands for no unit, in small letters without blanks and full stops.
const NOTHING: [&str; 13] = [
    "",
    "au",
    "arb",
    "arbu",
    "arbunit",
    "arbunits",
    "arbitrary",
    "arbitraryunits",
    "unknown",
    "none",
    "n/a",
    "-",
    "?",
];

/// What a text says about units: `nA`, `V/s`, `m s^-2`, `nanoamperes`, also within brackets after a
/// label, as in `Current (nA)`.
///
/// ```
/// use jobwise_usid::units::{Meaning, read};
/// let [Meaning::Known(kilo), Meaning::Known(hertz)] = ["kHz", "1/s"].map(read) else { panic!() };
/// assert_eq!(kilo.in_units_of(hertz), Some(1000.0));
/// assert_eq!(read("a. u."), Meaning::Nothing);
/// assert_eq!(read("furlongs"), Meaning::Unknown);
/// ```
pub fn read(text: &str) -> Meaning {
    let text = text.trim();
    let bare: String = text.chars().filter(|c| !" .\u{a0}".contains(*c)).collect();
    // Capital letters matter in units only: `nA` is no abbreviation of "not available".
    if NOTHING.contains(&bare.to_lowercase().as_str()) {
        return Meaning::Nothing;
    }
    // Digitizers write S for samples: nobody measures with siemens per second.
    if ["S/s", "kS/s", "KS/s", "MS/s", "GS/s"].contains(&bare.as_str()) {
        return read(&bare.replace("S/", "Sa/"));
    }
    if let Some(unit) = product(text) {
        return Meaning::Known(unit);
    }
    match bracketed(text) {
        Some(inner) => read(inner),
        None => Meaning::Unknown,
    }
}

/// What stands in brackets at the end of a text.
pub(super) fn bracketed(text: &str) -> Option<&str> {
    let pairs = [('(', ')'), ('[', ']')];
    pairs.into_iter().find_map(|(open, close)| {
        let inner = text.trim_end().strip_suffix(close)?;
        inner.rsplit_once(open).map(|(_, inner)| inner)
    })
}

/// Units and their powers, multiplied and divided from left to right.
fn product(text: &str) -> Option<Unit> {
    let text = text.replace("**", "^");
    let mut unit = Unit::ONE;
    for (index, factors) in text.split('/').enumerate() {
        let sign = if index == 0 { 1 } else { -1 };
        let mut any = false;
        for factor in factors.split(['*', '\u{b7}', '\u{22c5}', ' ', '\u{a0}']) {
            let factor = factor.trim();
            if factor.is_empty() {
                continue;
            }
            any = true;
            if factor == "1" {
                continue;
            }
            let (name, power) = power(factor)?;
            unit = unit.times(word(name)?, sign * power);
        }
        if !any {
            return None;
        }
    }
    Some(unit)
}

/// A word and the power behind it: `s^-1`, `s-1`, `m2`, `m²`.
fn power(factor: &str) -> Option<(&str, i32)> {
    let is_word =
        |c: char| !(c.is_ascii_digit() || "^+-\u{207b}".contains(c) || superscript(c).is_some());
    let end = factor.find(|c| !is_word(c)).unwrap_or(factor.len());
    let (name, power) = factor.split_at(end);
    if power.is_empty() {
        return Some((name, 1));
    }
    let digits: String = power
        .chars()
        .filter(|&c| c != '^')
        .map(|c| superscript(c).unwrap_or(if c == '\u{207b}' { '-' } else { c }))
        .collect();
    let power = digits.parse().ok().filter(|p| (-9..=9).contains(p))?;
    Some((name, power))
}

/// The digit of a small raised one.
fn superscript(c: char) -> Option<char> {
    let raised = "\u{2070}\u{b9}\u{b2}\u{b3}\u{2074}\u{2075}\u{2076}\u{2077}\u{2078}\u{2079}";
    let digit = raised.chars().position(|other| other == c)?;
    char::from_digit(digit as u32, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(from: &str, to: &str) -> Option<f64> {
        match (read(from), read(to)) {
            (Meaning::Known(from), Meaning::Known(to)) => from.in_units_of(to),
            other => panic!("{from} to {to}: {other:?}"),
        }
    }

    #[test]
    fn spellings_of_one_unit_are_one_unit() {
        let families: [(&str, f64, &[&str]); 15] = [
            (
                "nA",
                1.0,
                &[
                    "nA",
                    "nanoampere",
                    "Nanoamps",
                    "nAmps",
                    "Current (nA)",
                    "Current [nA]",
                    " nA ",
                ],
            ),
            ("nA", 1e3, &["uA", "\u{b5}A", "\u{3bc}A", "microampere"]),
            ("nA", 1e-3, &["pA", "picoamps"]),
            (
                "nA",
                1e9,
                &["A", "Ampere", "amps", "C/s", "C s^-1", "C*s-1", "W/V"],
            ),
            ("V", 1e-3, &["mV", "millivolts", "Bias (mV)"]),
            (
                "Hz",
                1e3,
                &[
                    "kHz",
                    "KHz",
                    "khz",
                    "kilohertz",
                    "1/ms",
                    "ms^-1",
                    "ms\u{207b}\u{b9}",
                    "kHz",
                ],
            ),
            ("Hz", 1e6, &["MS/s", "MSa/s", "MSPS", "Msps", "MHZ"]),
            ("Hz", 1e3, &["kS/s", "kSa/s", "ksps", "kilosamples/s"]),
            ("Hz", 1.0, &["S/s", "Sa/s", "samples/s", "sps"]),
            ("Hz", 1.0, &["1/s", "s^-1", "s**-1", "hz", "Hertz", "HZ"]),
            ("nm", 0.1, &["\u{c5}", "\u{212b}", "Angstrom", "angstroms"]),
            (
                "nm",
                1e3,
                &["um", "\u{3bc}m", "micron", "microns", "micrometers"],
            ),
            (
                "GOhm",
                1e-3,
                &["MOhm", "M\u{3a9}", "M\u{2126}", "MOhms", "megaohm", "MV/A"],
            ),
            ("pF", 1e3, &["nF", "nC/V"]),
            (
                "rad",
                std::f64::consts::PI / 180.0,
                &["deg", "\u{b0}", "degrees"],
            ),
        ];
        for (to, factor, spellings) in families {
            for spelling in spellings {
                assert_eq!(ratio(spelling, to), Some(factor), "{spelling} in {to}");
            }
        }
    }

    #[test]
    fn every_prefix_goes_before_every_unit_that_takes_one() {
        for (prefix, factor) in [
            ("a", 1e-18),
            ("f", 1e-15),
            ("p", 1e-12),
            ("n", 1e-9),
            ("m", 1e-3),
            ("k", 1e3),
            ("G", 1e9),
        ] {
            for unit in ["m", "s", "A", "V", "Hz", "Ohm", "F", "S"] {
                assert_eq!(ratio(&format!("{prefix}{unit}"), unit), Some(factor));
            }
        }
    }

    #[test]
    fn what_is_no_unit_is_none() {
        for nothing in [
            "",
            " ",
            "a.u.",
            "A.U.",
            "a. u.",
            "arb. units",
            "Unknown",
            "n/a",
        ] {
            assert_eq!(read(nothing), Meaning::Nothing, "{nothing}");
        }
        for unknown in [
            "furlong",
            "mhz",
            "phz",
            "counts",
            "px",
            "nB",
            "m/",
            "V^",
            "V^99",
            "m^2147483648",
            "(",
        ] {
            assert_eq!(read(unknown), Meaning::Unknown, "{unknown}");
        }
        assert_eq!(ratio("nA", "V"), None);
        assert_eq!(ratio("rad/s", "Hz"), None);
    }
}
