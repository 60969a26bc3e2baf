use super::chain::{self, Ended};
use super::summary::Summary;
use super::{Found, Quantity, Request};
use crate::{Error, Result};

/// Runs all chains of a sounding, one after the other. What is found has the same bits whatever
/// else runs. `stop` is asked at least every 100 iterations; when it says so, nothing is found.
///
/// Chains that never burned in do not count where others did; then, and where none did, the result
/// has a failure.
///
/// # Errors
/// There is no chain, or [`Request::walk`] fails.
pub fn infer(request: &Request<'_>, stop: &dyn Fn() -> bool) -> Result<Option<Found>> {
    if request.chains == 0 {
        return Err(no_chain());
    }
    let quantities = Quantity::all(request.settings, request.depths);
    let mut summary = None;
    let mut half_space = f64::NAN;
    for number in 0..request.chains {
        let mut walk = request.walk(number)?;
        half_space = walk.half_space();
        let ended: Option<Ended> = chain::run(request, &quantities, walk.as_mut(), stop);
        let Some(ended) = ended else {
            return Ok(None);
        };
        match &mut summary {
            None => summary = Some(Summary::new(ended)),
            Some(summary) => summary.add(ended),
        }
    }
    Ok(summary.map(|summary| summary.found(request, &quantities, half_space)))
}

pub(super) fn no_chain() -> Error {
    Error::Request("chains: at least one is needed".into())
}
