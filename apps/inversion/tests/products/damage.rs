use std::fs;

use jobwise_inversion::products::LineFile;

use crate::fixture;
use crate::program::{done, refused};

#[test]
fn damaged_files_are_told_and_passed_over() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    fixture::write(&at.join("100.0.h5"), 100.0, true);
    fs::write(at.join("200.0.h5"), "no results").unwrap();
    let whole = fs::read(at.join("100.0.h5")).unwrap();
    fs::write(at.join("300.0.h5"), &whole[..whole.len() / 2]).unwrap();
    for arguments in [
        ["summary", ".", "--json", "a"],
        ["export", ".", "--format=csv", "--output=b"],
        ["plot", ".", "--line=100", "--output=c.png"],
    ] {
        let (message, status) = refused(at, &arguments);
        assert_eq!(status, 3, "{message}");
        for name in ["200.0.h5", "300.0.h5"] {
            assert_eq!(message.matches(name).count(), 1, "{message}");
        }
        let mut strict = arguments.to_vec();
        strict.push("--strict");
        assert_eq!(refused(at, &strict).1, 1);
    }
    for written in ["a", "b", "c.png"] {
        assert!(at.join(written).is_file());
    }
    fs::remove_file(at.join("100.0.h5")).unwrap();
    let (message, status) = refused(at, &["summary", "."]);
    assert!(
        status == 1 && message.contains("none of which is of results"),
        "{message}"
    );
    assert_eq!(refused(at, &["summary", "nowhere"]).1, 1);
}

/// Every cut, and every byte of the head, gives results or a message.
#[test]
fn no_damage_is_a_panic() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("100.0.h5");
    fixture::write(&path, 100.0, true);
    let whole = fs::read(&path).unwrap();
    let mut open = 0;
    let mut look = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        if let Ok(file) = LineFile::open(&path) {
            open += 1;
            for row in 0..file.count().min(3) {
                let _ = file.point(row).map(|point| point.misfit());
            }
            let _ = file.about();
        }
    };
    for part in 0..100 {
        look(&whole[..whole.len() * part / 100]);
    }
    for place in (0..whole.len()).step_by(97) {
        let mut changed = whole.clone();
        changed[place] ^= 0x5a;
        look(&changed);
    }
    assert!(open > 0);
}

#[test]
fn foreign_files_say_what_is_absent() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    let path = at.join("100.0.h5");
    drop(jobwise_hdf5::file_access::create(&path).unwrap());
    let (message, status) = refused(at, &["inspect", "result", "100.0.h5"]);
    assert!(
        status == 1 && message.contains("data/fiducial/data"),
        "{message}"
    );
    fixture::write(&path, 100.0, true);
    let file = jobwise_hdf5::file_access::open_rw(&path).unwrap();
    let group = file.group("model/values/posterior/values").unwrap();
    group.unlink("data").unwrap();
    let vast = group.new_dataset::<i32>().shape([3, 1 << 20, 1 << 20]);
    let vast = vast.chunk([1, 1, 1 << 20]).create("data").unwrap();
    drop((vast, group));
    file.close().unwrap();
    let (message, status) = refused(at, &["inspect", "result", "100.0.h5"]);
    assert!(status == 1 && message.contains("edges say"), "{message}");
    fs::remove_file(&path).unwrap();
    fixture::write(&path, 100.0, true);
    done(at, &["inspect", "result", "100.0.h5"]);
}
