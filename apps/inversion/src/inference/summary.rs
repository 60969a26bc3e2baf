use super::chain::Ended;
use super::found::lesser;
use super::{Best, ChainFound, Found, QUANTILES, Quantity, Request, Statistic, Trace};
use crate::options::Traces;
use crate::posterior::{Moments, Posterior};
use crate::sampler::Acceptance;
use crate::statistics::{Series, effective, quantiles, scale_reduction};

/// Chains that ended, taken together.
pub(super) struct Summary {
    iterations: u64,
    /// Of the chains that burned in; of all where none did.
    posterior: Posterior,
    /// The same.
    best: Best,
    chains: Vec<Chain>,
}

/// What is left of a chain.
struct Chain {
    burned_in: Option<u64>,
    misfit: f64,
    series: Vec<Series>,
    acceptance: Acceptance,
    trace: Trace,
}

impl Summary {
    /// The first chain.
    pub(super) fn new(ended: Ended) -> Summary {
        Summary {
            iterations: ended.iterations,
            posterior: ended.posterior,
            best: ended.best,
            chains: vec![Chain {
                burned_in: ended.burned_in,
                misfit: ended.misfit,
                series: ended.series,
                acceptance: ended.acceptance,
                trace: ended.trace,
            }],
        }
    }

    /// Another chain.
    pub(super) fn add(&mut self, ended: Ended) {
        let others = self.any_burned_in();
        let mut next = Summary::new(ended);
        self.iterations = self.iterations.max(next.iterations);
        self.chains.append(&mut next.chains);
        match (others, self.chains[self.chains.len() - 1].burned_in) {
            (false, Some(_)) => (self.posterior, self.best) = (next.posterior, next.best),
            (true, None) => {}
            _ => {
                self.posterior.merge(&next.posterior);
                if next.best.log_posterior > self.best.log_posterior {
                    self.best = next.best;
                }
            }
        }
    }

    fn any_burned_in(&self) -> bool {
        self.chains.iter().any(|chain| chain.burned_in.is_some())
    }

    /// What the chains found.
    pub(super) fn found(
        self,
        request: &Request<'_>,
        quantities: &[Quantity],
        half_space: f64,
    ) -> Found {
        let any = self.any_burned_in();
        let failure = self.failure(request);
        let counting = self
            .chains
            .iter()
            .filter(|chain| !any || chain.burned_in.is_some());
        let counting: Vec<&Chain> = counting.collect();
        let statistics = quantities.iter().enumerate().map(|(place, quantity)| {
            let series = counting.iter().map(|chain| &chain.series[place]);
            statistic(*quantity, &series.collect::<Vec<&Series>>())
        });
        let statistics = statistics.collect();
        let burned_in = self.chains.iter().map(|chain| chain.burned_in);
        // None is less than any.
        let burned_in = match burned_in.clone().min().flatten() {
            None => None,
            Some(_) => burned_in.max().flatten(),
        };
        let chains = self
            .chains
            .iter()
            .map(|chain| chain.found(request, quantities));
        let chains = chains.collect();
        let traces = match request.traces {
            Traces::None => Vec::new(),
            _ => self.chains.into_iter().map(|chain| chain.trace).collect(),
        };
        Found {
            half_space,
            failure,
            iterations: self.iterations,
            burned_in,
            best: self.best,
            posterior: self.posterior,
            statistics,
            chains,
            traces,
        }
    }

    /// Which chains never burned in.
    fn failure(&self, request: &Request<'_>) -> Option<String> {
        let all = self.chains.len();
        let chains = self.chains.iter().enumerate();
        let mut without = chains.filter(|(_, chain)| chain.burned_in.is_none());
        let (number, chain) = without.next()?;
        let more = match without.count() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Some(format!(
            "chain {}{more} of {all} never burned in: after {} iterations the misfit is {:.4} \
             where \
             {} data ask for less than that many",
            number + 1,
            request.settings.n_markov_chains,
            chain.misfit,
            request.sounding.observation.active().len()
        ))
    }
}

impl Chain {
    fn found(&self, request: &Request<'_>, quantities: &[Quantity]) -> ChainFound {
        let least = |of: &dyn Fn(&Quantity) -> bool| {
            let series = quantities.iter().zip(&self.series);
            let series = series.filter(|(quantity, _)| of(quantity));
            let all = series.map(|(_, series)| effective(&[series]));
            all.reduce(lesser).unwrap_or(f64::NAN)
        };
        let settings = request.settings;
        ChainFound {
            burned_in: self.burned_in,
            mean_layers: self.series[0].moments().mean(),
            effective_layers: least(&|quantity| *quantity == Quantity::Layers),
            effective_conductivity: least(&|quantity| {
                matches!(quantity, Quantity::LogConductivity(_))
            }),
            effective_errors: least(&|quantity| {
                quantity.is_error() && quantity.is_solved_for(settings)
            }),
            effective_height: least(&|quantity| {
                *quantity == Quantity::Height && quantity.is_solved_for(settings)
            }),
            acceptance: self.acceptance,
        }
    }
}

fn statistic(quantity: Quantity, series: &[&Series]) -> Statistic {
    let mut moments = Moments::default();
    for series in series {
        moments.merge(series.moments());
    }
    Statistic {
        quantity,
        mean: moments.mean(),
        deviation: moments.deviation(),
        effective: effective(series),
        r_hat: scale_reduction(series),
        quantiles: quantiles(series, QUANTILES),
    }
}
