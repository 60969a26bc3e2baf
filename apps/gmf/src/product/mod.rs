//! The GMF output file.
