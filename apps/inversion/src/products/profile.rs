use super::Hitmap;
use super::binned::place_of;

/// Conductivities by depth, as log10(S/m), one number per bin of depth; not a number where nothing
/// is counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// The mean of the middles of bins, weighted by counts.
    pub mean: Vec<f64>,
    /// The middle of the bin with the most counts, the lowest of several.
    pub mode: Vec<f64>,
    /// The middle of the first bin up to which 5 % of the counts are.
    pub p05: Vec<f64>,
    /// The same for 50 %: the median.
    pub p50: Vec<f64>,
    /// The same for 95 %.
    pub p95: Vec<f64>,
    /// Bits: how much is not known. 0 where all counts are in one bin.
    pub entropy: Vec<f64>,
}

impl Profile {
    /// What the counts of a sounding say.
    pub fn new(hitmap: &Hitmap) -> Profile {
        let mut profile = Profile::default();
        let mut counts: Vec<u32> = Vec::with_capacity(hitmap.conductivities());
        let edges = &hitmap.conductivity;
        let middle = |bin: usize| 0.5 * (edges[bin] + edges[bin + 1]);
        for depth in 0..hitmap.depths() {
            // Together in memory: they are looked at several times.
            counts.clear();
            counts.extend(hitmap.column(depth));
            let column = || counts.iter().copied();
            let total: u64 = column().map(u64::from).sum();
            let weighted: f64 = column()
                .enumerate()
                .map(|(bin, count)| f64::from(count) * middle(bin))
                .sum();
            profile.mean.push(weighted / total as f64);
            let percentile = |part: f64| place_of(column(), total, part).map_or(f64::NAN, middle);
            profile.p05.push(percentile(0.05));
            profile.p50.push(percentile(0.5));
            profile.p95.push(percentile(0.95));
            let most = column().max().filter(|most| *most > 0);
            let place = most.and_then(|most| column().position(|count| count == most));
            profile.mode.push(place.map_or(f64::NAN, middle));
            profile.entropy.push(entropy(column(), total));
        }
        profile
    }

    /// The difference of P95 and P05: decades.
    pub fn width(&self, depth: usize) -> f64 {
        self.p95[depth] - self.p05[depth]
    }
}

fn entropy(counts: impl Iterator<Item = u32>, total: u64) -> f64 {
    if total == 0 {
        return f64::NAN;
    }
    let parts = counts
        .filter(|count| *count > 0)
        .map(|count| f64::from(count) / total as f64);
    // Without a negative zero.
    parts.map(|part| -part * part.log2()).sum::<f64>() + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_what_counts_say() {
        // Four bins of conductivity, three of depth.
        let hitmap = Hitmap {
            conductivity: vec![-2.0, -1.0, 0.0, 1.0, 2.0],
            depth: vec![0.0, 1.0, 2.0, 3.0],
            counts: vec![0, 5, 0, 20, 5, 0, 0, 5, 0, 0, 5, 0],
        };
        let profile = Profile::new(&hitmap);
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12);
        near(profile.mean[0], -0.5);
        near(profile.mean[1], 0.0);
        near(profile.mode[0], -0.5);
        near(profile.mode[1], -1.5);
        near(profile.p05[1], -1.5);
        near(profile.p50[1], -0.5);
        near(profile.p95[1], 1.5);
        near(profile.width(1), 3.0);
        near(profile.entropy[0], 0.0);
        near(profile.entropy[1], 2.0);
        assert!(profile.entropy[0].is_sign_positive());
        for nothing in [&profile.mean, &profile.mode, &profile.p50, &profile.entropy] {
            assert!(nothing[2].is_nan());
        }
    }
}
