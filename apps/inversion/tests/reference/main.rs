//! Comparison with values of geobipy and empymod, where ../shared/reference is.

mod frequency;
mod time;
