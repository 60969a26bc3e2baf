use std::fs;
use std::path::PathBuf;

use super::*;
use crate::amendment::Writable;
use crate::atomic::AtomicFile;
use crate::{attributes, file_access};

/// A sealed file with a contiguous and a chunked dataset, and an attribute.
fn sealed() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sealed.h5");
    let atomic = AtomicFile::new(&path).unwrap();
    let file = atomic.create_h5().unwrap();
    let numbers: Vec<i32> = (0..100).collect();
    let made = |chunk: Option<usize>| {
        let builder = file.new_dataset_builder();
        match chunk {
            None => builder.with_data(&numbers).create("plain"),
            Some(n) => {
                let builder = builder.chunk(n).deflate(1);
                builder.with_data(&numbers).create("chunked")
            }
        }
    };
    drop(made(None).and(made(Some(16))).unwrap());
    attributes::write_text(&file, "title", "numbers").unwrap();
    atomic.commit_h5(file).unwrap();
    (directory, path)
}

fn is_broken(path: &Path) -> bool {
    verify(path).unwrap().problem().is_some()
}

#[test]
fn the_library_reads_a_sealed_file() {
    let (_directory, path) = sealed();
    assert_eq!(verify(&path).unwrap(), Seal::Whole);
    let file = file_access::open(&path).unwrap();
    let numbers = file.dataset("chunked").unwrap().read_raw::<i32>().unwrap();
    assert_eq!(numbers, (0..100).collect::<Vec<_>>());
    drop(file);
    // Its own tools find it as they find any other.
    let file = hdf5::File::open(&path).unwrap();
    assert_eq!(attributes::read_text(&file, "title").unwrap(), "numbers");
}

#[test]
fn every_flipped_bit_is_noticed() {
    let (_directory, path) = sealed();
    let whole = fs::read(&path).unwrap();
    for place in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 1 << (place % 8);
        fs::write(&path, bytes).unwrap();
        // In the first bytes of an old superblock lies what makes it a file of another kind.
        let seal = verify(&path).unwrap();
        assert!(seal.problem().is_some(), "byte {place}: {seal:?}");
    }
}

#[test]
fn every_cut_is_noticed() {
    let (_directory, path) = sealed();
    let whole = fs::read(&path).unwrap();
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        // Only the end mark is gone: all that was written is there.
        let is_content_whole = length == whole.len() - BEHIND as usize;
        assert_eq!(is_broken(&path), !is_content_whole, "cut to {length}");
    }
    // A last page of zeros, as a power failure leaves it.
    let mut bytes = whole.clone();
    let from = whole.len() / 4096 * 4096;
    bytes[from..].fill(0);
    fs::write(&path, bytes).unwrap();
    assert!(is_broken(&path));
}

#[test]
fn a_file_without_a_checksum_is_no_damaged_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("plain.h5");
    let file = file_access::create(&path).unwrap();
    file.new_dataset_builder()
        .with_data(&[1.0, 2.0])
        .create("x")
        .unwrap();
    file.close().unwrap();
    assert_eq!(verify(&path).unwrap(), Seal::Unsealed);
}

#[test]
fn a_sealed_file_that_is_changed_loses_its_seal_and_nothing_else() {
    let (_directory, path) = sealed();
    let whole = fs::read(&path).unwrap();
    let length = whole.len() as u64;
    let mut writable = Writable::claim(&path).unwrap();
    assert!(fs::read(&path).unwrap() == whole, "nothing has changed yet");
    drop(writable.open().unwrap());
    assert_eq!(verify(&path).unwrap(), Seal::Unsealed);
    assert_eq!(
        fs::metadata(&path).unwrap().len(),
        length - COUNTED - BEHIND
    );
    writable
        .amend(|file| attributes::write_text(file, "more", "text"))
        .unwrap();
    drop(writable);
    assert_eq!(verify(&path).unwrap(), Seal::Unsealed);
    let file = file_access::open(&path).unwrap();
    assert_eq!(attributes::read_text(&file, "more").unwrap(), "text");
    drop(file);

    // Killed between the steps of that.
    fs::write(&path, &whole).unwrap();
    let disk = File::options().read(true).write(true).open(&path).unwrap();
    let place = superblock::end_of(&disk).unwrap().unwrap();
    superblock::set_end(&disk, place, place.end - COUNTED).unwrap();
    assert_eq!(verify(&path).unwrap(), Seal::Unsealed);
    assert!(file_access::open(&path).is_ok());
    remove(&disk).unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().len(),
        length - COUNTED - BEHIND
    );
    assert_eq!(verify(&path).unwrap(), Seal::Unsealed);
}

#[test]
fn a_file_that_another_program_opened_can_be_amended() {
    let (_directory, path) = sealed();
    hdf5::File::open_rw(&path).unwrap().close().unwrap();
    assert_eq!(verify(&path).unwrap(), Seal::Whole);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert_eq!(verify(&path).unwrap(), Seal::Reopened);
    Writable::claim(&path).unwrap().unseal().unwrap();
    assert_eq!(verify(&path).unwrap(), Seal::Unsealed);
    assert!(file_access::open(&path).is_ok());
}

#[test]
fn a_damaged_file_is_not_amended() {
    let (_directory, path) = sealed();
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    let error = Writable::claim(&path).unwrap_err().to_string();
    assert!(
        error.contains("sealed.h5") && error.contains("changed since"),
        "{error}"
    );
    let copy = AtomicFile::new(path.with_file_name("copy.h5")).unwrap();
    assert_eq!(copy.copy_h5(&path).unwrap_err().to_string(), error);
}

#[test]
fn a_lost_trailer_is_told_from_bytes_that_somebody_began_to_add() {
    let (_directory, path) = sealed();
    let whole = fs::read(&path).unwrap();
    let mut zeros = whole.clone();
    zeros[whole.len() - (COUNTED + BEHIND) as usize..].fill(0);
    fs::write(&path, zeros).unwrap();
    assert!(is_broken(&path));
    fs::write(&path, &whole).unwrap();
    Writable::claim(&path).unwrap().unseal().unwrap();
    let unsealed = fs::read(&path).unwrap();
    for more in 1..80 {
        fs::write(&path, [&unsealed[..], &vec![b'x'; more]].concat()).unwrap();
        assert_eq!(verify(&path).unwrap(), Seal::Unsealed, "{more}");
    }
}

#[test]
fn what_happened_to_a_file_is_told() {
    let (_directory, path) = sealed();
    let whole = fs::read(&path).unwrap();
    let cut = whole[..whole.len() - 3].to_vec();
    let longer = [&whole[..], b"more"].concat();
    for (bytes, told) in [(cut, "was cut"), (longer, "added behind its end")] {
        fs::write(&path, bytes).unwrap();
        let seal = verify(&path).unwrap();
        assert!(seal.problem().unwrap().contains(told), "{seal:?}");
    }
}
