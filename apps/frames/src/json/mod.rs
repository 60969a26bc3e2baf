//! Frames as JSON.
//!
//! A frame is an object of its place, its type, its checksum and its objects. An object of the
//! frame has the place and the MD5 of its bytes, its `class`, and `decoded`, its value: of which
//! `v` is the version of the class in the file. Instead of `decoded` there is `unknown_class`, or
//! `error`. `trailing` is the number of bytes behind the object, where there are any. Numbers that
//! are not finite are the texts `nan`, `inf` and `-inf`; maps are lists of names and values.

mod frames;
mod maps_of_sky;
mod nodes;
mod parts;
mod text;

pub use frames::frame_to_json;

#[cfg(test)]
mod tests;
