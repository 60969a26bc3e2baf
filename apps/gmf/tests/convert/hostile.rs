//! Files that are damaged, or lie.

use std::fs;
use std::path::Path;
use std::time::Instant;

use jobwise_gmf::Result;
use jobwise_gmf::mat::MatFile;
use proptest::prelude::*;

use super::mat_writer::{CLASS_DOUBLE, Mat, Order, Stored, bzip2};

/// Reads everything; the number of values.
fn read(bytes: &[u8]) -> Result<usize> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.mat");
    fs::write(&path, bytes).unwrap();
    read_at(&path)
}

fn read_at(path: &Path) -> Result<usize> {
    let mut file = MatFile::open(path)?;
    let mut values = 0;
    while let Some(array) = file.next_array()? {
        values += match array.name() {
            "t" => array.text(100)?.len(),
            "an array" => 0,
            _ => array.complex(1000, |v| v)?.len(),
        };
    }
    Ok(values)
}

fn sample() -> Mat {
    Mat::new(Order::Little)
        .text("t", "text")
        .real("r", Stored::F64, &[1.0, 2.0, 3.0])
        .complex("d_raw", Stored::F32, &[(1.0, 2.0), (3.0, 4.0), (5.0, 6.0)])
}

#[track_caller]
fn must_refuse(bytes: &[u8], told: &str) {
    let error = read(bytes).unwrap_err().to_string();
    assert!(error.contains("a.mat"), "{error}");
    assert!(error.contains(told), "no {told:?} in {error}");
}

#[test]
fn other_files() {
    must_refuse(b"", "is no MATLAB file of version 5");
    must_refuse(&[b'x'; 500], "is no MATLAB file of version 5");
    must_refuse(b"BZh9 and nonsense", "is damaged");
    must_refuse(&bzip2(b"short"), "is no MATLAB file of version 5");
    let mut v73 = b"MATLAB 7.3 MAT-file, Platform: GLNXA64".to_vec();
    v73.resize(512, b' ');
    for bytes in [&v73, &b"\x89HDF\r\n\x1a\n and more".to_vec()] {
        must_refuse(bytes, "version 7.3 (HDF5): save it with -v7 or -v6");
    }
}

#[test]
fn cut_anywhere() {
    for whole in [
        sample().bytes,
        sample().deflated().bytes,
        bzip2(&sample().bytes),
    ] {
        assert_eq!(read(&whole).unwrap(), 4 + 3 + 3);
        let mut refused = 0;
        for length in 0..whole.len() {
            // Between two variables a plain file may end; nothing else may pass.
            match read(&whole[..length]) {
                Ok(values) => assert!([0, 4, 7].contains(&values), "{length}: {values}"),
                Err(_) => refused += 1,
            }
        }
        assert!(refused >= whole.len() - 3, "{refused} of {}", whole.len());
    }
}

#[test]
fn lengths_that_lie() {
    let mat = || Mat::new(Order::Little);
    // A variable longer than the file.
    let mut long = sample().bytes;
    long[132..136].copy_from_slice(&u32::MAX.to_le_bytes());
    must_refuse(&long, "claims 4294967295 bytes, but");
    // The same where the length of the file is not known.
    must_refuse(&bzip2(&long), "is cut off");
    // A part longer than its variable.
    let mut body = mat().header(CLASS_DOUBLE, &[1, 2], "r");
    body.extend(mat().word(9));
    body.extend(mat().word(1 << 30));
    body.extend([0; 16]);
    must_refuse(
        &mat().array(&body).bytes,
        "claim 1073741824 bytes, but 16 are left",
    );
    must_refuse(
        &mat().array(&body).deflated().bytes,
        "claim 1073741824 bytes, but 16 are left",
    );
    // More numbers than bytes, and the other way round.
    for size in [1 << 30, 3, 1, 0] {
        let mut body = mat().header(CLASS_DOUBLE, &[size, 1], "r");
        body.extend(mat().numbers(Stored::F64, &[1.0, 2.0]));
        must_refuse(
            &mat().array(&body).bytes,
            &format!("16 bytes for {size} numbers of 8"),
        );
    }
    // A small element that claims more than it can hold.
    let mut body = mat().header(CLASS_DOUBLE, &[1, 1], "r");
    body.extend(mat().word(9 << 16 | 9));
    body.extend([0; 4]);
    must_refuse(&mat().array(&body).bytes, "claim 9 bytes");
}

#[test]
fn impossible_headers() {
    let mat = || Mat::new(Order::Little);
    let with = |dimensions: &[u32]| {
        let header = mat().header(CLASS_DOUBLE, dimensions, "r");
        mat().array(&header).bytes
    };
    must_refuse(&with(&[1 << 31, 1]), "a dimension is negative");
    must_refuse(
        &with(&[i32::MAX as u32; 3]),
        "its dimensions are impossible",
    );
    must_refuse(&with(&[5]), "its dimensions are impossible");
    must_refuse(
        &with(&[1; 33]),
        "its dimensions are of type 5 with 132 bytes",
    );
    let long = mat().header(CLASS_DOUBLE, &[1, 1], &"n".repeat(300));
    must_refuse(
        &mat().array(&long).bytes,
        "its name are of type 1 with 300 bytes",
    );
    must_refuse(&mat().array(&[]).bytes, "ends before its flags");
    must_refuse(
        &mat().element_deflated(b"").bytes,
        "deflated variable is no array",
    );
    must_refuse(
        &mat().element_deflated(&sample().bytes).bytes,
        "deflated variable is no array",
    );
    let mut broken = sample().deflated().bytes;
    let end = broken.len() - 20;
    broken[end..].fill(0xff);
    must_refuse(&broken, "claim");
}

#[test]
fn a_small_file_costs_no_memory_and_no_time() {
    // A bzip2 file of a few hundred bytes that claims a variable of 4 GB.
    let mut body = Mat::new(Order::Little).bytes;
    body.extend(14u32.to_le_bytes());
    body.extend(u32::MAX.to_le_bytes());
    let header = Mat::new(Order::Little).header(CLASS_DOUBLE, &[1 << 29, 1], "d_raw");
    body.extend(&header);
    body.extend(9u32.to_le_bytes());
    body.extend((1u32 << 31).to_le_bytes());
    let started = Instant::now();
    must_refuse(
        &bzip2(&body),
        "its real part has 2147483648 bytes for 536870912 numbers of 8",
    );
    assert!(started.elapsed().as_secs() < 5);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn random_damage_never_panics(changes in prop::collection::vec((128usize..600, any::<u8>()), 1..6), deflated: bool) {
        let mut bytes = if deflated { sample().deflated().bytes } else { sample().bytes };
        for (at, value) in changes {
            let length = bytes.len();
            bytes[128 + (at - 128) % (length - 128)] = value;
        }
        // Either is fine: the damage may have hit padding.
        if let Ok(values) = read(&bytes) {
            prop_assert!(values <= 3000);
        }
    }
}
