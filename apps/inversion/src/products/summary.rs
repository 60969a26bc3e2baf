use std::f64::consts::LN_10;

use serde_json::{Map, Value, json};

use super::{Binned, Point, Rank, Seen, Trace};
use crate::inference::{Quantity, Statistic};
use crate::truth::Truth;

/// A number that was inferred. Not a number where that is not known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// Of all kept iterations.
    pub mean: f64,
    /// The standard deviation.
    pub deviation: f64,
    /// 5 % are below.
    pub p05: f64,
    /// The median.
    pub p50: f64,
    /// 95 % are below.
    pub p95: f64,
    /// Effective samples.
    pub effective: f64,
    /// The scale reduction.
    pub r_hat: f64,
}

impl Summary {
    /// Nothing is known.
    pub const NONE: Summary = Summary {
        mean: f64::NAN,
        deviation: f64::NAN,
        p05: f64::NAN,
        p50: f64::NAN,
        p95: f64::NAN,
        effective: f64::NAN,
        r_hat: f64::NAN,
    };

    /// A number that never changed.
    pub fn constant(value: f64) -> Summary {
        Summary {
            mean: value,
            deviation: if value.is_nan() { value } else { 0.0 },
            p05: value,
            p50: value,
            p95: value,
            ..Summary::NONE
        }
    }

    /// From exact moments and quantiles.
    pub fn of_statistic(statistic: &Statistic) -> Summary {
        Summary {
            mean: statistic.mean,
            deviation: statistic.deviation,
            p05: statistic.quantile(0.05),
            p50: statistic.quantile(0.5),
            p95: statistic.quantile(0.95),
            effective: statistic.effective,
            r_hat: statistic.r_hat,
        }
    }

    /// From counts, whose axis is multiplied by `scale`.
    pub fn of_counts(counts: &Binned, scale: f64) -> Summary {
        Summary {
            mean: scale * counts.mean(),
            deviation: scale * counts.deviation(),
            p05: scale * counts.percentile(0.05),
            p50: scale * counts.percentile(0.5),
            p95: scale * counts.percentile(0.95),
            ..Summary::NONE
        }
    }

    /// From numbers, one per iteration or chain.
    pub fn of_numbers(mut numbers: Vec<f64>) -> Summary {
        numbers.retain(|number| number.is_finite());
        numbers.sort_by(f64::total_cmp);
        let Some(last) = numbers.len().checked_sub(1) else {
            return Summary::NONE;
        };
        let count = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / count;
        let squares: f64 = numbers.iter().map(|x| (x - mean) * (x - mean)).sum();
        let at = |part: f64| {
            let place = part * last as f64;
            let below = place as usize;
            let rest = place - below as f64;
            numbers[below] * (1.0 - rest) + numbers[(below + 1).min(last)] * rest
        };
        Summary {
            mean,
            deviation: (squares / count).sqrt(),
            p05: at(0.05),
            p50: at(0.5),
            p95: at(0.95),
            ..Summary::NONE
        }
    }

    /// The misfits of the kept iterations of a sounding; `trace` is asked where nothing else is
    /// known.
    pub fn of_misfit(point: &Point, trace: &Trace) -> Summary {
        misfit(point, trace)
    }

    /// The natural logarithms of the relative errors of a sounding, one per component.
    pub fn of_relative_errors(point: &Point) -> Vec<Summary> {
        relative_errors(point)
    }

    /// The natural logarithms of the additive errors of a sounding, one per system.
    pub fn of_additive_errors(point: &Point) -> Vec<Summary> {
        additive_errors(point)
    }

    fn to_value(self) -> Value {
        json!({
            "mean": self.mean,
            "sd": self.deviation,
            "p05": self.p05,
            "p50": self.p50,
            "p95": self.p95,
            "ess": self.effective,
            "rhat": self.r_hat,
        })
    }
}

/// All that is to be said of a sounding, as `inversion summary` writes it: exact moments where this
/// program kept them, else those of counts. `trace` is asked where nothing else is known. The
/// second answer says whether a depth was not kept.
pub fn summarise(
    seen: &Seen,
    trace: &Trace,
    depths: &[f64],
    truth: Option<(&Truth, u64)>,
) -> (Value, bool) {
    let point = &seen.point;
    let is_kept = |depth: &f64| statistic(point, Quantity::LogConductivity(*depth)).is_some();
    let conductivities: Map<String, Value> = depths
        .iter()
        .map(|depth| {
            let summary = conductivity_at(point, *depth);
            (depth.to_string(), summary.to_value())
        })
        .collect();
    let errors = |summaries: Vec<Summary>| -> Vec<Value> {
        summaries.into_iter().map(Summary::to_value).collect()
    };
    let own = point.own.as_ref();
    let mut value = json!({
        "row": point.row,
        "fiducial": point.fiducial,
        "status": point.status.to_string(),
        "reason": point.reason,
        "k": layers(point).to_value(),
        "k_histogram": point.layers,
        "log_conductivity_at_depth": conductivities,
        "log_relative_error": errors(relative_errors(point)),
        "log_additive_error": errors(additive_errors(point)),
        "height": height(point).to_value(),
        "misfit": misfit(point, trace).to_value(),
        "acceptance": acceptance(point, trace).to_value(),
        "doi": seen.doi,
        "chains": own.map_or(1, |own| own.chains),
        "rhat_max": own.map(|own| own.r_hat),
        "ess_min": own.map(|own| own.effective),
    });
    if let Some((truth, seed)) = truth {
        value["rank"] = ranks(&Rank::new(point, truth, seed), depths, point);
    }
    let is_absent = point.kept() > 0 && !depths.iter().all(is_kept);
    (value, is_absent)
}

