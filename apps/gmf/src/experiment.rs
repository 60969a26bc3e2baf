//! The radar experiment: metadata.ini.
