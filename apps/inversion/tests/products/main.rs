//! Results read and shown: summaries, figures, files for other programs; and data that are made.

mod damage;
mod exports;
mod figures;
mod fixture;
mod peer;
mod program;
mod simulated;
mod summaries;
