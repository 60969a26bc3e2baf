//! The `gmf` command.
fn main() {}
