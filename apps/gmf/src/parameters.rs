//! Everything derived from experiment and settings.
