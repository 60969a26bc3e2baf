//! The thread of a client: what waits for it goes out.

use std::io::{self, ErrorKind, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, PoisonError};

use bytes::Bytes;

use super::server::Shared;
use super::state::{Known, Phase};

/// The first byte of a frame, behind which nothing comes: whoever reads it knows that this was not
/// the end.
const BEGIN: &[u8] = &[1];

/// What a client is to be told next.
enum Next {
    Frame(Bytes),
    End(Phase),
}

/// Sends until the end, or until the client is gone.
pub(super) fn send(shared: &Shared, number: u64, mut stream: TcpStream, ready: &Arc<Condvar>) {
    let mut sent = 0;
    while let Some(next) = next(shared, number, ready) {
        let (outcome, is_end) = match next {
            Next::Frame(bytes) => (stream.write_all(&bytes), false),
            Next::End(Phase::Broken) => (stream.write_all(BEGIN), true),
            Next::End(_) => (Ok(()), true),
        };
        if is_end || outcome.is_err() {
            let (error, is_lost) = (outcome.err(), !is_end);
            // Told before the server can have ended.
            let known = shared.lock().client(number).map(|client| client.known());
            if let Some(known) = known {
                tell(shared, &known, sent, error);
            }
            // A client that has gone needs no end.
            let _ = stream.shutdown(Shutdown::Write);
            let mut state = shared.lock();
            let is_left = state.remove(number).is_some();
            state.served.lost += u64::from(is_left && is_lost);
            shared.changed.notify_all();
            return;
        }
        sent += 1;
    }
}

/// Waits for it. None when the client was given up.
fn next(shared: &Shared, number: u64, ready: &Arc<Condvar>) -> Option<Next> {
    let mut state = shared.lock();
    loop {
        let phase = state.phase;
        if let Some(frame) = state.client(number)?.pop() {
            shared.changed.notify_all();
            return Some(Next::Frame(frame));
        }
        if phase != Phase::Open {
            return Some(Next::End(phase));
        }
        state = ready.wait(state).unwrap_or_else(PoisonError::into_inner);
    }
}

/// How a connection ended, unless it did as it should.
fn tell(shared: &Shared, client: &Known, sent: u64, error: Option<io::Error>) {
    let Known { name, dropped } = client;
    if let Some(error) = error {
        let is_late = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
        let why = if is_late {
            let seconds = shared.limits.timeout.as_secs_f64();
            format!("it has taken nothing for {seconds} s")
        } else {
            error.to_string()
        };
        log::warn!("client {name}: its connection ended behind {sent} frames: {why}");
    }
    if *dropped > 0 {
        log::warn!("client {name}: {dropped} frames were dropped, as it is slow");
    }
}
