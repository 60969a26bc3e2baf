//! What the threads of a server share: who is connected, and what waits for each.

use std::collections::VecDeque;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, Condvar};

use bytes::Bytes;

use super::limits::Limits;
use super::server::Served;
use crate::frame::FrameType;

/// Whether more frames come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// They do.
    Open,
    /// All were sent.
    Complete,
    /// The source broke off.
    Broken,
}

/// A frame in a queue.
pub(super) struct Waiting {
    pub(super) bytes: Bytes,
    pub(super) is_data: bool,
}

pub(super) struct Client {
    pub(super) number: u64,
    pub(super) name: SocketAddr,
    pub(super) queue: VecDeque<Waiting>,
    pub(super) bytes: usize,
    pub(super) dropped: u64,
    /// Something waits, or nothing more comes.
    pub(super) ready: Arc<Condvar>,
    /// To end the connection while its thread is writing.
    pub(super) stream: TcpStream,
}

/// What is said of a client.
pub(super) struct Known {
    pub(super) name: SocketAddr,
    /// Frames that were left out for it.
    pub(super) dropped: u64,
}

impl Client {
    pub(super) fn known(&self) -> Known {
        Known {
            name: self.name,
            dropped: self.dropped,
        }
    }

    pub(super) fn has_room(&self, length: usize, limits: &Limits) -> bool {
        let is_short = self.queue.len() < limits.frames && self.bytes + length <= limits.bytes;
        self.queue.is_empty() || is_short
    }

    pub(super) fn push(&mut self, bytes: &Bytes, is_data: bool) {
        self.bytes += bytes.len();
        let bytes = bytes.clone();
        self.queue.push_back(Waiting { bytes, is_data });
        self.ready.notify_one();
    }

    pub(super) fn pop(&mut self) -> Option<Bytes> {
        let waiting = self.queue.pop_front()?;
        self.bytes -= waiting.bytes.len();
        Some(waiting.bytes)
    }

    /// Leaves data out until there is room. Whether there is.
    fn make_room(&mut self, length: usize, limits: &Limits) -> bool {
        while !self.has_room(length, limits) {
            let Some(at) = self.queue.iter().rposition(|waiting| waiting.is_data) else {
                return false;
            };
            let left_out = self.queue.remove(at);
            self.bytes -= left_out.map_or(0, |waiting| waiting.bytes.len());
            self.dropped += 1;
        }
        true
    }

    /// Takes a frame without anybody waiting. Whether the client keeps up at all: it does not when
    /// its queue is full of metadata.
    fn offer(&mut self, bytes: &Bytes, is_data: bool, limits: &Limits) -> bool {
        if is_data && !self.has_room(bytes.len(), limits) {
            self.dropped += 1;
            return true;
        }
        let has_room = self.make_room(bytes.len(), limits);
        if has_room {
            self.push(bytes, is_data);
        }
        has_room
    }

    /// Ends the connection, also for a thread that is writing.
    pub(super) fn cut(&self) {
        // It may have ended by itself.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

pub(super) struct State {
    pub(super) phase: Phase,
    /// The newest metadata of each type, in the order in which the types were first seen.
    pub(super) newest: Vec<(FrameType, Bytes)>,
    pub(super) clients: Vec<Client>,
    pub(super) served: Served,
}

impl State {
    pub(super) fn new() -> State {
        State {
            phase: Phase::Open,
            newest: Vec::new(),
            clients: Vec::new(),
            served: Served::default(),
        }
    }

    pub(super) fn client(&mut self, number: u64) -> Option<&mut Client> {
        self.clients
            .iter_mut()
            .find(|client| client.number == number)
    }

    pub(super) fn remove(&mut self, number: u64) -> Option<Client> {
        let at = self
            .clients
            .iter()
            .position(|client| client.number == number)?;
        let client = self.clients.remove(at);
        self.served.dropped += client.dropped;
        Some(client)
    }

    /// Gives a frame to all clients. Those that it had to give up.
    pub(super) fn give(&mut self, kind: FrameType, bytes: &Bytes, limits: &Limits) -> Vec<Client> {
        self.served.frames += 1;
        if !kind.is_data() {
            match self.newest.iter_mut().find(|(other, _)| *other == kind) {
                Some((_, newest)) => *newest = bytes.clone(),
                None => self.newest.push((kind, bytes.clone())),
            }
        }
        let mut behind = Vec::new();
        for client in &mut self.clients {
            if !limits.drops {
                client.push(bytes, kind.is_data());
            } else if !client.offer(bytes, kind.is_data(), limits) {
                behind.push(client.number);
            }
        }
        behind
            .into_iter()
            .filter_map(|number| self.remove(number))
            .collect()
    }
}
