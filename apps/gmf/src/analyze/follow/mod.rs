//! Following a recording that is still being written.
//!
//! | file | one idea |
//! |---|---|
//! | `run` | from waiting for a recording to a summary |
//! | `begin` | what is not there yet |
//! | `arrivals` | which integrations have arrived |
//! | `live` | the work that is handed out as it arrives, and the files that grow |
//! | `tell` | a line for each integration, and how far behind |

mod arrivals;
mod begin;
mod live;
mod run;
mod tell;

pub use run::{Follow, Followed};
