//! Exact chains: priors given back, evidence by quadrature, calibration, and known earths.

mod calibration;
mod evidence;
mod priors;
mod recovery;
mod soundings;
mod together;
