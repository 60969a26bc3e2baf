//! What resuming makes of a file that is already there.

use jobwise_gmf::experiment::Experiment;
use jobwise_gmf::product::{Hdf5, Validity, file_path, validate};
use jobwise_gmf::settings::{Method, Missing, Settings, ZeroFrequency};
use jobwise_hdf5::file_access;

use crate::samples::{START, configuration, product, run, unseal};

type Change = fn(&mut Experiment, &mut Settings);

#[test]
fn only_the_same_configuration_and_length_is_complete() {
    let directory = tempfile::tempdir().unwrap();
    let (experiment, settings) = configuration(directory.path());
    let written = run(&experiment, &settings);
    let path = directory.path().join("gmf-1.h5");
    assert_eq!(validate(&path, &written, 2), Validity::Absent);
    product(&written).write(&path, &written).unwrap();
    assert_eq!(validate(&path, &written, 2), Validity::Complete);
    // The recording has grown since.
    assert_eq!(validate(&path, &written, 3), Validity::Shorter);
    // It has lost its end.
    assert_eq!(validate(&path, &written, 1), Validity::Longer);

    let elsewhere: [Change; 5] = [
        // Settings of other methods.
        |_, s| (s.compat, s.reduce.range) = (true, true),
        |_, s| s.target_separation_gates = Some(3),
        |_, s| s.gmf_implementation = "cuda".into(),
        |_, s| s.node_gpus = 4,
        |e, s| {
            e.path = "moved.ini".into();
            s.path = "moved.ini".into();
        },
    ];
    for change in elsewhere {
        let (mut experiment, mut settings) = (experiment.clone(), settings.clone());
        change(&mut experiment, &mut settings);
        let same = run(&experiment, &settings);
        assert_eq!(validate(&path, &same, 2), Validity::Complete);
    }
    let otherwise: [Change; 14] = [
        |_, s| s.gmf_method = Method::Fdpt,
        |_, s| s.n_ipp = 10,
        |_, s| s.min_acceleration = -5000.5,
        |_, s| s.num_cohints_per_file = 3,
        |_, s| s.missing = Missing::Zero,
        |_, s| s.min_tx_amplitude = 2.0,
        |_, s| s.dpt_restrict = true,
        |_, s| s.dc = ZeroFrequency::FirstAcceleration,
        |_, s| s.gmf_method = Method::NoReduce,
        |_, s| s.targets = 2,
        |_, s| (s.targets, s.target_separation_gates) = (2, Some(3)),
        |_, s| s.min_range_gate = 1951,
        |e, _| e.radar_frequency = 929.7,
        |e, _| e.rx_channel = "other".into(),
    ];
    for (number, change) in otherwise.into_iter().enumerate() {
        let (mut experiment, mut settings) = (experiment.clone(), settings.clone());
        change(&mut experiment, &mut settings);
        let other = run(&experiment, &settings);
        let validity = validate(&path, &other, 2);
        assert!(matches!(validity, Validity::Different { .. }), "{number}");
    }
}

#[test]
fn what_cannot_be_read_is_damaged() {
    let directory = tempfile::tempdir().unwrap();
    let (experiment, settings) = configuration(directory.path());
    let run = run(&experiment, &settings);
    let path = directory.path().join("gmf-1.h5");
    product(&run).write(&path, &run).unwrap();
    let whole = std::fs::read(&path).unwrap();
    for length in [0, 100, whole.len() / 2] {
        std::fs::write(&path, &whole[..length]).unwrap();
        let validity = validate(&path, &run, 2);
        assert!(matches!(validity, Validity::Damaged { .. }), "{length}");
    }
    for missing in ["gmf", "epoch_unix"] {
        std::fs::write(&path, &whole).unwrap();
        // Without its checksum, as an older version wrote it.
        unseal(&path);
        let file = file_access::open_rw(&path).unwrap();
        file.unlink(missing).unwrap();
        file.close().unwrap();
        let Validity::Damaged { why } = validate(&path, &run, 2) else {
            panic!("a file without {missing} must be damaged");
        };
        assert!(why.contains(missing) && !why.contains('\n'), "{why}");
    }
}

