//! Output files that were damaged after they were written: an analysis does them again, everything
//! else names them and goes on.

use std::fs;
use std::path::Path;

use crate::bench::Bench;

type Damage = fn(&Path);

/// What power failures, disks and mistakes leave.
const DAMAGES: [(&str, Damage); 7] = [
    ("empty", |path| fs::write(path, "").unwrap()),
    ("no HDF5 file", |path| fs::write(path, "lost").unwrap()),
    ("cut", |path| cut(path, 3000)),
    ("without its last byte", |path| {
        cut(path, fs::metadata(path).unwrap().len() - 1);
    }),
    ("a bit of the first bytes", |path| flip(path, 9)),
    ("a bit of a number", |path| {
        flip(path, fs::metadata(path).unwrap().len() as usize / 2);
    }),
    ("a bit of the checksum", |path| {
        flip(path, fs::metadata(path).unwrap().len() as usize - 20);
    }),
];

fn cut(path: &Path, length: u64) {
    let file = fs::OpenOptions::new().write(true).open(path).unwrap();
    file.set_len(length).unwrap();
}

fn flip(path: &Path, place: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[place] ^= 4;
    fs::write(path, bytes).unwrap();
}

#[test]
fn what_is_damaged_is_done_again_and_named_by_all_others() {
    let bench = Bench::with(&[("end_time", "0.3")], &[]);
    let whole = bench.whole("found");
    let (name, _) = whole.0.iter().nth(1).unwrap();
    let file = bench.path("found").join(name);
    let last = name.file_name().unwrap().to_str().unwrap();
    for (case, damage) in DAMAGES {
        damage(&file);
        let is_named = |text: &str| text.matches(last).count() == 1 && text.contains("warning: ");
        for command in [
            &["inspect", "gmf", "found"][..],
            &["inspect", "gmf", "found", "--peaks"],
            &["detect", "found"],
            &["plot", "gmf", "found", "-o", "plots"],
        ] {
            let ended = bench.run(command.iter().copied());
            assert_eq!(ended.status, Some(3), "{case}: {command:?}: {ended:?}");
            assert!(is_named(&ended.stderr), "{case}: {command:?}: {ended:?}");
            assert!(!ended.stdout.is_empty(), "{case}: {command:?}: {ended:?}");
            let ended = bench.run(command.iter().copied().chain(["--strict"]));
            ended.must_refuse_soon(case, 1, &[last]);
        }
        let ended = bench.analyze("found", &[]);
        assert!(ended.succeeded(), "{case}: {ended:?}");
        assert!(is_named(&ended.stderr), "{case}: {ended:?}");
        bench.tree("found").must_equal(&whole);
        let ended = bench.analyze("found", &[]);
        assert!(
            ended.succeeded() && ended.stderr.is_empty(),
            "{case}: {ended:?}"
        );
    }
    // Nothing is left to go on with.
    for name in whole.0.keys() {
        cut(&bench.path("found").join(name), 100);
    }
    let ended = bench.run(["detect", "found"]);
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(
        ended.stderr.contains("no GMF file that can be read"),
        "{ended:?}"
    );
}
