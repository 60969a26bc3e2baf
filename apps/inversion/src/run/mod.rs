//! A run: from a survey to files of results, on any backend.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Request`] | what is asked for |
//! | [`Run`] | carried out |
//! | [`Outcome`] | what is done then |
//! | `selection` | which soundings |
//! | `soundings` | the engine's items |
//! | `lines` | the engine's sink: a file per line |
//! | `device` | what soundings are computed on |
//! | `directory` | the right to make files |

mod carried_out;
mod device;
mod directory;
mod lines;
mod outcome;
mod request;
mod selection;
mod soundings;

pub use carried_out::Run;
pub use outcome::Outcome;
pub use request::{OnFailure, Policy, Request, Selection};
#[cfg(feature = "cuda")]
pub(crate) use soundings::Soundings;
