//! Pixels of the sky: projections, HEALPix.
