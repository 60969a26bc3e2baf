//! Frames sent over the network.

use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};

use jobwise_testing::{Python, Running, until};

use crate::Bench;

/// A port that nobody has; somebody else may take it, which the tests would tell.
fn port() -> u16 {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    free.local_addr().unwrap().port()
}

impl Bench {
    fn start(&self, arguments: &str) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_frames"));
        command
            .args(arguments.split(' '))
            .current_dir(self.path(""));
        Running::start(&mut command)
    }
}

/// Reads all, as users of spt3g do.
const READER: &str = "
import sys, time
from spt3g import core
for attempt in range(100):
    try:
        reader = core.G3Reader(sys.argv[1], timeout=20)
        break
    except RuntimeError:
        time.sleep(0.1)
writer = core.G3Writer(sys.argv[2])
while True:
    frames = reader.Process(None)
    if not frames:
        break
    for frame in frames:
        writer.Process(frame)
writer.Process(core.G3Frame(core.G3FrameType.EndProcessing))
";

#[test]
fn files_reach_all_clients() {
    let bench = Bench::new();
    let port = port();
    let python = Python::of("JOBWISE_SPT3G", "spt3g");
    let clients = 2 + u16::from(python.is_some());
    let serve = bench.start(&format!(
        "serve a.g3 --listen tcp://*:{port} --clients {clients}"
    ));
    let ours: Vec<Running> = (0..2)
        .map(|number| {
            let out = format!("{number}.g3");
            bench.start(&format!("cat tcp://localhost:{port} -o {out} --timeout 20"))
        })
        .collect();
    if let Some(python) = &python {
        let address = format!("tcp://localhost:{port}");
        python.run(
            READER,
            [address.as_ref(), bench.path("peer.g3").as_os_str()],
        );
        let digests = |name: &str| -> Vec<_> {
            let frames = crate::read(bench.path(name));
            frames.iter().map(|frame| frame.digest().unwrap()).collect()
        };
        assert_eq!(digests("peer.g3"), digests("a.g3"));
    }
    for client in ours {
        client.end().must_succeed();
    }
    let ended = serve.end();
    ended.must_succeed();
    let told = format!("tcp://*:{port}: 6 frames for {clients} clients\n");
    assert!(ended.stdout.ends_with(&told), "{}", ended.stdout);
    assert_eq!(bench.bytes("0.g3"), bench.bytes("a.g3"));
    assert_eq!(bench.bytes("1.g3"), bench.bytes("a.g3"));
}

#[test]
fn a_client_that_goes_costs_one_line() {
    let bench = Bench::new();
    let noise = vec![1.5; 2_000_000];
    let mut frame = crate::scan(1);
    frame.put("Noise", noise);
    bench.write("large.g3", &[frame.clone(), frame]);
    let port = port();
    let serve = bench.start(&format!("serve large.g3 --listen tcp://*:{port}"));
    until("it listens", || {
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    let ended = serve.end();
    ended.must_fail(0, &["client 127.0.0.1:", "its connection ended"]);
    assert!(ended.stdout.ends_with("; 1 connections lost\n"));
}

#[test]
fn damage_reaches_the_clients() {
    let bench = Bench::new();
    let whole = bench.bytes("a.g3");
    std::fs::write(bench.path("cut.g3"), &whole[..whole.len() - 5]).unwrap();
    let port = port();
    let serve = bench.start(&format!("serve cut.g3 --listen tcp://*:{port}"));
    let client = bench.start(&format!(
        "cat tcp://localhost:{port} -o got.g3 --timeout 20"
    ));
    serve.end().must_fail(1, &["cut.g3: frame 5 at byte"]);
    let told = format!("tcp://localhost:{port}: frame 5 at byte");
    client
        .end()
        .must_refuse(1, &[&told, "ends within the frame"]);
    assert_eq!(bench.names(), ["a.g3", "cut.g3"]);
}

#[test]
fn a_signal_ends_it() {
    let bench = Bench::new();
    let made = Command::new("mkfifo").arg(bench.path("pipe")).status();
    assert!(made.unwrap().success());
    let port = port();
    // Nobody writes into the pipe; a client waits.
    let mut command = Command::new(env!("CARGO_BIN_EXE_frames"));
    command.args(["serve", "pipe", "--listen"]);
    command.arg(format!("tcp://*:{port}"));
    command.current_dir(bench.path("")).stdin(Stdio::null());
    let serve = Running::start(&mut command);
    let client = bench.start(&format!(
        "cat tcp://localhost:{port} -o got.g3 --timeout 20"
    ));
    until("a client is there", || {
        let table = std::fs::read_to_string("/proc/net/tcp6").unwrap_or_default()
            + &std::fs::read_to_string("/proc/net/tcp").unwrap_or_default();
        // The port of this machine, and the state: established.
        let is_ours = |line: &str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            words.len() > 3 && words[1].ends_with(&format!(":{port:04X}")) && words[3] == "01"
        };
        table.lines().any(is_ours)
    });
    serve.signal("TERM");
    let ended = serve.end();
    ended.must_fail(143, &["told to end; ", "0 frames for 1 clients"]);
    // It is not the end of the stream.
    client.end().must_refuse(1, &["ends within the frame"]);
}

#[test]
fn what_cannot_be_served() {
    let bench = Bench::new();
    let refused = |arguments: &str, status: i32, told: &[&str]| {
        bench.run(arguments).must_refuse(status, told);
    };
    refused(
        "serve a.g3 --listen 5000",
        2,
        &["5000: addresses of servers"],
    );
    refused("serve b.g3 --listen tcp://*:0", 1, &["b.g3: No such file"]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = format!("tcp://{}", taken.local_addr().unwrap());
    let told = [&*at, "cannot listen there", "in use"];
    refused(&format!("serve a.g3 --listen {at}"), 1, &told);
}
