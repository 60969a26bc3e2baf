//! All groups and datasets of a file, in the order in which they are made.

mod builder;
mod frequency;
mod histogram;
mod measured;
mod model;
mod own;
mod time;

use super::cell::Cell;
use super::entry::{Constant, Element, Entry};
use super::line_results::LineResults;
use crate::options::Traces;
use builder::Builder;

/// What a file holds.
pub(super) fn entries(of: &LineResults<'_>) -> Vec<Entry> {
    let mut b = Builder::new(of.soundings().len());
    top(&mut b, of);
    measured::add(&mut b, of);
    model::add(&mut b, of);
    own::add(&mut b, of);
    b.entries
}

fn top(b: &mut Builder, of: &LineResults<'_>) {
    let o = &of.task.options;
    let whole = Element::Whole;
    b.rows("iteration", whole, &[], Cell::Iterations);
    b.rows("burned_in_iteration", whole, &[], Cell::BurnedInIteration);
    b.rows("best_iteration", whole, &[], Cell::BestIteration);
    b.rows("burned_in", Element::Truth, &[], Cell::IsBurnedIn);
    b.numbers("multiplier", vec![o.multiplier; of.soundings().len()]);
    b.never("invtime");
    b.never("savetime");
    b.constant("n_markov_chains", Constant::Whole(o.n_markov_chains as i64));
    b.constant("nsystems", Constant::Whole(of.systems.len() as i64));
    let every = i32::try_from(o.update_plot_every).unwrap_or(i32::MAX);
    b.constant("update_plot_every", Constant::Small(every));
    b.constant("interactive_plot", Constant::Truth(o.interactive_plot));
    b.constant(
        "reciprocate_parameter",
        Constant::Truth(o.reciprocate_parameters),
    );
    b.constant("limits", Constant::Numbers(o.parameter_limits.to_vec()));
    let length = 2 * o.n_markov_chains as usize;
    b.group("acceptance_rate", "DataArray", Some("% Acceptance"), None);
    let cell = |cell| (o.traces != Traces::None).then_some(cell);
    let accepted = cell(Cell::AcceptanceTrace(length));
    b.trace("acceptance_rate/data", Element::Byte, length, accepted);
    b.group("phids", "StatArray", Some("Data Misfit"), None);
    let misfits = cell(Cell::MisfitTrace(length));
    b.trace("phids/data", Element::Number, length, misfits);
    histogram::misfit(b, of);
    b.group(
        "halfspace",
        "DataArray",
        Some("Conductivity"),
        Some(builder::CONDUCTIVITY),
    );
    b.rows("halfspace/data", Element::Number, &[], Cell::HalfSpace);
}
