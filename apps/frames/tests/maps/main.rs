//! Maps against those of spt3g 1.0.2.

mod job;
mod reference;
