use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use super::{Options, bytes_of, frames, numbers, open, read_with};

fn address(listener: &TcpListener) -> PathBuf {
    format!("tcp://127.0.0.1:{}", listener.local_addr().unwrap().port()).into()
}

#[test]
fn senders_are_called_and_called_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let name = address(&listener);
    let sender = thread::spawn(move || {
        for part in frames().chunks(2) {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(&bytes_of(part)).unwrap();
        }
        drop(listener);
    });
    let options = reconnects();
    assert_eq!(read_with(&name, &options), (vec![0, 1, 2, 3], None));
    sender.join().unwrap();
    // Nobody is there any more.
    let begin = Instant::now();
    let (_, error) = read_with(&name, &options);
    assert!(error.unwrap().contains("Connection refused"));
    assert!(begin.elapsed() > Duration::from_millis(900));
}

fn reconnects() -> Options {
    Options {
        timeout: Some(Duration::from_secs(1)),
        reconnects: true,
        ..Options::default()
    }
}

/// A listener that goes resets the connections that it has not taken.
#[test]
fn a_connection_that_is_reset_between_frames_is_made_again() {
    let reset = |options: &Options| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let input = open(address(&listener), options).unwrap();
        drop(listener);
        (input, at)
    };
    let (input, at) = reset(&reconnects());
    let listener = TcpListener::bind(at).unwrap();
    let sender = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(&bytes_of(&frames())).unwrap();
    });
    assert_eq!(numbers(input), (vec![0, 1, 2, 3], None));
    sender.join().unwrap();
    // Who is called once has lost it.
    let (input, _) = reset(&Options::default());
    let (_, error) = numbers(input);
    assert!(error.unwrap().contains("Connection reset"));
}

#[test]
fn a_quiet_sender_is_the_end_between_frames_and_an_error_within() {
    let options = Options {
        timeout: Some(Duration::from_millis(200)),
        ..Options::default()
    };
    let all = bytes_of(&frames());
    let last = bytes_of(&frames()[..3]).len();
    let late = format!("frame 3 at byte {last}: nobody has sent for 0.2 s");
    for cut in [0, 30] {
        for is_closed in [false, true] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let name = address(&listener);
            let bytes = all[..all.len() - cut].to_vec();
            let sender = thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                stream.write_all(&bytes).unwrap();
                (!is_closed).then_some(stream)
            });
            let (numbers, error) = read_with(&name, &options);
            drop(sender.join().unwrap());
            let told = match (cut, is_closed) {
                (0, _) => None,
                (_, false) => Some(&*late),
                (_, true) => Some("ends within the frame"),
            };
            match (&error, told) {
                (None, None) => {}
                (Some(error), Some(told)) => assert!(error.contains(told), "{error}"),
                _ => panic!("{error:?}"),
            }
            assert_eq!(numbers.len(), if cut == 0 { 4 } else { 3 });
        }
    }
}

#[test]
fn senders_may_call() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let sender = thread::spawn(move || {
        jobwise_testing::until("somebody listens", || {
            TcpStream::connect(("127.0.0.1", port))
                .and_then(|mut stream| stream.write_all(&bytes_of(&frames())))
                .is_ok()
        });
    });
    let name = PathBuf::from(format!("tcp://*:{port}"));
    let limited = Options {
        timeout: Some(Duration::from_secs(20)),
        ..Options::default()
    };
    assert_eq!(read_with(&name, &limited), (vec![0, 1, 2, 3], None));
    sender.join().unwrap();
    let short = Options {
        timeout: Some(Duration::from_millis(100)),
        ..Options::default()
    };
    let (_, error) = read_with(&name, &short);
    assert!(error.unwrap().ends_with("nobody has sent for 0.1 s"));
}
