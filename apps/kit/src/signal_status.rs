//! The signal that told a program to end, and the exit status that it gives.

use std::sync::atomic::{AtomicU8, Ordering};

use signal_hook::consts::SIGTERM;

/// The signal that cancelled the run; 0 for none.
static RECEIVED: AtomicU8 = AtomicU8::new(0);

/// Notes the signal that told the program to end, for a program that takes signals itself. The
/// first one sets the exit status.
pub fn received(signal: i32) {
    let _ = RECEIVED.compare_exchange(0, signal as u8, Ordering::SeqCst, Ordering::SeqCst);
}

/// The exit status of a run that was cancelled: 128 + the signal's number; of another rank's
/// signal, SIGTERM's.
pub(crate) fn status() -> u8 {
    match RECEIVED.load(Ordering::SeqCst) {
        0 => 128 + SIGTERM as u8,
        signal => 128 + signal,
    }
}
