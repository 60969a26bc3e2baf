//! Where detectors look.
