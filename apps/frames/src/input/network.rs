//! Frames from the network.

use std::ffi::OsStr;
use std::io;
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::error::Problem;

/// How long to wait before a sender that is not there is tried again.
const AGAIN: Duration = Duration::from_millis(100);

/// How names of senders begin.
const SCHEME: &[u8] = b"tcp://";

/// Who sends.
#[derive(Debug)]
pub(super) enum Sender {
    /// Somebody to be called: host and port.
    At(String),
    /// Somebody who calls.
    Calls(TcpListener),
}

/// Whether a name is that of a sender.
pub(super) fn is_address(name: &Path) -> bool {
    name.as_os_str().as_bytes().starts_with(SCHEME)
}

/// The host and the port of `tcp://HOST:PORT`.
pub(crate) fn address(name: &Path) -> Result<(&str, u16), Problem> {
    let bytes = name.as_os_str().as_bytes().strip_prefix(SCHEME);
    let text = bytes.and_then(|bytes| OsStr::from_bytes(bytes).to_str());
    let (host, port) = text
        .and_then(|text| text.rsplit_once(':'))
        .ok_or(Problem::Address)?;
    let port = port.parse().map_err(|_| Problem::Address)?;
    if host.is_empty() || host.contains('/') {
        return Err(Problem::Address);
    }
    Ok((host, port))
}

/// Takes the port of that host, which is this machine; of all its addresses where it is `*`.
pub(crate) fn listener(host: &str, port: u16) -> io::Result<TcpListener> {
    if host != "*" {
        return TcpListener::bind(format!("{host}:{port}"));
    }
    // Both families where there are both.
    TcpListener::bind(("::", port)).or_else(|_| TcpListener::bind(("0.0.0.0", port)))
}

impl Sender {
    /// Takes the port where a sender is to call; calls nobody yet.
    pub(super) fn new(name: &Path) -> Result<Sender, Problem> {
        let (host, port) = address(name)?;
        if host != "*" {
            return Ok(Sender::At(format!("{host}:{port}")));
        }
        let listener = listener(host, port)?;
        listener.set_nonblocking(true)?;
        Ok(Sender::Calls(listener))
    }

    /// The next connection, for as long as `limit` says. Without a limit, a sender to be called
    /// must be there, and one who calls is waited for.
    pub(super) fn connection(&self, limit: Option<Duration>) -> Result<TcpStream, Problem> {
        let begin = Instant::now();
        loop {
            let left = limit.map(|limit| limit.saturating_sub(begin.elapsed()));
            let error = match self.attempt(left) {
                Ok(stream) => {
                    stream.set_nonblocking(false)?;
                    stream.set_read_timeout(limit.filter(|limit| !limit.is_zero()))?;
                    return Ok(stream);
                }
                Err(error) => error,
            };
            let waits =
                matches!(self, Sender::Calls(_)) && error.kind() == io::ErrorKind::WouldBlock;
            match (limit, left) {
                (Some(limit), Some(left)) if left.is_zero() => {
                    // Why nobody was found says more than that it took too long.
                    return Err(if waits {
                        Problem::Late(limit)
                    } else {
                        error.into()
                    });
                }
                (None, _) if !waits => return Err(error.into()),
                _ => thread::sleep(left.map_or(AGAIN, |left| left.min(AGAIN))),
            }
        }
    }

    fn attempt(&self, left: Option<Duration>) -> io::Result<TcpStream> {
        let address = match self {
            Sender::Calls(listener) => return listener.accept().map(|(stream, _)| stream),
            Sender::At(address) => address,
        };
        let Some(left) = left else {
            return TcpStream::connect(address);
        };
        let mut error = io::Error::other("the name has no address");
        for address in address.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, left.max(Duration::from_millis(1))) {
                Ok(stream) => return Ok(stream),
                Err(other) => error = other,
            }
        }
        Err(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_host_and_a_port() {
        let parse = |text: &str| {
            address(Path::new(text))
                .ok()
                .map(|(h, p)| (h.to_owned(), p))
        };
        assert_eq!(parse("tcp://a.b:80"), Some(("a.b".into(), 80)));
        assert_eq!(parse("tcp://[::1]:80"), Some(("[::1]".into(), 80)));
        assert_eq!(parse("tcp://*:80"), Some(("*".into(), 80)));
        for text in [
            "tcp://a",
            "tcp://:80",
            "tcp://a:",
            "tcp://a:x",
            "tcp://a:70000",
            "tcp://a/b:1",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