fn ranks(rank: &Rank<'_>, depths: &[f64], point: &Point) -> Value {
    let mut ranks = Map::new();
    ranks.insert("k".into(), json!(rank.of_layers()));
    for depth in depths {
        ranks.insert(depth.to_string(), json!(rank.of_conductivity(*depth)));
    }
    for component in 0..point.best.relative_error.len() {
        if let Some(part) = rank.of_relative_error(component) {
            ranks.insert(format!("log_relative_error_{component}"), json!(part));
        }
    }
    for system in 0..point.best.additive_error.len() {
        if let Some(part) = rank.of_additive_error(system) {
            ranks.insert(format!("log_additive_error_{system}"), json!(part));
        }
    }
    if let Some(part) = rank.of_height() {
        ranks.insert("height".into(), json!(part));
    }
    Value::Object(ranks)
}

fn statistic(point: &Point, quantity: Quantity) -> Option<Summary> {
    let all = &point.own.as_ref()?.statistics;
    let found = all
        .iter()
        .find(|statistic| statistic.quantity == quantity)?;
    Some(Summary::of_statistic(found))
}

/// The number of layers.
fn layers(point: &Point) -> Summary {
    let counted = || Summary::of_counts(&point.layers(), 1.0);
    statistic(point, Quantity::Layers).unwrap_or_else(counted)
}

/// ln(S/m) at a depth in m.
fn conductivity_at(point: &Point, depth: f64) -> Summary {
    let counted = || match point.conductivity.bin(depth) {
        Some(bin) => Summary::of_counts(&point.conductivity.at(bin), LN_10),
        None => Summary::NONE,
    };
    statistic(point, Quantity::LogConductivity(depth)).unwrap_or_else(counted)
}

fn relative_errors(point: &Point) -> Vec<Summary> {
    levels(
        point,
        Quantity::LogRelativeError,
        &point.relative_error,
        &point.best.relative_error,
    )
}

fn additive_errors(point: &Point) -> Vec<Summary> {
    levels(
        point,
        Quantity::LogAdditiveError,
        &point.additive_error,
        &point.best.additive_error,
    )
}

/// Natural logarithms of error levels.
fn levels(
    point: &Point,
    quantity: fn(usize) -> Quantity,
    counts: &[Binned],
    best: &[f64],
) -> Vec<Summary> {
    let one = |(index, level): (usize, &f64)| {
        let counted = || match counts.get(index) {
            Some(counts) if counts.total() > 0 => Summary::of_counts(counts, LN_10),
            _ if point.kept() > 0 => Summary::constant(level.ln()),
            _ => Summary::NONE,
        };
        statistic(point, quantity(index)).unwrap_or_else(counted)
    };
    best.iter().enumerate().map(one).collect()
}

fn height(point: &Point) -> Summary {
    let counted = || match &point.height {
        Some(counts) => Summary::of_counts(counts, 1.0),
        None if point.kept() > 0 => Summary::constant(point.best.height),
        None => Summary::NONE,
    };
    statistic(point, Quantity::Height).unwrap_or_else(counted)
}

/// The misfits of the kept iterations.
fn misfit(point: &Point, trace: &Trace) -> Summary {
    let traced = || Summary::of_numbers(trace.misfit.clone());
    statistic(point, Quantity::Misfit).unwrap_or_else(traced)
}

/// The part of the proposals that was accepted: over chains, or of the one that was traced.
fn acceptance(point: &Point, trace: &Trace) -> Summary {
    let moves = point.own.iter().flat_map(|own| &own.acceptance);
    let mut overall = moves.filter(|(name, _)| name == "overall");
    match overall.next() {
        Some((_, rates)) => Summary::of_numbers(rates.clone()),
        None => Summary {
            mean: trace.acceptance(),
            ..Summary::NONE
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_counts_are_summarised_alike() {
        let numbers = Summary::of_numbers(vec![3.0, 1.0, f64::NAN, 2.0]);
        assert!((numbers.mean - 2.0).abs() < 1e-15 && (numbers.p50 - 2.0).abs() < 1e-15);
        assert!((numbers.p05 - 1.1).abs() < 1e-12 && (numbers.p95 - 2.9).abs() < 1e-12);
        let counts = Binned {
            edges: vec![0.5, 1.5, 2.5, 3.5],
            counts: vec![1, 1, 1],
        };
        let counts = Summary::of_counts(&counts, 1.0);
        assert!((numbers.mean - counts.mean).abs() < 1e-15);
        assert!((numbers.deviation - counts.deviation).abs() < 1e-15);
        assert!(Summary::of_numbers(Vec::new()).mean.is_nan());
        assert!(Summary::constant(f64::NAN).deviation.is_nan());
        assert!(Summary::constant(2.0).deviation.abs() < 1e-300);
    }
}
