//! What each node weighs at a height, and which nodes matter there.

// Only what is inlined into a function compiled for a level is compiled for that level.
#![allow(clippy::inline_always)]

use std::ops::Range;

use pulp::Simd;

use super::{FrequencyDomain, Workspace};
use crate::forward::floats::{Floats, WIDEST, vectors, vectors_mut};
use crate::forward::lanes::{Complex, Lanes};

/// What all nodes left out together may add to a channel, in ppm.
const LEFT_OUT: f64 = 1e-10;

/// Computes the weights at a height, and which nodes matter there.
#[inline(always)]
pub(in crate::forward) fn weigh<S: Simd>(
    math: Lanes<S>,
    system: &FrequencyDomain,
    height: f64,
    workspace: &mut Workspace,
) {
    let double = math.splat(-2.0 * height);
    let [re, im] = &mut workspace.weight;
    let (re, im) = (vectors_mut::<S>(re), vectors_mut::<S>(im));
    let [slope_re, slope_im] = &mut workspace.by_height;
    let (slope_re, slope_im) = (vectors_mut::<S>(slope_re), vectors_mut::<S>(slope_im));
    for node in 0..re.len() {
        let at = |floats: &[Floats; 2]| -> Complex<S> {
            [
                vectors::<S>(&floats[0])[node],
                vectors::<S>(&floats[1])[node],
            ]
        };
        let decay = at(&system.decay);
        let weight = math.mul(at(&system.weight), math.exp(math.scale(decay, double)));
        [re[node], im[node]] = weight;
        let slope = math.scale(math.mul(weight, decay), math.splat(-2.0));
        [slope_re[node], slope_im[node]] = slope;
    }
    for (channel, nodes) in system.channels.iter().zip(&mut workspace.nodes) {
        *nodes = significant(&workspace.weight, channel.nodes.clone());
    }
    workspace.height = height;
}

/// The nodes without those at the ends whose weights amount to less than [`LEFT_OUT`]: no
/// reflection is larger than 1.
fn significant(weight: &[Floats; 2], nodes: Range<usize>) -> Range<usize> {
    let size = |block: usize| -> f64 {
        let range = block * WIDEST..(block + 1) * WIDEST;
        let parts = weight[0][range.clone()].iter().zip(&weight[1][range]);
        parts.map(|(re, im)| re.abs() + im.abs()).sum()
    };
    let mut blocks = nodes.start / WIDEST..nodes.end / WIDEST;
    let mut left = 0.0;
    while !blocks.is_empty() {
        left += size(blocks.start);
        if left > LEFT_OUT / 2.0 {
            break;
        }
        blocks.start += 1;
    }
    let mut left = 0.0;
    while !blocks.is_empty() {
        left += size(blocks.end - 1);
        if left > LEFT_OUT / 2.0 {
            break;
        }
        blocks.end -= 1;
    }
    blocks.start * WIDEST..blocks.end * WIDEST
}
