//! Data of given earths, and of earths drawn from the priors.
