//! Peaks of earlier files refined at the full sample rate, end to end.
//!
//! The files of a search are the input: an integration starts from the peak that it has there. A
//! file whose integrations are all refined is replaced by one that also holds the refined peaks,
//! whole.
//!
//! | file | one idea |
//! |---|---|
//! | `run` | from a request to files |
//! | `kernel` | one integration: its echoes read and refined |
//! | `starts` | the peaks to start from |
//! | `files` | integrations become files |

mod files;
mod kernel;
mod run;
mod starts;

pub(super) use run::run;
