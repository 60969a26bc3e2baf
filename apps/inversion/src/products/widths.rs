use super::Profile;

/// The least opacity of what was investigated.
const INVESTIGATED: f64 = 0.67;

/// The widths of conductivities, P95 less P05 in decades, on a whole line: what opacity is relative
/// to, as in geobipy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Widths {
    least: f64,
    greatest: f64,
}

impl Default for Widths {
    fn default() -> Widths {
        Widths {
            least: f64::INFINITY,
            greatest: f64::NEG_INFINITY,
        }
    }
}

impl Widths {
    /// Takes a sounding of the line into account.
    pub fn add(&mut self, profile: &Profile) {
        for depth in 0..profile.mean.len() {
            let width = profile.width(depth);
            self.least = self.least.min(width);
            self.greatest = self.greatest.max(width);
        }
    }

    /// From 1 where the width is the least of the line to 0 where it is the greatest; 0 where
    /// nothing is known, 1 everywhere where all are alike.
    pub fn opacity(&self, profile: &Profile) -> Vec<f64> {
        let span = self.greatest - self.least;
        let opacity = |depth| {
            let width = profile.width(depth);
            if width.is_nan() {
                0.0
            } else if span > 0.0 {
                1.0 - (width - self.least) / span
            } else {
                1.0
            }
        };
        (0..profile.mean.len()).map(opacity).collect()
    }

    /// The bin of the depth of investigation: the deepest with an opacity of at least 0.67, or the
    /// first.
    pub fn investigated(opacity: &[f64]) -> usize {
        let deepest = opacity.iter().rposition(|part| *part >= INVESTIGATED);
        deepest.unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(widths: &[f64]) -> Profile {
        Profile {
            mean: vec![0.0; widths.len()],
            p05: vec![0.0; widths.len()],
            p95: widths.to_vec(),
            ..Profile::default()
        }
    }

    #[test]
    fn opacity_is_relative_to_the_line() {
        let (near, far) = (profile(&[1.0, 2.0, 1.5]), profile(&[3.0, f64::NAN, 2.0]));
        let mut widths = Widths::default();
        widths.add(&near);
        widths.add(&far);
        assert_eq!(widths.opacity(&near), [1.0, 0.5, 0.75]);
        assert_eq!(widths.opacity(&far), [0.0, 0.0, 0.5]);
        assert_eq!(Widths::investigated(&[1.0, 0.5, 0.75]), 2);
        assert_eq!(Widths::investigated(&[1.0, 0.7, 0.5]), 1);
        assert_eq!(Widths::investigated(&[0.0, 0.0]), 0);
        let mut alike = Widths::default();
        alike.add(&profile(&[2.0, 2.0]));
        assert_eq!(alike.opacity(&profile(&[2.0, f64::NAN])), [1.0, 0.0]);
    }
}
