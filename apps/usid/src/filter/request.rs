use super::FrequencyFilter;
use crate::units::quantity;

/// A filter as written on a command line: `KIND:NUMBER[,NUMBER...]`, frequencies in Hz or with
/// their units.
///
/// | text | filter |
/// |---|---|
/// | `low:CUTOFF[,ROLL_OFF]`, `high:CUTOFF[,ROLL_OFF]` | low pass, high pass; the roll-off is 0.05 if not given |
/// | `band:CENTRE,WIDTH[,TAPS]`, `stop:CENTRE,WIDTH[,TAPS]` | band pass, band stop; smooth with taps |
/// | `harmonic:FIRST,WIDTH,COUNT` | bands around the harmonics |
/// | `noise:CENTRE,WIDTH[,CENTRE,WIDTH...]` | all but these bands |
///
/// ```
/// use jobwise_usid::filter::{FrequencyFilter, parse};
/// let filter = parse("low:10e3").unwrap();
/// assert_eq!(filter, FrequencyFilter::LowPass { cutoff: 1e4, roll_off: 0.05 });
/// assert_eq!(parse("low:10 kHz"), Ok(filter));
/// assert!(parse("low").is_err() && parse("low:10 ms").is_err());
/// ```
///
/// # Errors
/// What is wrong with the text.
pub fn parse(text: &str) -> Result<FrequencyFilter, String> {
    let (kind, rest) = text
        .split_once(':')
        .ok_or("not KIND:NUMBERS, such as low:10000")?;
    // So many numbers are frequencies; a roll-off and counts have no units.
    let frequencies = match kind {
        "low" | "high" => 1,
        "noise" => usize::MAX,
        _ => 2,
    };
    let numbers: Vec<f64> = rest
        .split(',')
        .map(str::trim)
        .enumerate()
        .map(|(index, number)| match number.parse() {
            Ok(number) => Ok(number),
            Err(_) if index < frequencies => quantity(number, "Hz"),
            Err(_) => Err(format!("{number:?} is not a number")),
        })
        .collect::<Result<_, _>>()?;
    let count = |number: f64| {
        let whole = number.fract() == 0.0 && (1.0..=1e9).contains(&number);
        whole
            .then_some(number as usize)
            .ok_or_else(|| format!("{number} is not a count"))
    };
    let taps = |numbers: &[f64]| numbers.first().map(|&taps| count(taps)).transpose();
    let roll_off = |numbers: &[f64]| numbers.first().copied().unwrap_or(0.05);
    Ok(match (kind, numbers.as_slice()) {
        ("low", [cutoff, rest @ ..]) if rest.len() < 2 => FrequencyFilter::LowPass {
            cutoff: *cutoff,
            roll_off: roll_off(rest),
        },
        ("high", [cutoff, rest @ ..]) if rest.len() < 2 => FrequencyFilter::HighPass {
            cutoff: *cutoff,
            roll_off: roll_off(rest),
        },
        ("band", [centre, width, rest @ ..]) if rest.len() < 2 => FrequencyFilter::BandPass {
            centre: *centre,
            width: *width,
            taps: taps(rest)?,
        },
        ("stop", [centre, width, rest @ ..]) if rest.len() < 2 => FrequencyFilter::BandStop {
            centre: *centre,
            width: *width,
            taps: taps(rest)?,
        },
        ("harmonic", [first, width, number]) => FrequencyFilter::HarmonicPass {
            first: *first,
            width: *width,
            count: count(*number)?,
        },
        ("noise", pairs) if pairs.len().is_multiple_of(2) => FrequencyFilter::NoiseBand {
            centres: pairs.iter().step_by(2).copied().collect(),
            widths: pairs.iter().skip(1).step_by(2).copied().collect(),
        },
        ("low" | "high" | "band" | "stop" | "harmonic" | "noise", _) => {
            return Err(format!("wrong number of numbers for {kind}"));
        }
        _ => {
            return Err(format!(
                "{kind:?} is none of low, high, band, stop, harmonic, noise"
            ));
        }
    })
}
