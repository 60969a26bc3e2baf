use std::f64::consts::TAU;

use jobwise_core::{Cause, CpuKernel, Signature, Workload, random::threefry};

/// Measurements of a star, one a day.
pub const DAYS: usize = 512;
/// Frequencies that are tried: 1 to so many cycles in all days.
pub const TRIED: usize = 256;

/// A survey of so many stars. The search for the period of each is the kernel.
#[derive(Clone, Copy, Debug)]
pub struct Stars(pub usize);

impl Signature for Stars {
    /// The brightness of a star on each day.
    type Item<'t> = Vec<f64>;
    /// The period in days, and its power as a fraction of the star's mean square.
    type Output = Vec<f64>;
}

impl Workload for Stars {
    fn len(&self) -> usize {
        self.0
    }

    // Here a survey of one's own reads a file. These stars are a sine in noise, and the noise is a
    // function of star and day, so that it is the same wherever and whenever it is made.
    fn read(&self, index: usize) -> Result<Vec<f64>, Cause> {
        let cycles = (3 + index % 200) as f64;
        let brightness = |day: usize| {
            let [random, ..] = threefry([0, 0, 0, index as u32], [day as u32, 0, 0, 0]);
            let noise = f64::from(random) / f64::from(u32::MAX) - 0.5;
            (TAU * cycles * day as f64 / DAYS as f64).sin() + 3.0 * noise
        };
        Ok((0..DAYS).map(brightness).collect())
    }
}

impl CpuKernel for Stars {
    type Scratch = ();

    fn scratch(&self) -> Result<(), Cause> {
        Ok(())
    }

    fn compute(&self, _: usize, star: Vec<f64>, (): &mut ()) -> Result<Vec<f64>, Cause> {
        let mean_square = star.iter().map(|x| x * x).sum::<f64>() / DAYS as f64;
        let powers = (1..=TRIED).map(|cycles| (cycles, power(&star, cycles)));
        let (cycles, best) = powers
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .unwrap_or_default();
        Ok(vec![DAYS as f64 / cycles as f64, best / mean_square])
    }
}

/// The mean square of the sinusoid with so many cycles that fits best.
fn power(star: &[f64], cycles: usize) -> f64 {
    let (mut cosine, mut sine) = (0.0, 0.0);
    for (day, x) in star.iter().enumerate() {
        // The angle is reduced as an integer, so that it is exact.
        let (s, c) = (TAU * (cycles * day % DAYS) as f64 / DAYS as f64).sin_cos();
        cosine += x * c;
        sine += x * s;
    }
    2.0 * (cosine * cosine + sine * sine) / (DAYS * DAYS) as f64
}
