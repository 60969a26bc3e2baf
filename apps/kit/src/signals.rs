//! Ctrl-C, SIGTERM and SIGUSR1 end a run in order: what is finished is kept.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::thread;

use jobwise_core::Cancel;
use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1};
use signal_hook::iterator::Signals;

/// The signal that cancelled the run; 0 for none.
static RECEIVED: AtomicU8 = AtomicU8::new(0);

/// A switch that the first of these signals turns on. A second Ctrl-C or SIGTERM ends the process at once, which is safe too:
/// files appear complete or not at all.
///
/// # Errors
/// When the system refuses to deliver signals.
pub fn cancel_on_signals() -> io::Result<Cancel> {
    let armed = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // Registered first, so it sees the state before this signal.
        let status = 128 + signal;
        signal_hook::flag::register_conditional_shutdown(signal, status, armed.clone())?;
        signal_hook::flag::register(signal, armed.clone())?;
    }
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGUSR1])?;
    let cancel = Cancel::new();
    let switch = cancel.clone();
    thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            for signal in signals.forever() {
                RECEIVED.store(signal as u8, Ordering::SeqCst);
                switch.cancel();
            }
        })?;
    Ok(cancel)
}

/// The exit status of a run that was cancelled: 128 + the signal's number; of another rank's signal, SIGTERM's.
pub(crate) fn status() -> u8 {
    match RECEIVED.load(Ordering::SeqCst) {
        0 => 128 + SIGTERM as u8,
        signal => 128 + signal,
    }
}
