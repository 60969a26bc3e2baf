use std::str::FromStr;

use super::basis::Basis;

/// Takes polynomials from the timestreams of a scan: the least-squares fit of Legendre polynomials
/// of order 0 to `order` on the finite samples, at positions from -1 at the first sample to 1 at
/// the last.
///
/// One per lane: it keeps what it computed for timestreams of the same length.
#[derive(Clone, Debug)]
pub struct Polynomial {
    order: usize,
    /// How many samples the basis of all samples is for.
    length: usize,
    all: Basis,
    /// Where some samples are not finite.
    some: Basis,
    weights: Vec<f64>,
    parts: Vec<f64>,
}

/// The largest order that makes sense, and bounds the work.
const LARGEST_ORDER: usize = 1000;

impl Polynomial {
    /// A filter of this order.
    ///
    /// # Errors
    /// The order is above 1000.
    pub fn new(order: usize) -> Result<Polynomial, String> {
        if order > LARGEST_ORDER {
            return Err(format!("{order} is above {LARGEST_ORDER}"));
        }
        Ok(Polynomial {
            order,
            length: 0,
            all: Basis::default(),
            some: Basis::default(),
            weights: Vec::new(),
            parts: Vec::new(),
        })
    }

    /// The order.
    pub fn order(&self) -> usize {
        self.order
    }

    /// Filters a timestream in place. Samples that are not finite become NaN. Returns false where
    /// no more than `order + 1` samples are finite: these are zero then, and somebody should be
    /// told.
    pub fn filter(&mut self, samples: &mut [f64]) -> bool {
        let finite = samples.iter().filter(|sample| sample.is_finite()).count();
        if finite <= self.order + 1 {
            for sample in samples {
                *sample = if sample.is_finite() { 0.0 } else { f64::NAN };
            }
            return false;
        }
        let n = samples.len();
        if finite == n {
            if self.length != n {
                self.weights.clear();
                self.weights.resize(n, 1.0);
                self.all.fill(self.order, &self.weights);
                self.length = n;
            }
            self.all.remove(samples, &mut self.parts);
            return true;
        }
        self.weights.clear();
        for sample in &mut *samples {
            self.weights.push(f64::from(u8::from(sample.is_finite())));
            if !sample.is_finite() {
                *sample = 0.0;
            }
        }
        self.some.fill(self.order, &self.weights);
        self.some.remove(samples, &mut self.parts);
        for (sample, &weight) in samples.iter_mut().zip(&self.weights) {
            if weight == 0.0 {
                *sample = f64::NAN;
            }
        }
        true
    }
}

/// As `poly:2`: of order 2.
impl FromStr for Polynomial {
    type Err = String;

    fn from_str(text: &str) -> Result<Polynomial, String> {
        let order = text
            .strip_prefix("poly:")
            .and_then(|order| order.parse().ok());
        let order = order.ok_or_else(|| format!("{text:?} is no filter, as poly:2"))?;
        Polynomial::new(order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(i: usize, n: usize) -> f64 {
        2.0 * i as f64 / (n as f64 - 1.0) - 1.0
    }

    /// What least squares says, by the normal equations of Legendre polynomials.
    fn reference(samples: &[f64], order: usize) -> Vec<f64> {
        let n = samples.len();
        let legendre = |x: f64| {
            let mut p = vec![1.0, x];
            for k in 2..=order {
                let k_f = k as f64;
                p.push(((2.0 * k_f - 1.0) * x * p[k - 1] - (k_f - 1.0) * p[k - 2]) / k_f);
            }
            p.truncate(order + 1);
            p
        };
        let size = order + 1;
        let mut system = vec![vec![0.0; size + 1]; size];
        for (i, sample) in samples.iter().enumerate() {
            if sample.is_finite() {
                let p = legendre(position(i, n));
                for j in 0..size {
                    for k in 0..size {
                        system[j][k] += p[j] * p[k];
                    }
                    system[j][size] += p[j] * sample;
                }
            }
        }
        for j in 0..size {
            let pivot = system[j].clone();
            for (k, row) in system.iter_mut().enumerate() {
                if k != j {
                    let factor = row[j] / pivot[j];
                    for (value, pivot) in row.iter_mut().zip(&pivot) {
                        *value -= factor * pivot;
                    }
                }
            }
        }
        let part = |j: usize| system[j][size] / system[j][j];
        let fit = |i: usize| -> f64 {
            let p = legendre(position(i, n));
            (0..size).map(|j| part(j) * p[j]).sum()
        };
        (0..n).map(|i| samples[i] - fit(i)).collect()
    }

    fn signal(n: usize) -> Vec<f64> {
        let value = |i: usize| 300.0 * (i as f64 * 0.37).sin() + 0.01 * (i * i % 101) as f64;
        (0..n).map(value).collect()
    }

    #[test]
    fn it_is_the_least_squares_fit() {
        for (n, order) in [(64, 2), (61, 0), (200, 9), (12, 9), (3, 1)] {
            let samples = signal(n);
            let expected = reference(&samples, order);
            let mut found = samples.clone();
            assert!(Polynomial::new(order).unwrap().filter(&mut found));
            for (found, expected) in found.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-9, "{n} {order}");
            }
        }
    }

    #[test]
    fn samples_that_are_not_finite_do_not_count() {
        let mut samples = signal(100);
        for (i, sample) in samples.iter_mut().enumerate() {
            if i % 7 == 0 || (30..60).contains(&i) {
                *sample = if i % 2 == 0 { f64::NAN } else { f64::INFINITY };
            }
        }
        let expected = reference(&samples, 3);
        let mut filter = Polynomial::new(3).unwrap();
        for _ in 0..2 {
            let mut found = samples.clone();
            assert!(filter.filter(&mut found));
            for (i, sample) in samples.iter().enumerate() {
                if sample.is_finite() {
                    assert!((found[i] - expected[i]).abs() < 1e-9);
                } else {
                    assert!(found[i].is_nan());
                }
            }
        }
    }

    #[test]
    fn polynomials_vanish_whatever_is_missing() {
        let mut filter = Polynomial::new(15).unwrap();
        let n = 400;
        let value = |i: usize| 1e3 * position(i, n).powi(15) - 40.0;
        let mut samples: Vec<f64> = (0..n).map(value).collect();
        samples[200..].fill(f64::NAN);
        assert!(filter.filter(&mut samples));
        assert!(samples[..200].iter().all(|sample| sample.abs() < 1e-9));
    }

    #[test]
    fn too_few_samples_are_zero_and_told() {
        let mut filter = Polynomial::new(2).unwrap();
        let mut samples = [1.0, f64::NAN, 2.0, 5.0];
        assert!(!filter.filter(&mut samples));
        assert!(samples[1].is_nan());
        assert!(
            samples
                .iter()
                .all(|sample| sample.is_nan() || sample.abs() < f64::MIN_POSITIVE)
        );
        assert!(!filter.filter(&mut []));
        for wrong in ["poly:1001", "poly:", "poly:-1", "2"] {
            assert!(wrong.parse::<Polynomial>().is_err(), "{wrong}");
        }
        assert_eq!("poly:3".parse::<Polynomial>().unwrap().order(), 3);
    }
}
