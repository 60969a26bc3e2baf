//! What holds for open-ended streams: one law in each file.
//!
//! | law | promise |
//! |---|---|
//! | [`once`] | an item is computed and reported once, whoever reads it; what was done before is not |
//! | [`ends`] | an error or a cancellation on any rank reaches all, and the next stream is not disturbed; what was written is committed while nothing comes |
//! | [`backpressure`] | a feed is asked only while there is room |
//! | [`notices`] | every rank that computes handles all notices, in order, each in front of the items behind it |
//! | [`dealing`] | where a function deals the items, each goes to the rank that it says |

pub mod backpressure;
pub mod dealing;
pub mod ends;
pub mod notices;
mod numbers;
pub mod once;

use numbers::Numbers;

/// Who reads, by rank: every rank; the first; the first two; the last.
fn roles(size: usize) -> Vec<Vec<bool>> {
    let of = |reads: &dyn Fn(usize) -> bool| (0..size).map(reads).collect::<Vec<bool>>();
    let mut roles = vec![of(&|_| true)];
    if size > 1 {
        roles.push(of(&|rank| rank == 0));
        roles.push(of(&|rank| rank + 1 == size));
    }
    if size > 2 {
        roles.push(of(&|rank| rank < 2));
    }
    roles
}
