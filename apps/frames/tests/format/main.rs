//! The format: reference files and files of others, read, shown and written again.

mod reference;
