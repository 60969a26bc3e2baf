/// The largest deviation of each quantity, in the order in which they were first met.
#[derive(Clone, Debug, Default)]
pub struct Deviations {
    largest: Vec<(&'static str, f64, usize)>,
}

impl Deviations {
    /// The name of a quantity, its largest relative deviation, and how often it was compared.
    pub fn all(&self) -> &[(&'static str, f64, usize)] {
        &self.largest
    }

    /// Notes numbers of a quantity: the largest difference, against the largest number. What is
    /// recorded as null is passed over.
    pub(super) fn note(&mut self, quantity: &'static str, found: &[f64], expected: &[f64]) {
        let scale = expected
            .iter()
            .fold(0.0, |scale: f64, x| scale.max(x.abs()));
        self.note_scaled(quantity, found, expected, scale);
    }

    /// Notes a logarithm: below 1 the difference itself counts, as logarithms have no scale.
    pub(super) fn note_log(&mut self, quantity: &'static str, found: f64, expected: f64) {
        self.note_scaled(quantity, &[found], &[expected], expected.abs().max(1.0));
    }

    fn note_scaled(&mut self, quantity: &'static str, found: &[f64], expected: &[f64], scale: f64) {
        if expected.iter().any(|x| x.is_nan()) {
            return;
        }
        let mut deviation = 0.0;
        for (found, expected) in found.iter().zip(expected) {
            let difference = (found - expected).abs();
            // Nothing deviates from 0 where all is 0.
            let one = if difference == 0.0 {
                0.0
            } else {
                difference / scale
            };
            // What is not a number deviates without bounds.
            deviation = if one >= 0.0 {
                one.max(deviation)
            } else {
                f64::INFINITY
            };
        }
        if found.len() != expected.len() {
            deviation = f64::INFINITY;
        }
        match self.largest.iter_mut().find(|(name, ..)| *name == quantity) {
            Some((_, largest, count)) => {
                *largest = largest.max(deviation);
                *count += 1;
            }
            None => self.largest.push((quantity, deviation, 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_deviates() {
        let mut deviations = Deviations::default();
        deviations.note("zeros", &[0.0, 0.0], &[0.0, -0.0]);
        deviations.note("not 0", &[1e-300], &[0.0]);
        deviations.note("no number", &[f64::NAN, 1.0], &[1.0, 1.0]);
        deviations.note("short", &[1.0], &[1.0, 1.0]);
        deviations.note("near", &[1.0, 2.5], &[1.0, 2.0]);
        let found: Vec<f64> = deviations
            .all()
            .iter()
            .map(|(_, found, _)| *found)
            .collect();
        assert_eq!(
            found,
            [0.0, f64::INFINITY, f64::INFINITY, f64::INFINITY, 0.25]
        );
    }
}