#[test]
fn what_cannot_be_looked_at_or_opened_is_neither_absent_nor_damaged() {
    let directory = tempfile::tempdir().unwrap();
    let (experiment, settings) = configuration(directory.path());
    let run = run(&experiment, &settings);
    let circle = directory.path().join("circle.h5");
    std::os::unix::fs::symlink("circle.h5", &circle).unwrap();
    let later = directory.path().join("later.h5");
    product(&run).write(&later, &run).unwrap();
    // Without its checksum, and of a version that the library does not know yet.
    unseal(&later);
    let mut bytes = std::fs::read(&later).unwrap();
    bytes[8] = 9;
    std::fs::write(&later, bytes).unwrap();
    for path in [circle, later] {
        let Validity::Unreadable { why } = validate(&path, &run, 2) else {
            panic!("{}: {:?}", path.display(), validate(&path, &run, 2));
        };
        assert!(why.contains(&path.display().to_string()), "{why}");
    }
}

#[test]
fn every_flipped_bit_is_damage() {
    let directory = tempfile::tempdir().unwrap();
    let (experiment, settings) = configuration(directory.path());
    for compression in [0, 3] {
        let run = run(&experiment, &settings).compression(compression);
        let path = directory.path().join("gmf-1.h5");
        product(&run).write(&path, &run).unwrap();
        let whole = std::fs::read(&path).unwrap();
        let flips = 1000;
        for flip in 0..flips {
            // Spread evenly over the file, the trailer at its end included.
            let place = if flip < 80 {
                whole.len() - 1 - flip
            } else {
                flip * (whole.len() - 1) / flips
            };
            let mut bytes = whole.clone();
            bytes[place] ^= 1 << (flip % 8);
            std::fs::write(&path, bytes).unwrap();
            let validity = validate(&path, &run, 2);
            let is_damaged = matches!(validity, Validity::Damaged { .. });
            assert!(is_damaged, "byte {place} of {}: {validity:?}", whole.len());
        }
        for text in ["", "no HDF5"] {
            std::fs::write(&path, text).unwrap();
            assert!(matches!(validate(&path, &run, 2), Validity::Damaged { .. }));
        }
    }
}

#[test]
fn a_file_of_another_program_is_not_thrown_away() {
    let directory = tempfile::tempdir().unwrap();
    let (experiment, settings) = configuration(directory.path());
    let run = run(&experiment, &settings);
    let path = directory.path().join("gmf-1.h5");
    let file = file_access::create(&path).unwrap();
    file.create_group("somebody's").unwrap();
    file.close().unwrap();
    let validity = validate(&path, &run, 2);
    assert!(
        matches!(validity, Validity::Different { .. }),
        "{validity:?}"
    );
    // What cannot be opened as a file is not damaged either.
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    let validity = validate(&path, &run, 2);
    assert!(
        matches!(validity, Validity::Unreadable { .. }),
        "{validity:?}"
    );
}

#[test]
fn a_file_of_the_peer_is_judged_by_its_attributes() {
    let Some(reference) = jobwise_testing::reference("gmf") else {
        return;
    };
    let directory = tempfile::tempdir().unwrap();
    let (experiment, settings) = configuration(directory.path());
    let same = run(&experiment, &settings);
    let rate = product(&same).rate;
    let path = file_path(&reference.join("A_gmf_fgmf_numpy"), START, rate, &Hdf5).unwrap();
    assert_eq!(validate(&path, &same, 2), Validity::Complete);
    let other = Settings {
        max_acceleration: 4000.0,
        ..settings
    };
    let Validity::Different { what } = validate(&path, &run(&experiment, &other), 2) else {
        panic!("another limit must be told");
    };
    assert!(
        what.contains("max_acceleration is 5000 instead of 4000"),
        "{what}"
    );
}

/// Files that exist keep their meaning: a setting that came later must not change the digest where
/// it has its default.
#[test]
fn the_digest_of_a_search_is_what_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let (experiment, settings) = configuration(directory.path());
    for (method, digest) in [
        (Method::Fgmf, "96adb8f73339d825a380914873d0604f"),
        (Method::Fdpt, "aa3803a9facfed4e034324f75c42a6ed"),
    ] {
        let settings = Settings {
            gmf_method: method,
            ..settings.clone()
        };
        let run = run(&experiment, &settings).channels("sim", "sim");
        assert_eq!(run.config_hash(), digest);
    }
}
