//! Damaged files and objects: they cost an error, and never a panic, a hang or memory for what is
//! only claimed.

use bytes::Bytes;
use jobwise_frames::frame::{Damage, Frame};
use jobwise_frames::json::frame_to_json;
use jobwise_frames::object::Object;
use jobwise_testing::damage::damaged;
use jobwise_testing::{memory, number};

use crate::reference::frames;
use crate::samples::frame_of_all_classes;

/// How many damaged files, and how many damaged frames whose checksum is right, are tried.
fn cases() -> u64 {
    number("JOBWISE_DAMAGED").unwrap_or(10_000)
}

/// Says which case it was, when one panics.
struct Case(u64);

impl Drop for Case {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("with the damage number {}", self.0);
        }
    }
}

/// Sound files: of the reference where it is there, and one of our own.
fn sound() -> Vec<Vec<Frame>> {
    let names = [
        "scalars",
        "timestreams",
        "maps",
        "obs",
        "pipeinfo",
        "legacy",
        "bigendian",
    ];
    let mut files: Vec<Vec<Frame>> = names.iter().map_while(|name| frames(name)).collect();
    files.push(vec![frame_of_all_classes()]);
    files
}

fn bytes_of(frames: &[Frame]) -> Vec<u8> {
    let frames = frames.iter().map(|frame| frame.to_bytes().unwrap());
    frames.fold(Vec::new(), |mut file, frame| {
        file.extend_from_slice(&frame);
        file
    })
}

/// Reads what can be read; how much was there.
fn read_all(file: &Bytes) -> usize {
    let (mut at, mut count) = (0, 0);
    while at < file.len() {
        match Frame::parse(file, at) {
            Ok((frame, end)) => {
                assert!(end > at && end <= file.len());
                assert_eq!(frame.to_bytes().unwrap(), file[at..end]);
                at = end;
                count += 1;
            }
            Err(Damage {
                length: Some(length),
                ..
            }) => at += length as usize,
            Err(_) => break,
        }
    }
    count
}

#[test]
fn damaged_files_are_read_up_to_the_damage() {
    let files: Vec<Vec<u8>> = sound().iter().map(|frames| bytes_of(frames)).collect();
    let mut whole = 0;
    for seed in 0..cases() {
        let case = Case(seed);
        let file = &files[seed as usize % files.len()];
        let damaged = Bytes::from(damaged(file, seed));
        let (count, held) = memory(|| read_all(&damaged));
        // An entry is 16 bytes in a file, and an object in memory.
        let limit = 20 * damaged.len() as u64 + 4096;
        assert!(held <= limit, "{held} bytes for {}", damaged.len());
        let mut stream = &damaged[..];
        let mut streamed = 0;
        let ((), held) = memory(|| {
            while let Ok(Some(_)) = Frame::read(&mut stream) {
                streamed += 1;
            }
        });
        assert!(held <= limit, "{held} bytes for a stream");
        assert!(streamed <= count);
        whole += count;
        drop(case);
    }
    assert!(whole > 0);
}

#[test]
fn damaged_objects_are_refused_or_have_a_value() {
    let files = sound();
    let blobs: Vec<Bytes> = files
        .iter()
        .flatten()
        .flat_map(Frame::iter)
        .map(|(_, object)| object.blob().unwrap())
        .collect();
    let (mut read, mut refused) = (0, 0);
    for seed in 0..cases() {
        let case = Case(seed);
        let blob = Bytes::from(damaged(&blobs[seed as usize % blobs.len()], seed));
        let object = Object::from_blob(blob.clone());
        let (is_read, held) = memory(|| object.value().is_ok());
        // Texts and names of no length are 8 bytes in a file, and 32 in memory; lists grow by
        // doubling.
        let has_bzip2 = object
            .class()
            .is_ok_and(|class| class == "G3SuperTimestream");
        // The decoder of bzip2 has up to 4 MB of its own.
        let own = if has_bzip2 { 4 << 20 } else { 16384 };
        let limit = 16 * blob.len() as u64 + own;
        assert!(held <= limit, "{held} bytes for {}", blob.len());
        let mut frame = Frame::default();
        frame.put("damaged", object.clone());
        frame_to_json(&frame, |_| true);
        if is_read {
            // What was read can be written, and is the same again.
            let value = object.value().unwrap().clone();
            let written = Object::new(value).blob();
            if let Ok(written) = written {
                let again = Object::from_blob(written.clone());
                let again = Object::new(again.value().unwrap().clone());
                assert_eq!(again.blob().unwrap(), written);
            }
            read += 1;
        } else {
            refused += 1;
        }
        drop(case);
    }
    assert!(read > 0 && refused > 0, "{read} read, {refused} refused");
}
