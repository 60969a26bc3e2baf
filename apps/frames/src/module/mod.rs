//! Modules that every pipeline may need.
