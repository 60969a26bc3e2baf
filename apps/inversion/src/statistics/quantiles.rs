use super::Series;

/// The values below which a part of the samples of all chains is, for `count` probabilities from 0
/// to 1 in equal steps, both ends included; between two samples by linear interpolation. Not a
/// number where there is no sample.
///
/// # Panics
/// `count` is below 2.
pub fn quantiles(chains: &[&Series], count: usize) -> Vec<f64> {
    assert!(count >= 2, "quantiles have two ends");
    let samples = chains.iter().flat_map(|chain| chain.samples());
    let mut sorted: Vec<f32> = samples.copied().collect();
    sorted.sort_unstable_by(f32::total_cmp);
    let last = sorted.len().saturating_sub(1);
    let of = |step: usize| {
        // In whole numbers: the place of the sample below, and the part of the way to the next.
        let place = step * last;
        let (below, part) = (place / (count - 1), place % (count - 1));
        let [a, b] = [below, (below + 1).min(last)].map(|place| match sorted.get(place) {
            Some(sample) => f64::from(*sample),
            None => f64::NAN,
        });
        a + (b - a) * (part as f64 / (count - 1) as f64)
    };
    (0..count).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_between_the_samples_of_all_chains() {
        let (mut a, mut b) = (Series::new(), Series::new());
        for value in [4.0, 1.0] {
            a.add(value, 1);
        }
        for value in [8.0, 2.0] {
            b.add(value, 1);
        }
        assert_eq!(quantiles(&[&a, &b], 4), [1.0, 2.0, 4.0, 8.0]);
        assert_eq!(quantiles(&[&a, &b], 7), [1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0]);
        assert_eq!(quantiles(&[&b], 2), [2.0, 8.0]);
        let none = quantiles(&[&Series::new()], 3);
        assert!(none.len() == 3 && none.iter().all(|value| value.is_nan()));
    }
}
