use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::*;
use crate::frame::{Frame, FrameType};
use crate::input::{self, Options};
use crate::pipeline::{Pipeline, source};

/// More than the system keeps of a connection, in frames of `LARGE`.
const MANY: i64 = 60;
const LARGE: usize = 1 << 20;

fn listen(limits: Limits) -> Server {
    Server::listen("tcp://127.0.0.1:0", limits).unwrap()
}

/// A frame like `O1`: a type, and the number `n`.
fn frame(word: &str) -> Frame {
    let (kind, number) = word.split_at(1);
    let mut frame = Frame::new(kind.parse().unwrap());
    frame.put("n", number.parse::<i64>().unwrap());
    frame
}

fn large(word: &str) -> Frame {
    let mut frame = frame(word);
    frame.put("fill", "x".repeat(LARGE).as_str());
    frame
}

fn send(server: &Server, words: &str) {
    for word in words.split_whitespace() {
        server.send(&frame(word)).unwrap();
    }
}

fn word(frame: &Frame) -> String {
    format!("{}{}", frame.kind(), frame.get_as::<i64>("n").unwrap())
}

/// What a client gets, and whether it came to a good end.
type Got = (Vec<String>, bool);

fn client(at: SocketAddr) -> JoinHandle<Got> {
    let input = input::open(format!("tcp://{at}"), &Options::default()).unwrap();
    thread::spawn(move || {
        let mut words = Vec::new();
        for frame in input {
            let Ok(frame) = frame else {
                return (words, false);
            };
            words.push(word(&frame));
        }
        (words, true)
    })
}

fn got(client: JoinHandle<Got>) -> String {
    let (words, is_good) = client.join().unwrap();
    words.join(" ") + if is_good { "" } else { " ..." }
}

/// A client that reads nothing until it is told.
struct Sleeper(TcpStream);

impl Sleeper {
    fn new(server: &Server, number: u64) -> Sleeper {
        let stream = TcpStream::connect(server.address()).unwrap();
        server.wait_for(number);
        Sleeper(stream)
    }

    fn wake(mut self) -> Vec<Frame> {
        let read = || Frame::read(&mut self.0).unwrap();
        std::iter::from_fn(read).collect()
    }
}

#[test]
fn late_clients_have_the_newest_metadata_first() {
    let server = listen(Limits::default());
    send(&server, "W1 O1 C1 S1 O2 W2 S2");
    let first = client(server.address());
    server.wait_for(1);
    send(&server, "S3 C2 S4 T5");
    let second = client(server.address());
    server.wait_for(2);
    send(&server, "S6 Z0");
    let served = server.finish();
    assert_eq!(got(first), "W2 O2 C1 S3 C2 S4 T5 S6");
    assert_eq!(got(second), "W2 O2 C2 S6");
    assert_eq!((served.frames, served.clients), (12, 2));
    assert_eq!((served.dropped, served.lost), (0, 0));
    assert!(matches!(server.send(&frame("S7")), Err(Error::Over)));
}

#[test]
fn all_wait_for_a_slow_client() {
    let server = listen(Limits {
        frames: 2,
        ..Limits::default()
    });
    let sleeper = Sleeper::new(&server, 1);
    let other = client(server.address());
    server.wait_for(2);
    let sent = AtomicUsize::new(0);
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..MANY {
                server.send(&large(&format!("S{number}"))).unwrap();
                sent.fetch_add(1, Ordering::Relaxed);
            }
        });
        // Until nothing has gone on for a while.
        let mut before = (0, Instant::now());
        while before.1.elapsed() < Duration::from_millis(300) {
            let now = sent.load(Ordering::Relaxed);
            if now != before.0 {
                before = (now, Instant::now());
            }
            thread::sleep(Duration::from_millis(10));
        }
        assert!(before.0 < MANY as usize, "the queue has no bound");
        let reads = scope.spawn(|| sleeper.wake().len());
        while sent.load(Ordering::Relaxed) < MANY as usize {
            thread::sleep(Duration::from_millis(10));
        }
        let served = server.finish();
        assert_eq!((served.dropped, served.lost), (0, 0));
        assert_eq!(reads.join().unwrap(), MANY as usize);
    });
    assert_eq!(got(other).split(' ').count(), MANY as usize);
}

