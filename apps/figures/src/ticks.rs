//! Where an axis is marked, and how the marks are labelled.

/// A mark on an axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub(super) at: f64,
    pub(super) label: String,
}

/// At most `most + 1` marks between two limits at round distances, `least` or more: 1, 2 or 5 times
/// a power of ten.
pub(super) fn linear(low: f64, high: f64, most: usize, least: f64) -> Vec<Tick> {
    let span = high - low;
    if !(span > 0.0 && span.is_finite()) {
        return Vec::new();
    }
    let step = round_step((span / most.max(1) as f64).max(least));
    // Marks on the limits themselves survive rounding.
    let slack = 1e-6 * span;
    let (first, last) = (
        ((low - slack) / step).ceil(),
        ((high + slack) / step).floor(),
    );
    if first > last {
        return Vec::new();
    }
    let count = (last - first).clamp(0.0, 2.0 * most.max(1) as f64) as usize;
    let largest = low.abs().max(high.abs());
    (0..=count)
        .map(|k| {
            let at = (first + k as f64) * step;
            Tick {
                label: label(at, step, largest),
                at,
            }
        })
        .collect()
}

/// The smallest of 1, 2, 5 times a power of ten that is not below `least`.
fn round_step(least: f64) -> f64 {
    let decade = 10f64.powf(least.log10().floor());
    let factor = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|factor| factor * decade >= least * (1.0 - 1e-9))
        .unwrap_or(10.0);
    factor * decade
}

/// A number with the digits that tell it from its neighbour; very large and very small ones with an
/// exponent.
fn label(at: f64, step: f64, largest: f64) -> String {
    let digits = |unit: f64| (-(step / unit).log10() - 1e-9).ceil().max(0.0) as usize;
    // 0 in the middle of an axis comes out of the multiplication exact, but with either sign.
    if at == 0.0 {
        return "0".to_owned();
    }
    let exponent = largest.log10().floor();
    let unit = 10f64.powf(exponent);
    let text = if (1e-3..1e6).contains(&largest) || digits(unit) > 4 {
        format!("{at:.*}", digits(1.0).min(9))
    } else {
        format!("{:.*}e{exponent}", digits(unit), at / unit)
    };
    text.replace('-', "\u{2212}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, most: usize) -> Vec<String> {
        linear(low, high, most, 0.0)
            .into_iter()
            .map(|t| t.label)
            .collect()
    }

    #[test]
    fn labels_are_round_and_distinct() {
        assert_eq!(labels(0.0, 10.0, 5), ["0", "2", "4", "6", "8", "10"]);
        assert_eq!(labels(-0.25, 0.3, 4), ["\u{2212}0.2", "0", "0.2"]);
        assert_eq!(
            labels(0.0, 20_000.0, 4),
            ["0", "5000", "10000", "15000", "20000"]
        );
        assert_eq!(labels(1.2e7, 2.1e7, 4), ["1.5e7", "2.0e7"]);
        assert_eq!(
            labels(1e-6, 4e-6, 3),
            ["1e\u{2212}6", "2e\u{2212}6", "3e\u{2212}6", "4e\u{2212}6"]
        );
        assert_eq!(
            labels(2_111_000.1, 2_111_000.3, 2),
            ["2111000.1", "2111000.2", "2111000.3"]
        );
    }

    #[test]
    fn marks_lie_within_the_limits_for_any_scale() {
        for exponent in -12..12 {
            for (low, high) in [(0.1, 7.3), (-3.3, 4.4), (-9.0, -8.9)] {
                let scale = 10f64.powi(exponent);
                let (low, high) = (low * scale, high * scale);
                for most in 2..10 {
                    let ticks = linear(low, high, most, 0.0);
                    assert!(!ticks.is_empty() && ticks.len() <= most + 1);
                    let slack = (high - low) * 1e-6;
                    assert!(
                        ticks
                            .iter()
                            .all(|t| (low - slack..=high + slack).contains(&t.at))
                    );
                    let mut labels: Vec<_> = ticks.iter().map(|t| &t.label).collect();
                    labels.dedup();
                    assert_eq!(labels.len(), ticks.len(), "{ticks:?}");
                }
            }
        }
    }

    #[test]
    fn impossible_limits_have_no_marks() {
        assert!(linear(1.0, 1.0, 5, 0.0).is_empty());
        assert!(linear(f64::NAN, 1.0, 5, 0.0).is_empty());
        assert!(linear(0.0, f64::INFINITY, 5, 0.0).is_empty());
    }
}
