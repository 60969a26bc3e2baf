//! Maps from timestreams, sums of maps.
