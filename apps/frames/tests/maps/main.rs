//! Maps against those of spt3g 1.0.2, and in files that other programs read; observations as TOAST
//! reads them.

mod command;
mod fits;
mod job;
mod peer;
mod reference;
mod toast;
mod toast_of_ranks;
