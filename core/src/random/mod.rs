//! Random numbers that are a function of where they are used: of a key, such as the seed of a run
//! and the index of an item, and of a counter.
//!
//! Everything here is for one lane of a processor, without a branch: called in a loop over lanes,
//! within a function compiled for the processor's own instructions, it runs in all of them at once,
//! and gives the same bits on any.
//!
//! ```
//! use jobwise_core::random::{cos_turn, minus_ln_unit, threefry};
//!
//! // Two normal numbers of item 17 in a run with seed 5, by Box and Muller's transform.
//! let [a, b, _, _] = threefry([5, 0, 17, 0], [0; 4]);
//! let radius = (2.0 * minus_ln_unit(a)).sqrt();
//! let normal = [radius * cos_turn(b), radius * cos_turn(b.wrapping_sub(1 << 30))];
//! assert!(normal.iter().all(|x| x.abs() < 7.0));
//! ```

// Or it would not become part of that function.
#![allow(clippy::inline_always)]

mod elementary;
mod threefry;

pub use elementary::{cos_turn, minus_ln_unit};
pub use threefry::threefry;
