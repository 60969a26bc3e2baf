//! Frames into files.
