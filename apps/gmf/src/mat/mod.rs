//! MATLAB files of version 5 (also called 6 and 7): numeric and text arrays, read in one pass.
//!
//! A file is a header of 128 bytes and a sequence of *elements*: a tag (type, length) and data. The
//! elements of interest are arrays, plain or deflated; an array is again a sequence of elements:
//! flags, dimensions, name, real part, imaginary part. Numbers are stored in any type that holds
//! them, whatever type they have in MATLAB. The format is described in "MAT-File Format" by
//! MATLAB's makers.
//!
//! | file | one idea |
//! |---|---|
//! | `source` | the bytes of a file, of a bzip2 file too, counted and bounded |
//! | `element` | tags, and the rules of padding |
//! | `array` | one array: its header, then its values |
//! | `file` | from array to array |
//! | `storage` | stored numbers as `f64` |
//!
//! Nothing in a file is believed: every length is checked against the element that holds it, and
//! the outermost against the file; memory follows the limits that callers give, not what a file
//! claims.

mod array;
mod element;
mod file;
mod source;
mod storage;

pub use array::Array;
pub use file::MatFile;
