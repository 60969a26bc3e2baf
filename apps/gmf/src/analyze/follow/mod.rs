//! Following a recording that is still being written.
//!
//! | file | one idea |
//! |---|---|
//! | `run` | from waiting for a recording to a summary |
//! | `begin` | what is not there yet |
//! | `arrivals` | which integrations have arrived |
//! | `arrived` | an integration by its number |
//! | `live` | the integrations that arrive, and the files that grow |
//! | `tell` | a line for each integration, and how far behind |

mod arrivals;
mod arrived;
mod begin;
mod live;
mod run;
mod tell;

pub use run::{Follow, Followed};
