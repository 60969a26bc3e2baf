//! Ctrl-C, SIGTERM and SIGUSR1 end a run in order: what is finished is kept. Nothing that hangs
//! keeps it from ending.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use jobwise_core::Cancel;
use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1};
use signal_hook::iterator::Signals;
use signal_hook::low_level;

use crate::failure::Failure;
use crate::signal_status::status;

pub use crate::signal_status::received;

/// How long a run may take to end in order: less than batch systems wait before they kill (30 s
/// with Slurm).
const GRACE: Duration = Duration::from_secs(10);

/// How long the last message may take.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// A switch that the first of these signals turns on. Who has not ended 10 s later, because a
/// library or a disk hangs, ends then; a second Ctrl-C or SIGTERM ends the process at once. Both
/// are safe: files appear complete or not at all.
///
/// A command that does not call this is ended at once by the first signal.
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
            let mut is_first = true;
            for signal in signals.forever() {
                received(signal);
                switch.cancel();
                if std::mem::take(&mut is_first) {
                    end_later();
                }
            }
        })?;
    Ok(cancel)
}

/// Ends the process when the grace is over, whatever its other threads do.
fn end_later() {
    let end = || {
        thread::sleep(GRACE);
        // Standard error may be what hangs.
        let said = thread::Builder::new().name("last words".into()).spawn(|| {
            crate::exit::say(&Failure::cancelled(format!(
                "told to end, and still at it after {} s: ended at once; finished work is kept, \
                 run again to continue",
                GRACE.as_secs()
            )));
        });
        if said.is_ok() {
            thread::sleep(LAST_WORDS);
        }
        // No destructors and no handlers of the end of the process: these could wait for what
        // hangs.
        low_level::exit(i32::from(status()));
    };
    // Without a thread a second signal still ends the process.
    let _ = thread::Builder::new().name("grace".into()).spawn(end);
}
