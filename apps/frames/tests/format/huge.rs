//! Objects of 4 GiB, of which the existing library checks the wrong bytes.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};

use jobwise_frames::frame::{Frame, FrameType, Huge};
use jobwise_frames::input::{Options, open};
use jobwise_frames::object::Object;
use jobwise_testing::number;

/// The checksum that a file should have and that of the existing library, for an object of 4 GiB
/// and 8 bytes.
fn checksums(frame: &Frame) -> (u32, u32) {
    let object = frame.get("huge").unwrap().blob().unwrap();
    let mut short = Frame::new(FrameType::SCAN);
    short.put("huge", Object::from_blob(object.slice(..8)));
    let theirs = Frame::parse(&short.to_bytes().unwrap(), 0).unwrap().0;
    let whole = {
        let mut crc = crc_fast::Digest::new_with_init_state(crc_fast::CrcAlgorithm::Crc32Iscsi, 0);
        crc.update(b"huge");
        crc.update(&object);
        !crc.finalize() as u32
    };
    (whole, theirs.stored_checksum().unwrap())
}

#[test]
fn objects_of_4_gib_have_one_of_two_checksums() {
    if number("JOBWISE_HUGE").is_none() {
        // It takes 10 GB of memory, 5 GB of disk and a minute.
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("huge.g3");
    let mut file = File::create(&path).unwrap();
    let length = (1u64 << 32) + 8;
    let mut head = vec![1, 1, 0, 0, 0, 1, 0, 0, 0, b'S', 0, 0, 0];
    head.extend(4u64.to_le_bytes());
    head.extend(b"huge");
    head.extend(length.to_le_bytes());
    head.extend([7; 8]);
    file.write_all(&head).unwrap();
    let at_checksum = head.len() as u64 + length - 8;
    let mut stored = |checksum: u32| {
        file.seek(SeekFrom::Start(at_checksum)).unwrap();
        file.write_all(&checksum.to_le_bytes()).unwrap();
        open(&path, &Options::default()).unwrap().next().unwrap()
    };
    assert!(stored(1).is_err());
    let blob = bytes::Bytes::from([&[7; 8][..], &vec![0; 1 << 32]].concat());
    let mut frame = Frame::new(FrameType::SCAN);
    frame.put("huge", Object::from_blob(blob));
    let (whole, theirs) = checksums(&frame);
    assert!(stored(whole).is_ok() && stored(theirs).is_ok());
    assert!(frame.to_bytes().is_err());
    let written = frame.to_bytes_with(Huge::Allowed).unwrap();
    assert_eq!(written[written.len() - 4..], theirs.to_le_bytes());
}
