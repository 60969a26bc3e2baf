//! What the walks of `CONTRIBUTING.md` lead to: a search for the periods of stars, small enough to
//! be read at once, with all that a program for a survey needs.
//!
//! | walk | room | what is in it |
//! |---|---|---|
//! | a new app | [`Stars`] | the science: the items, and what is computed of one |
//! | | `bin/periods.rs` | the program: rows, resume, ranks, progress |
//! | a new kernel on a device | `on_cuda.rs`, `periods.cu` | the same search on CUDA devices |
//! | a new output format | [`Lines`], `bin/catalogue.rs` | lines of text, in the order of the stars |

#![forbid(unsafe_code)]

mod lines;
#[cfg(feature = "cuda")]
mod on_cuda;
mod stars;

pub use lines::Lines;
pub use stars::{DAYS, Stars, TRIED};
