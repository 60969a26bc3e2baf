//! Frames sent over the network.

use std::net::{TcpListener, TcpStream};
use std::process::Command;

use jobwise_testing::{Python, Running, until};

use crate::Bench;

/// A server, and the port that the system has chosen for it.
struct Server(Running, u16);

impl Bench {
    fn start(&self, arguments: &str) -> Running {
        let mut command = Command::new(env!("CARGO_BIN_EXE_frames"));
        command
            .args(arguments.split(' '))
            .current_dir(self.path(""));
        Running::start(&mut command)
    }

    /// What it prints goes into the file `listens`.
    fn serve(&self, arguments: &str) -> Server {
        let mut command = Command::new("sh");
        command.args(["-c", "exec \"$0\" serve --listen tcp://*:0 $1 > listens"]);
        command.args([env!("CARGO_BIN_EXE_frames"), arguments]);
        let running = Running::start(command.current_dir(self.path("")));
        until("it listens", || self.told().ends_with('\n'));
        let told = self.told();
        let port = told.trim().strip_prefix("tcp://*:0: port ").unwrap();
        Server(running, port.parse().unwrap())
    }

    fn told(&self) -> String {
        std::fs::read_to_string(self.path("listens")).unwrap_or_default()
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
    let python = Python::of("JOBWISE_SPT3G", "spt3g");
    let clients = 2 + u16::from(python.is_some());
    let Server(serve, port) = bench.serve(&format!("a.g3 --clients {clients}"));
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
    serve.end().must_succeed();
    let told = format!("tcp://*:0: 6 frames for {clients} clients\n");
    assert!(bench.told().ends_with(&told), "{}", bench.told());
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
    let Server(serve, port) = bench.serve("large.g3");
    drop(TcpStream::connect(("127.0.0.1", port)).unwrap());
    let told = ["client 127.0.0.1:", "its connection ended"];
    serve.end().must_fail(0, &told);
    assert!(bench.told().ends_with("; 1 connections lost\n"));
}

#[test]
fn damage_reaches_the_clients() {
    let bench = Bench::new();
    let whole = bench.bytes("a.g3");
    std::fs::write(bench.path("cut.g3"), &whole[..whole.len() - 5]).unwrap();
    let Server(serve, port) = bench.serve("cut.g3");
    let client = bench.start(&format!(
        "cat tcp://localhost:{port} -o got.g3 --timeout 20"
    ));
    serve.end().must_fail(1, &["cut.g3: frame 5 at byte"]);
    let told = format!("tcp://localhost:{port}: frame 5 at byte");
    client
        .end()
        .must_refuse(1, &[&told, "ends within the frame"]);
    assert_eq!(bench.names(), ["a.g3", "cut.g3", "listens"]);
}

#[test]
fn a_signal_ends_it() {
    let bench = Bench::new();
    let made = Command::new("mkfifo").arg(bench.path("pipe")).status();
    assert!(made.unwrap().success());
    // Nobody writes into the pipe; a client waits.
    let Server(serve, port) = bench.serve("pipe");
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
