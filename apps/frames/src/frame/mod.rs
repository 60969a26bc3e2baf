//! Frames: names and objects, their bytes, checksum and digest.
