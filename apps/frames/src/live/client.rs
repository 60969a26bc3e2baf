//! The thread of a client: what waits for it goes out.

use std::io::{self, ErrorKind, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, PoisonError};

use bytes::Bytes;

use super::server::Shared;
use super::state::{Client, Phase};

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
    while let Some(next) = next(shared, number, ready) {
        let (outcome, is_end) = match next {
            Next::Frame(bytes) => (stream.write_all(&bytes), false),
            Next::End(Phase::Broken) => (stream.write_all(BEGIN), true),
            Next::End(_) => (Ok(()), true),
        };
        if is_end || outcome.is_err() {
            let client = {
                let mut state = shared.lock();
                let client = state.remove(number);
                state.served.lost += u64::from(client.is_some() && outcome.is_err());
                client
            };
            if let Some(client) = client {
                // A client that has gone needs no end.
                let _ = stream.shutdown(Shutdown::Write);
                tell(shared, &client, outcome.err());
            }
            shared.changed.notify_all();
            return;
        }
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
fn tell(shared: &Shared, client: &Client, error: Option<io::Error>) {
    let Client { name, dropped, .. } = client;
    let lost = client.queue.len() as u64;
    if let Some(error) = error {
        let is_late = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
        let why = if is_late {
            let seconds = shared.limits.timeout.as_secs_f64();
            format!("it has taken nothing for {seconds} s")
        } else {
            error.to_string()
        };
        log::warn!("client {name}: its connection ended with {lost} frames in its queue: {why}");
    }
    if *dropped > 0 {
        log::warn!("client {name}: {dropped} frames were dropped, as it is slow");
    }
}