#[test]
fn only_data_are_dropped_and_counted() {
    let server = listen(Limits {
        frames: 8,
        drops: true,
        ..Limits::default()
    });
    let sleeper = Sleeper::new(&server, 1);
    for number in 0..MANY {
        server.send(&large(&format!("S{number}"))).unwrap();
        if number % 15 == 0 {
            server.send(&frame(&format!("C{number}"))).unwrap();
        }
    }
    let reads = thread::spawn(|| sleeper.wake());
    let served = server.finish();
    let frames = reads.join().unwrap();
    let of = |kind| frames.iter().filter(move |frame| frame.kind() == kind);
    let metadata: Vec<String> = of(FrameType::CALIBRATION).map(word).collect();
    assert_eq!(metadata, ["C0", "C15", "C30", "C45"]);
    let data: Vec<i64> = of(FrameType::SCAN)
        .map(|frame| *frame.get_as::<i64>("n").unwrap())
        .collect();
    assert!(data.is_sorted());
    assert!(served.dropped > 0);
    assert_eq!(served.dropped as usize, MANY as usize - data.len());
    assert_eq!(served.lost, 0);
}

#[test]
fn a_client_behind_with_metadata_loses_its_connection() {
    let server = listen(Limits {
        frames: 3,
        drops: true,
        ..Limits::default()
    });
    let sleeper = Sleeper::new(&server, 1);
    let other = client(server.address());
    server.wait_for(2);
    for number in 0..MANY {
        server.send(&large(&format!("C{number}"))).unwrap();
        // The other one keeps up.
        thread::sleep(Duration::from_millis(5));
    }
    let served = server.finish();
    assert_eq!(served.lost, 1);
    drop(sleeper);
    assert_eq!(got(other).split(' ').count(), MANY as usize);
}

#[test]
fn a_client_that_goes_costs_its_own_connection() {
    let server = listen(Limits {
        frames: 2,
        ..Limits::default()
    });
    let leaves = Sleeper::new(&server, 1);
    let stays = client(server.address());
    server.wait_for(2);
    send(&server, "O1 S1");
    drop(leaves);
    for number in 0..MANY {
        server.send(&large(&format!("S{number}"))).unwrap();
    }
    let served = server.finish();
    assert_eq!((served.clients, served.lost), (2, 1));
    assert_eq!(got(stays).split(' ').count(), MANY as usize + 2);
}

#[test]
fn a_client_that_takes_nothing_loses_its_connection() {
    let server = listen(Limits {
        timeout: Duration::from_millis(200),
        ..Limits::default()
    });
    let sleeper = Sleeper::new(&server, 1);
    for number in 0..MANY {
        server.send(&large(&format!("S{number}"))).unwrap();
    }
    assert_eq!(server.finish().lost, 1);
    drop(sleeper);
}

#[test]
fn what_fails_ends_within_a_frame() {
    let server = listen(Limits::default());
    let reader = client(server.address());
    server.wait_for(1);
    send(&server, "O1 S1");
    server.fail();
    assert_eq!(got(reader), "O1 S1 ...");
}

#[test]
fn a_server_stops_whatever_its_clients_do() {
    let server = listen(Limits::default());
    let sleeper = Sleeper::new(&server, 1);
    for number in 0..MANY {
        server.send(&large(&format!("S{number}"))).unwrap();
    }
    thread::scope(|scope| {
        let finishes = scope.spawn(|| server.finish());
        let begin = Instant::now();
        server.stop();
        finishes.join().unwrap();
        assert!(begin.elapsed() < Duration::from_secs(10));
    });
    drop(sleeper);
}

#[test]
fn pipelines_send_frames() {
    let run = |fails: bool| {
        let server = listen(Limits::default());
        let reader = client(server.address());
        server.wait_for(1);
        let words = ["O1", "S1", "S2"];
        let outcome = Pipeline::new()
            .without_record()
            .add("frames", source(words.map(frame)))
            .add("serve", Serve::new(server))
            .add("check", |frame: &mut Frame| {
                let is_bad = fails && word(frame) == "S2";
                if is_bad { Err("no") } else { Ok(()) }
            })
            .run();
        assert_eq!(outcome.is_err(), fails);
        drop(outcome);
        reader
    };
    assert_eq!(got(run(false)), "O1 S1 S2");
    assert_eq!(got(run(true)), "O1 S1 S2 ...");
}

#[test]
fn addresses_are_checked() {
    let refused = |at: &str| Server::listen(at, Limits::default()).unwrap_err();
    assert!(matches!(refused("5000"), Error::Address(_)));
    let server = listen(Limits::default());
    let taken = format!("tcp://{}", server.address());
    assert!(matches!(refused(&taken), Error::Port { .. }));
}
