/// Colours for series that people with any colour vision tell apart: the palette of Okabe and Ito
/// (2008) without black, in an order that puts the strongest contrasts first.
pub const OKABE_ITO: [&str; 7] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442",
];

/// A series that is only there for comparison.
pub(super) const FAINT: &str = "#b0b0b0";

/// Cells without a value.
pub(super) const MISSING: [u8; 3] = [0xd4, 0xd4, 0xd4];

/// Colours for numbers, of even lightness steps, readable with any colour vision and in grey.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColourMap {
    /// Dark blue over green to yellow.
    #[default]
    Viridis,
    /// Dark blue over grey to yellow.
    Cividis,
}

/// Steps of a colour map; the last entry of a palette of 256 is left for missing cells.
pub(super) const STEPS: usize = 255;

impl ColourMap {
    /// The colours from low to high, as red, green, blue, and then the one of missing cells.
    pub(super) fn palette(self) -> Vec<u8> {
        let gradient = match self {
            ColourMap::Viridis => colorous::VIRIDIS,
            ColourMap::Cividis => colorous::CIVIDIS,
        };
        (0..STEPS)
            .flat_map(|step| gradient.eval_rational(step, STEPS).into_array())
            .chain(MISSING)
            .collect()
    }
}

/// Where a value between two limits lies in a palette. What lies beyond a limit has its colour; NaN
/// is missing.
pub(super) fn step(value: f64, low: f64, high: f64) -> u8 {
    if value.is_nan() {
        return STEPS as u8;
    }
    // Infinite values have a colour too; equal limits put everything in the middle.
    let at = if high > low {
        (value - low) / (high - low)
    } else {
        0.5
    };
    (at * (STEPS - 1) as f64)
        .round()
        .clamp(0.0, (STEPS - 1) as f64) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_saturate_and_nan_is_missing() {
        for (value, expected) in [
            (f64::NEG_INFINITY, 0),
            (1.0, 0),
            (2.0, 127),
            (3.0, 254),
            (f64::INFINITY, 254),
            (f64::NAN, 255),
        ] {
            assert_eq!(step(value, 1.0, 3.0), expected, "{value}");
        }
        assert_eq!(step(1.0, 1.0, 1.0), 127);
    }

    #[test]
    fn palettes_grow_lighter_and_end_with_missing() {
        for map in [ColourMap::Viridis, ColourMap::Cividis] {
            let palette = map.palette();
            assert_eq!(palette.len(), 3 * 256);
            assert_eq!(palette[3 * STEPS..], MISSING);
            let lightness = |step: usize| -> u32 {
                let c = &palette[3 * step..3 * step + 3];
                2 * u32::from(c[0]) + 7 * u32::from(c[1]) + u32::from(c[2])
            };
            assert!((1..8).all(|k| lightness(32 * (k - 1)) < lightness(32 * k)));
        }
    }
}
