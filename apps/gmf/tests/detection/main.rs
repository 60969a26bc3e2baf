//! Noise floor, signal-to-noise ratio and detections, against the reference and on files that are
//! not what they should be.

mod files;
mod reference;
