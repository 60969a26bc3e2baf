use std::ffi::{c_char, c_int};

use jobwise_core::{Error, Result};
use mpi::ffi;

/// Turns the code that an MPI call returned into a result that names the call.
pub(crate) fn check(code: c_int, call: &'static str) -> Result<()> {
    if code == ffi::MPI_SUCCESS as c_int {
        return Ok(());
    }
    let mut text = [0 as c_char; ffi::MPI_MAX_ERROR_STRING as usize];
    let mut length = 0;
    // SAFETY: `text` has room for the longest message the library writes, and both pointers live
    // through the call.
    let told = unsafe { ffi::MPI_Error_string(code, text.as_mut_ptr(), &raw mut length) };
    let message = if told == ffi::MPI_SUCCESS as c_int {
        text[..length as usize]
            .iter()
            .map(|&c| c as u8 as char)
            .collect()
    } else {
        format!("error {code}")
    };
    Err(Error::Backend(format!("{call}: {message}").into()))
}
