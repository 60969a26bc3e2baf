//! From what a device found to the responses that were asked for.

use std::ops::Range;

use rayon::ThreadPool;
use rayon::prelude::*;

use crate::forward::Wanted;
use crate::inference::Asked;

/// Where the numbers of each model begin.
pub(super) type Places = Vec<usize>;

/// How many numbers a channel has.
pub(super) fn columns(layers: usize, wanted: Wanted) -> usize {
    1 + usize::from(wanted.height) + wanted.jacobian.map_or(0, |_| layers)
}

/// Puts what was found of all models into these channels of their responses, which have `all` of
/// them: values, then derivatives by the height, then rows of derivatives by layers.
pub(super) fn take(
    pool: &ThreadPool,
    found: &[f64],
    places: &Places,
    asked: &mut [&mut Asked],
    channels: Range<usize>,
    all: usize,
) {
    let models = asked.par_iter_mut().zip(places);
    pool.install(|| {
        models.for_each(|(asked, place)| take_one(&found[*place..], asked, channels.clone(), all));
    });
}

fn take_one(found: &[f64], asked: &mut Asked, channels: Range<usize>, all: usize) {
    let wanted = asked.wanted();
    let (layers, response) = asked.parts();
    let mut found = found;
    for (to, width) in [
        (&mut response.predicted, 1),
        (&mut response.by_height, usize::from(wanted.height)),
        (
            &mut response.jacobian,
            wanted.jacobian.map_or(0, |_| layers.count()),
        ),
    ] {
        let (from, rest) = found.split_at(channels.len() * width);
        to.resize(all * width, 0.0);
        to[channels.start * width..channels.end * width].copy_from_slice(from);
        found = rest;
    }
}
