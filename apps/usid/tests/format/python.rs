//! What the format's own library makes of our files.
