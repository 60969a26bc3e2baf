use super::Series;

/// How many independent samples the mean of all values of these chains is worth: the variance of
/// the values over that of their mean, which batch means of all values give. Chains are split in
/// halves, and what they disagree by counts, as in Vehtari, Gelman, Simpson, Carpenter and Bürkner,
/// "Rank-normalization, folding, and localization" (2021); correlations are added up as far as
/// Geyer's initial monotone sequence reaches. Never more than there are values.
///
/// Not a number where the values of a chain never change, or are fewer than 8.
pub fn effective(chains: &[&Series]) -> f64 {
    if chains.is_empty() || !chains.iter().all(|chain| chain.changes()) {
        return f64::NAN;
    }
    let lengths = chains.iter().map(|chain| chain.batches.length());
    let length = lengths.max().unwrap_or(1);
    let means = chains
        .iter()
        .map(|chain| chain.batches.means(length / chain.batches.length()));
    let means: Vec<Vec<f64>> = means.collect();
    let half = means.iter().map(|means| means.len() / 2).min().unwrap_or(0);
    if half < 4 {
        return f64::NAN;
    }
    let halves: Vec<&[f64]> = means
        .iter()
        .flat_map(|means| [&means[..half], &means[means.len() - half..]])
        .collect();
    // Coarser batches have more inside.
    let inside = chains.iter().zip(&means).map(|(chain, means)| {
        let finest = chain.batches.means(1);
        let finest = &finest[..means.len() * (length / chain.batches.length()) as usize];
        chain.batches.variance_inside() + variance(finest) - variance(means)
    });
    let inside = inside.sum::<f64>() / chains.len() as f64;
    let spread = Spread::of(&halves);
    let count = (halves.len() * half) as f64;
    let effective = count * (spread.all + inside) / (spread.all * spread.time(&halves));
    let values: u64 = chains.iter().map(|chain| chain.moments().count()).sum();
    if effective > 0.0 {
        effective.min(values as f64)
    } else {
        values as f64
    }
}

/// How values of several rows of equal length differ.
struct Spread {
    /// The variance in a row.
    within: f64,
    /// The variance of all, estimated from within and between rows.
    all: f64,
}

impl Spread {
    fn of(rows: &[&[f64]]) -> Spread {
        let count = rows[0].len() as f64;
        let unbiased = count / (count - 1.0);
        let means: Vec<f64> = rows.iter().map(|row| mean(row)).collect();
        let between = variance(&means) * means.len() as f64 / (means.len() as f64 - 1.0);
        let within = rows.iter().map(|row| variance(row) * unbiased).sum::<f64>();
        let within = within / rows.len() as f64;
        Spread {
            within,
            all: within / unbiased + between,
        }
    }

    /// The integrated autocorrelation time.
    fn time(&self, rows: &[&[f64]]) -> f64 {
        let count = rows[0].len();
        let means: Vec<f64> = rows.iter().map(|row| mean(row)).collect();
        let correlation = |lag: usize| {
            let covariance = rows.iter().zip(&means).map(|(row, mean)| {
                let pairs = row.iter().zip(&row[lag..]);
                pairs.map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>() / count as f64
            });
            let covariance = covariance.sum::<f64>() / rows.len() as f64;
            1.0 - (self.within - covariance) / self.all
        };
        let (mut sum, mut before) = (0.0, f64::INFINITY);
        for lag in (0..count - 2).step_by(2) {
            let even = if lag == 0 { 1.0 } else { correlation(lag) };
            let pair = even + correlation(lag + 1);
            if pair <= 0.0 || lag + 4 >= count {
                // Half of the last one, as ArviZ and Stan have it.
                sum += 0.5 * even.max(0.0);
                break;
            }
            before = pair.min(before);
            sum += before;
        }
        2.0 * sum - 1.0
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The mean square of differences from the mean.
fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    squares / values.len() as f64
}
