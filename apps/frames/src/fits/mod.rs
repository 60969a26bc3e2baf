//! Maps as FITS files.
