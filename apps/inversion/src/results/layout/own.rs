//! What geobipy's files do not have.

use super::super::cell::{Cell, OfChain, OfQuantity};
use super::super::entry::{Constant, Content, Element};
use super::super::line_results::LineResults;
use super::builder::Builder;
use crate::inference::QUANTILES;
use crate::sampler::Move;

pub(super) fn add(b: &mut Builder, of: &LineResults<'_>) {
    let number = Element::Number;
    b.add("jobwise", Content::Group);
    b.add("jobwise/status", Content::Marks);
    b.rows("jobwise/reason", Element::Text, &[], Cell::Reason);
    b.constant("jobwise/complete", Constant::Byte(0));
    b.constant("jobwise/seed", Constant::Seed(of.task.options.seed));
    b.constant("jobwise/options", Constant::Text(of.task.options.to_toml()));
    let version = env!("CARGO_PKG_VERSION").to_owned();
    b.constant("jobwise/version", Constant::Text(version));
    b.constant("jobwise/survey", Constant::Text(of.digest()));
    let quantities = of.quantities();
    let names = quantities.iter().map(ToString::to_string).collect();
    b.constant("jobwise/quantities", Constant::Texts(names));
    let count = [quantities.len()];
    for (name, which) in [
        ("mean", OfQuantity::Mean),
        ("deviation", OfQuantity::Deviation),
        ("effective", OfQuantity::Effective),
        ("r_hat", OfQuantity::RHat),
    ] {
        let cell = Cell::Quantities(which);
        b.rows(&format!("jobwise/{name}"), number, &count, cell);
    }
    let shape = [quantities.len(), QUANTILES];
    b.packed("jobwise/quantiles", Element::Short, &shape, Cell::Quantiles);
    b.rows("jobwise/rhat_max", number, &[], Cell::LargestRHat);
    b.rows("jobwise/ess_min", number, &[], Cell::LeastEffective);
    let chains = [of.task.options.chains];
    for (name, which) in [
        ("mean_k", OfChain::MeanLayers),
        ("ess_layers", OfChain::EffectiveLayers),
        ("ess_conductivity", OfChain::EffectiveConductivity),
        ("ess_errors", OfChain::EffectiveErrors),
        ("ess_height", OfChain::EffectiveHeight),
    ] {
        let cell = Cell::Chains(which);
        b.rows(&format!("jobwise/{name}"), number, &chains, cell);
    }
    let cell = Cell::BurnedInIterations;
    b.rows("jobwise/burned_in_iteration", Element::Whole, &chains, cell);
    b.add("jobwise/acceptance", Content::Group);
    for (of_move, name) in Move::ALL {
        let cell = Cell::Chains(OfChain::Acceptance(of_move));
        b.rows(&format!("jobwise/acceptance/{name}"), number, &chains, cell);
    }
}
