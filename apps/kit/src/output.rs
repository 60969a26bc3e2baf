//! What a program says: results on standard output, remarks on standard error.

use std::io::{ErrorKind, Write};

use crate::exit::{Failure, is_first_rank};

/// Prints a text as it is. A reader that has seen enough (`head`, `less`) and closed the output is no failure.
///
/// # Errors
/// When standard output cannot be written for another reason, such as a full disk.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints a warning line on standard error, on the first rank only.
pub fn warn(warning: &str) {
    if is_first_rank() {
        // Standard error may be closed; there is nobody left to warn then.
        let _ = writeln!(std::io::stderr(), "warning: {warning}");
    }
}
