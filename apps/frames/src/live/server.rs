use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::client;
use super::error::{Error, Result};
use super::limits::Limits;
use super::state::{Client, Phase, State};
use crate::frame::Frame;
use crate::input::{address, listener};

/// How long clients may still take what waits for them when a server is dropped.
const GRACE: Duration = Duration::from_secs(2);

/// How long to wait when the system gives no further connection.
const AGAIN: Duration = Duration::from_millis(100);

/// What a server has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// Frames that it was given.
    pub frames: u64,
    /// Clients that have called.
    pub clients: u64,
    /// Frames that were left out for slow clients, all clients together.
    pub dropped: u64,
    /// Connections that ended before the end.
    pub lost: u64,
}

/// What the threads of a server have in common.
pub(super) struct Shared {
    state: Mutex<State>,
    /// A client has come, has taken something or is gone.
    pub(super) changed: Condvar,
    pub(super) limits: Limits,
}

impl Shared {
    /// The state, which is whole between any two statements that change it.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sends frames to all who are connected. Dropped before its end, it [stops](Server::stop).
pub struct Server {
    shared: Arc<Shared>,
    local: SocketAddr,
    accepting: Mutex<Option<JoinHandle<()>>>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("local", &self.local)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// Listens at `tcp://*:PORT`, or at one address of this machine, `tcp://HOST:PORT`. With port 0
    /// the system chooses one.
    ///
    /// # Errors
    /// It is no such address, or the system does not give it.
    pub fn listen(at: &str, limits: Limits) -> Result<Server> {
        let (host, port) = address(at.as_ref()).map_err(|_| Error::Address(at.into()))?;
        let refused = |source| Error::Port {
            address: at.into(),
            source,
        };
        let listener = listener(host, port).map_err(refused)?;
        let local = listener.local_addr().map_err(refused)?;
        let shared = Arc::new(Shared {
            state: Mutex::new(State::new()),
            changed: Condvar::new(),
            limits,
        });
        let accepts = shared.clone();
        let accepting = thread::Builder::new()
            .name("clients".into())
            .spawn(move || accept(&accepts, &listener))
            .map_err(refused)?;
        Ok(Server {
            shared,
            local,
            accepting: Mutex::new(Some(accepting)),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.local
    }

    /// Waits until so many clients have called.
    pub fn wait_for(&self, clients: u64) {
        let few = |state: &mut State| state.served.clients < clients && state.phase == Phase::Open;
        drop(self.wait(None, few));
    }

    /// Gives a frame to all clients; it waits while the queue of one is full, unless data are
    /// dropped.
    ///
    /// # Errors
    /// A value in it has no form as bytes; the server was ended.
    pub fn send(&self, frame: &Frame) -> Result<()> {
        if frame.kind().is_end() {
            return Ok(());
        }
        let bytes = frame.to_bytes()?;
        let Shared { limits, .. } = &*self.shared;
        let is_full = |client: &Client| !client.has_room(bytes.len(), limits);
        let mut state = self.wait(None, |state| {
            !limits.drops && state.phase == Phase::Open && state.clients.iter().any(is_full)
        });
        if state.phase != Phase::Open {
            return Err(Error::Over);
        }
        let behind = state.give(frame.kind(), &bytes, limits);
        state.served.lost += behind.len() as u64;
        drop(state);
        for client in behind {
            client.cut();
            // Its thread waits for what comes, or is writing.
            client.ready.notify_one();
            let (name, dropped) = (client.name, client.dropped);
            log::warn!(
                "client {name}: it does not even take the metadata: its connection was ended; \
                 {dropped} frames were dropped before"
            );
        }
        Ok(())
    }

    /// The end: all clients get what waits for them, and their connections are closed.
    pub fn finish(&self) -> Served {
        self.end(Phase::Complete, None)
    }

    /// The source has failed: all clients get what waits for them, and their connections end within
    /// a frame.
    pub fn fail(&self) -> Served {
        self.end(Phase::Broken, None)
    }

    /// The same within 2 s, whatever the clients do, also while another thread waits for the end.
    pub fn stop(&self) -> Served {
        self.end(Phase::Broken, Some(GRACE))
    }

    /// Waits, for so long at most, while it is so.
    fn wait(
        &self,
        limit: Option<Duration>,
        mut is_so: impl FnMut(&mut State) -> bool,
    ) -> MutexGuard<'_, State> {
        let begin = Instant::now();
        let mut state = self.shared.lock();
        let changed = &self.shared.changed;
        while is_so(&mut state) {
            let left = limit.map(|limit| limit.saturating_sub(begin.elapsed()));
            state = match left {
                Some(Duration::ZERO) => break,
                Some(left) => {
                    let woken = changed.wait_timeout(state, left);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
                None => changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
        state
    }

    fn end(&self, phase: Phase, limit: Option<Duration>) -> Served {
        let accepting = {
            let mut state = self.shared.lock();
            if state.phase == Phase::Open {
                state.phase = phase;
            }
            for client in &state.clients {
                client.ready.notify_one();
            }
            self.shared.changed.notify_all();
            let accepting = &mut self.accepting.lock();
            let accepting = accepting.as_mut();
            accepting.ok().and_then(|accepting| accepting.take())
        };
        // A call of its own ends the thread that waits for calls. Where there is none, for lack of
        // files, the thread notices at the next call.
        let calls = |_: &_| TcpStream::connect_timeout(&own(self.local), GRACE).is_ok();
        if let Some(accepting) = accepting.filter(calls) {
            // It does not panic.
            let _ = accepting.join();
        }
        let state = self.wait(limit, |state| !state.clients.is_empty());
        state.clients.iter().for_each(Client::cut);
        state.served
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The address under which this machine calls itself.
fn own(local: SocketAddr) -> SocketAddr {
    let ip = match local.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, local.port())
}

/// Takes calls until the server has ended.
fn accept(shared: &Arc<Shared>, listener: &TcpListener) {
    loop {
        let called = listener.accept();
        if shared.lock().phase != Phase::Open {
            return;
        }
        let welcomed = called.and_then(|(stream, name)| welcome(shared, stream, name));
        if let Err(error) = welcomed {
            log::warn!("a client called, and could not be served: {error}");
            thread::sleep(AGAIN);
        }
    }
}

/// A client has what is newest of the metadata, and gets all frames from now on.
fn welcome(shared: &Arc<Shared>, stream: TcpStream, name: SocketAddr) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(shared.limits.timeout))?;
    // What came over IPv4 is shown so.
    let name = SocketAddr::new(name.ip().to_canonical(), name.port());
    let ready = Arc::new(Condvar::new());
    let own_stream = stream.try_clone()?;
    let mut state = shared.lock();
    let number = state.served.clients;
    let (serves, signal) = (shared.clone(), ready.clone());
    // It waits for the state.
    thread::Builder::new()
        .name("client".into())
        .spawn(move || client::send(&serves, number, own_stream, &signal))?;
    let mut client = Client {
        number,
        name,
        queue: VecDeque::new(),
        bytes: 0,
        dropped: 0,
        ready,
        stream,
    };
    let newest = state.newest.iter();
    newest.for_each(|(_, bytes)| client.push(bytes, false));
    state.clients.push(client);
    state.served.clients += 1;
    drop(state);
    shared.changed.notify_all();
    log::info!("client {name}: connected");
    Ok(())
}
