//! Matched-filter analysis of radar recordings.
