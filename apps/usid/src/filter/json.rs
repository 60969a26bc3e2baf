use serde_json::{Value as Json, json};

use super::FrequencyFilter;
use crate::format::Value;

/// What the peer stores of a filter, by the peer's names.
pub(super) fn stored(filter: &FrequencyFilter) -> Vec<(&'static str, Value)> {
    match filter {
        FrequencyFilter::LowPass { cutoff, roll_off } => vec![
            ("low_pass_cut_off", Value::Float(*cutoff)),
            ("low_pass_widths", Value::Float(*roll_off)),
        ],
        FrequencyFilter::BandPass { centre, width, .. } => vec![
            ("band_pass_start_freq", Value::Float(*centre)),
            ("band_pass_band_width", Value::Float(*width)),
        ],
        FrequencyFilter::HarmonicPass {
            first,
            width,
            count,
        } => vec![
            ("harmonic_pass_start_freq", Value::Float(*first)),
            ("harmonic_pass_band_width", Value::Float(*width)),
            ("harmonic_pass_bands", Value::Integer(*count as i64)),
        ],
        FrequencyFilter::NoiseBand { centres, widths } => vec![
            ("noise_band_freqs", Value::Floats(centres.clone())),
            ("noise_band_widths", Value::Floats(widths.clone())),
        ],
        FrequencyFilter::HighPass { .. } | FrequencyFilter::BandStop { .. } => Vec::new(),
    }
}

/// A filter with all that makes it.
pub(super) fn in_json(filter: &FrequencyFilter) -> Json {
    match filter {
        FrequencyFilter::LowPass { cutoff, roll_off } => {
            json!({"low_pass": {"cutoff": cutoff, "roll_off": roll_off}})
        }
        FrequencyFilter::HighPass { cutoff, roll_off } => {
            json!({"high_pass": {"cutoff": cutoff, "roll_off": roll_off}})
        }
        FrequencyFilter::BandPass {
            centre,
            width,
            taps,
        } => json!({"band_pass": {"centre": centre, "width": width, "taps": taps}}),
        FrequencyFilter::BandStop {
            centre,
            width,
            taps,
        } => json!({"band_stop": {"centre": centre, "width": width, "taps": taps}}),
        FrequencyFilter::HarmonicPass {
            first,
            width,
            count,
        } => json!({"harmonic_pass": {"first": first, "width": width, "count": count}}),
        FrequencyFilter::NoiseBand { centres, widths } => {
            json!({"noise_band": {"centres": centres, "widths": widths}})
        }
    }
}
