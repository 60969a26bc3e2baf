use super::stored::Stored;
use crate::Result;
use crate::inference::{QUANTILES, Quantity, Statistic};

/// What this program has of a sounding beside what geobipy has.
#[derive(Clone, Debug, Default)]
pub struct Own {
    /// Of all that was kept.
    pub statistics: Vec<Statistic>,
    /// The number of chains.
    pub chains: usize,
    /// The largest scale reduction of conductivities, errors and height.
    pub r_hat: f64,
    /// The fewest effective samples of them.
    pub effective: f64,
    /// The part of the proposals that was accepted: moves by name, chain by chain.
    pub acceptance: Vec<(String, Vec<f64>)>,
}

/// What such a file has once.
#[derive(Debug)]
pub(super) struct OwnTable {
    pub(super) quantities: Vec<Quantity>,
    pub(super) chains: usize,
    pub(super) seed: u64,
    moves: Vec<String>,
}

impl OwnTable {
    pub(super) fn new(stored: &Stored) -> Result<OwnTable> {
        let names = stored.texts("jobwise/quantities")?;
        let quantities = names.iter().map(|name| {
            let known = quantity(name);
            known.ok_or_else(|| {
                let problem = format!("{name:?} is no quantity that this program knows");
                stored.wrong("jobwise/quantities", &problem)
            })
        });
        let moves = if stored.has("jobwise/acceptance") {
            stored.members("jobwise/acceptance")?
        } else {
            Vec::new()
        };
        Ok(OwnTable {
            quantities: quantities.collect::<Result<_>>()?,
            chains: stored.extents("jobwise/mean_k")?.iter().product(),
            seed: stored.single("jobwise/seed")?,
            moves,
        })
    }

    pub(super) fn read(&self, stored: &Stored, row: usize) -> Result<Own> {
        let count = self.quantities.len();
        let numbers = |name: &str, expected: usize| -> Result<Vec<f64>> {
            let name = format!("jobwise/{name}");
            let values = stored.row::<f64>(&name, row)?;
            if values.len() == expected {
                return Ok(values);
            }
            let problem = format!("{} numbers where {expected} are expected", values.len());
            Err(stored.wrong(&name, &problem))
        };
        let (mean, deviation) = (numbers("mean", count)?, numbers("deviation", count)?);
        let (effective, r_hat) = (numbers("effective", count)?, numbers("r_hat", count)?);
        let quantiles = numbers("quantiles", count * QUANTILES)?;
        let statistics = self.quantities.iter().enumerate();
        let statistics = statistics.map(|(place, quantity)| Statistic {
            quantity: *quantity,
            mean: mean[place],
            deviation: deviation[place],
            effective: effective[place],
            r_hat: r_hat[place],
            quantiles: quantiles[place * QUANTILES..][..QUANTILES].to_vec(),
        });
        let acceptance = self.moves.iter().map(|name| {
            let rates = numbers(&format!("acceptance/{name}"), self.chains)?;
            Ok((name.clone(), rates))
        });
        Ok(Own {
            statistics: statistics.collect(),
            chains: self.chains,
            r_hat: numbers("rhat_max", 1)?[0],
            effective: numbers("ess_min", 1)?[0],
            acceptance: acceptance.collect::<Result<_>>()?,
        })
    }
}

/// What [`Quantity`]'s text says.
fn quantity(text: &str) -> Option<Quantity> {
    let (word, number) = text.split_once(' ').unwrap_or((text, ""));
    Some(match word {
        "layers" => Quantity::Layers,
        "misfit" => Quantity::Misfit,
        "height" => Quantity::Height,
        "log_relative_error" => Quantity::LogRelativeError(number.parse().ok()?),
        "log_additive_error" => Quantity::LogAdditiveError(number.parse().ok()?),
        "log_conductivity" => Quantity::LogConductivity(number.parse().ok()?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_as_they_are_written() {
        for known in [
            Quantity::Layers,
            Quantity::Misfit,
            Quantity::Height,
            Quantity::LogRelativeError(3),
            Quantity::LogAdditiveError(0),
            Quantity::LogConductivity(7.5),
            Quantity::LogConductivity(120.0),
        ] {
            assert_eq!(quantity(&known.to_string()), Some(known));
        }
        for unknown in ["", "depth", "log_conductivity", "log_relative_error x"] {
            assert_eq!(quantity(unknown), None);
        }
    }
}
