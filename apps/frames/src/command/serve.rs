use std::fmt::Write;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use clap::Args;
use jobwise_frames::input::Files;
use jobwise_frames::live::{Error, Limits, Served, Server};
use jobwise_kit::{Failure, signals};

use super::failed;
use super::reading::{ReadingFlags, seconds};

/// How long a signal may go unnoticed.
const GLANCE: Duration = Duration::from_millis(50);

/// Send frames to whoever asks, over the network
///
/// Clients get every frame that is read while they are connected; one that comes late gets the
/// newest metadata of each type first. The end closes the connections. Read by
/// frames cat tcp://HOST:PORT -o FILE, and by G3Reader("tcp://HOST:PORT") of spt3g
///
/// For example: frames serve obs.g3 --listen tcp://*:5353
#[derive(Args, Clone, Debug)]
pub(crate) struct Flags {
    #[command(flatten)]
    reading: ReadingFlags,
    /// Where clients call: tcp://*:PORT, or tcp://HOST:PORT for one address of this machine. With
    /// port 0 the system chooses one
    #[arg(long, value_name = "ADDRESS")]
    listen: String,
    /// Leave out frames of the types T and S for clients that are too slow. They are counted.
    /// Otherwise all wait for the slowest
    #[arg(long)]
    drop_slow: bool,
    /// How many frames wait for a client, at most; and 256 MiB of them
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = positive)]
    queue: usize,
    /// Wait for so many clients before anything is sent [default: 1 for files, 0 for pipes, FIFOs
    /// and senders]
    #[arg(long, value_name = "N")]
    clients: Option<u64>,
    /// A client that takes nothing for so long loses its connection
    #[arg(long, value_name = "SECONDS", default_value = "600", value_parser = patience)]
    client_timeout: Duration,
}

fn positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("a number from 1 on is needed".into()),
        Ok(number) => Ok(number),
    }
}

fn patience(text: &str) -> Result<Duration, String> {
    match seconds(text)? {
        Duration::ZERO => Err("more than 0 is needed".into()),
        time => Ok(time),
    }
}

pub(crate) fn run(flags: Flags) -> Result<(), Failure> {
    let files = flags.reading.files()?;
    let limits = Limits {
        frames: flags.queue,
        drops: flags.drop_slow,
        timeout: flags.client_timeout,
        ..Limits::default()
    };
    let server = Server::listen(&flags.listen, limits).map_err(unserved)?;
    let cancel = signals::cancel_on_signals().map_err(failed)?;
    let address = server.address();
    jobwise_kit::print(&format!("{}: port {}\n", flags.listen, address.port()))?;
    let server = Arc::new(server);
    let (tell, told) = mpsc::channel();
    let reads = server.clone();
    let listen = flags.listen.clone();
    // Reading, and waiting for clients, may take for ever: a signal ends it all the same.
    thread::Builder::new()
        .name("reader".into())
        .spawn(move || {
            // Nobody waits for it after a signal.
            let _ = tell.send(send(&flags, files, &reads));
        })
        .map_err(failed)?;
    loop {
        match told.recv_timeout(GLANCE) {
            Ok(outcome) => return jobwise_kit::print(&summary(&listen, outcome?)),
            Err(RecvTimeoutError::Disconnected) => return Err(failed("the reader is gone")),
            Err(RecvTimeoutError::Timeout) if cancel.is_cancelled() => {
                let served = summary(&listen, server.stop());
                return Err(Failure::cancelled(format!("told to end; {served}")));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// Sends all, and waits until the clients have it.
fn send(flags: &Flags, files: Files, server: &Server) -> Result<Served, Failure> {
    let clients = flags
        .clients
        .unwrap_or(u64::from(flags.reading.are_files()));
    server.wait_for(clients);
    let sent = flags.reading.each(files, |frame| {
        server.send(&frame).map_err(unserved)?;
        Ok(ControlFlow::Continue(()))
    });
    match sent {
        Ok(_) => Ok(server.finish()),
        Err(failure) => {
            server.fail();
            Err(failure)
        }
    }
}

fn summary(listen: &str, served: Served) -> String {
    let Served {
        frames,
        clients,
        dropped,
        lost,
    } = served;
    let mut text = format!("{listen}: {frames} frames for {clients} clients");
    for (count, what) in [
        (dropped, "frames dropped for slow clients"),
        (lost, "connections lost"),
    ] {
        if count > 0 {
            // Writing to a text does not fail.
            let _ = write!(text, "; {count} {what}");
        }
    }
    text + "\n"
}

#[allow(clippy::needless_pass_by_value)] // `map_err` hands it over
fn unserved(error: Error) -> Failure {
    match error {
        Error::Address(_) => Failure::usage(error.to_string()),
        _ => Failure::failed(error.to_string()),
    }
}
