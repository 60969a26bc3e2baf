use std::os::unix::fs::{FileExt, symlink};

use hdf5::file::LibraryVersion;
use ndarray::Array2;

use super::commit::{Commit, Step};
use super::journal::Region;
use super::*;
use crate::{self as h5, attributes};

#[path = "../../tests/amend/sample.rs"]
mod sample;

use sample::{LOWEST, add_results, count_results, measured, raw_data, refused};

#[test]
fn groups_datasets_and_attributes_are_added() {
    for lowest in LOWEST {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("measured.h5");
        measured(&path, lowest);
        let raw = raw_data(&path);
        let mut file = Writable::claim(&path).unwrap();
        for n in 0..40 {
            file.amend(|file| add_results(file, n)).unwrap();
            assert_eq!(count_results(&path), n + 1);
        }
        assert_eq!(raw_data(&path), raw);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}

#[test]
fn chunks_are_added_to_a_table_that_is_there() {
    for lowest in LOWEST {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("measured.h5");
        measured(&path, lowest);
        let mut file = Writable::claim(&path).unwrap();
        for rows in [64, 400, 3000] {
            let grow = |file: &hdf5::File| {
                let table = file.dataset("Measurement_000/Table")?;
                table.resize((rows, 4))?;
                let values = Array2::from_shape_fn((rows, 4), |(i, j)| (i * j) as f64);
                table.write(&values)
            };
            file.amend(|file| grow(file).map_err(refused("Table")))
                .unwrap();
            let table = file_access::open(&path)
                .unwrap()
                .dataset("Measurement_000/Table")
                .unwrap();
            let expected = Array2::from_shape_fn((rows, 4), |(i, j)| (i * j) as f64);
            assert_eq!(table.read_2d::<f64>().unwrap(), expected);
        }
    }
}

#[test]
fn a_change_that_fails_changes_nothing() {
    for lowest in LOWEST {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("measured.h5");
        measured(&path, lowest);
        let before = fs::read(&path).unwrap();
        let mut writable = Writable::claim(&path).unwrap();

        let outcome: Result<()> = writable.amend(|file| {
            add_results(file, 0)?;
            file.flush().map_err(refused("flush"))?;
            Err(Error::Format {
                path: path.clone(),
                object: "it".into(),
                problem: "changed its mind".into(),
            })
        });
        assert!(
            outcome
                .unwrap_err()
                .to_string()
                .contains("changed its mind")
        );
        assert!(fs::read(&path).unwrap() == before);

        let outcome = catch_unwind(AssertUnwindSafe(|| {
            writable.amend(|file| -> Result<()> {
                add_results(file, 0)?;
                panic!("in the middle");
            })
        }));
        assert!(outcome.is_err());
        assert!(fs::read(&path).unwrap() == before);

        // A change that changes nothing, too.
        let names = writable
            .amend(|file| file.member_names().map_err(refused("names")))
            .unwrap();
        assert_eq!(names, ["Measurement_000"]);
        assert!(fs::read(&path).unwrap() == before);

        writable.amend(|file| add_results(file, 0)).unwrap();
        assert_eq!(count_results(&path), 1);
    }
}

#[test]
fn a_process_may_die_at_every_step() {
    for lowest in LOWEST {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("measured.h5");
        for died_at in 0.. {
            measured(&path, lowest);
            let mut writable = Writable::claim(&path).unwrap();
            writable.amend(|file| add_results(file, 0)).unwrap();
            let before = fs::read(&path).unwrap();
            let ((), finished) = writable.prepare(|file| add_results(file, 1)).unwrap();
            let journal = Journal::of(finished);
            // New data are on the disk already, not in memory.
            let end = |region: &Region| region.address + region.new.len() as u64;
            assert!(journal.regions.iter().all(|it| end(it) <= journal.old_end));
            let mut after = fs::read(&path).unwrap();
            after.resize(journal.new_end as usize, 0);
            for region in &journal.regions {
                after[region.address as usize..][..region.new.len()].copy_from_slice(&region.new);
            }
            let commit = writable.commit(&journal);
            let steps = commit.steps();
            assert!(
                journal.regions.len() > 1,
                "a change in one region proves little"
            );
            for &step in steps.iter().take(died_at) {
                commit.apply(step).unwrap();
            }
            if let Some(Step::Overwrite(index)) = steps.get(died_at) {
                // The system may have done a half.
                let region = &journal.regions[*index];
                let half = &region.new[..region.new.len() / 2];
                writable.disk.write_all_at(half, region.address).unwrap();
            }
            let done = |step: Step| steps.iter().position(|&it| it == step).unwrap() < died_at;
            drop(writable);

            assert_eq!(
                pending(&path).unwrap(),
                done(Step::Publish) && !done(Step::RemoveJournal)
            );
            let last = Step::Overwrite(journal.regions.len() - 1);
            if !done(Step::ForceName) {
                assert!(fs::read(&path).unwrap().starts_with(&before), "{died_at}");
                assert_eq!(count_results(&path), 1);
            } else if done(last) {
                assert_eq!(count_results(&path), 2);
            }

            let mut writable = Writable::claim(&path).unwrap();
            assert!(!pending(&path).unwrap());
            assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
            let results = 1 + usize::from(done(Step::Publish));
            assert_eq!(count_results(&path), results);
            if results == 2 {
                assert!(fs::read(&path).unwrap() == after);
            }
            // What was left behind the end is in nobody's way.
            writable.amend(|file| add_results(file, results)).unwrap();
            assert_eq!(count_results(&path), results + 1);
            // The number of steps may differ from one change to the next.
            if died_at >= steps.len() {
                break;
            }
        }
    }
}

/// A machine that dies may lose whatever was not forced to the disk, in any order.
#[test]
fn each_step_relies_on_what_is_on_the_disk() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("measured.h5");
    measured(&path, LibraryVersion::Earliest);
    let writable = Writable::claim(&path).unwrap();
    let ((), finished) = writable.prepare(|file| add_results(file, 0)).unwrap();
    let journal = Journal::of(finished);
    let steps = writable.commit(&journal).steps();
    let at = |step: Step| steps.iter().position(|&it| it == step).unwrap();
    let forced = |from: Step, to: Step, by: Step| steps[at(from)..at(to)].contains(&by);
    let last = Step::Overwrite(journal.regions.len() - 1);
    assert!(forced(Step::Lengthen, Step::Publish, Step::Force));
    assert!(forced(
        Step::WriteJournal,
        Step::Overwrite(0),
        Step::Publish
    ));
    assert!(forced(Step::Publish, Step::Overwrite(0), Step::ForceName));
    assert!(at(last) < at(Step::Cut));
    assert!(forced(Step::Cut, Step::RemoveJournal, Step::Force));
    assert_eq!(steps.last(), Some(&Step::ForceName));
}

#[test]
fn a_journal_of_another_file_is_not_applied() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("measured.h5");
    measured(&path, LibraryVersion::Earliest);
    let place = directory.path().join(".measured.h5.journal");
    let writable = Writable::claim(&path).unwrap();
    let ((), finished) = writable.prepare(|file| add_results(file, 0)).unwrap();
    let journal = Journal::of(finished);
    let commit = writable.commit(&journal);
    for step in &commit.steps()[..4] {
        commit.apply(*step).unwrap();
    }
    drop(writable);
    let whole = fs::read(&path).unwrap();

    let claims_nothing = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let error = Writable::claim(&path).unwrap_err().to_string();
        assert!(
            error.contains("another program") && error.contains(".measured.h5.journal"),
            "{error}"
        );
        assert_eq!(error.lines().count(), 1);
        assert!(fs::read(&path).unwrap() == bytes);
        assert!(place.exists());
    };
    claims_nothing(&whole[..whole.len() - 1]);
    let mut other = whole.clone();
    let region = &journal.regions[0];
    let odd = (0..region.old.len())
        .find(|&i| region.old[i] != region.new[i])
        .unwrap();
    other[region.address as usize + odd] = region.old[odd] ^ region.new[odd] ^ 0xff;
    claims_nothing(&other);
}

/// A file with a change that has a journal, and the first so many steps behind it.
fn begun(steps: usize) -> (tempfile::TempDir, PathBuf, Journal) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("measured.h5");
    measured(&path, LibraryVersion::Earliest);
    let writable = Writable::claim(&path).unwrap();
    let ((), finished) = writable.prepare(|file| add_results(file, 0)).unwrap();
    let journal = Journal::of(finished);
    let commit = writable.commit(&journal);
    let upto = commit.steps().len().min(steps);
    for step in &commit.steps()[..upto] {
        commit.apply(*step).unwrap();
    }
    drop(writable);
    (directory, path, journal)
}

#[test]
fn a_damaged_journal_is_never_dropped_in_silence() {
    // Up to its name, and with the first regions overwritten.
    for steps in [5, 6, 7] {
        let (directory, path, _) = begun(steps);
        let place = directory.path().join(".measured.h5.journal");
        let whole = fs::read(&path).unwrap();
        let encoded = fs::read(&place).unwrap();
        let length = encoded.len();
        for damage in [0, 20, 30, 48, 56, 70, length / 2, length - 33, length - 1] {
            for cut in [false, true] {
                let mut bytes = encoded.clone();
                bytes[damage] ^= 16;
                bytes.truncate(if cut { damage } else { length });
                fs::write(&path, &whole).unwrap();
                fs::write(&place, &bytes).unwrap();
                assert!(pending(&path).unwrap());
                let aside = directory.path().join("measured.h5.journal.damaged");
                match Writable::claim(&path) {
                    Ok(_) => {
                        assert!(
                            steps == 5,
                            "half changed and taken for whole: {damage}, {cut}"
                        );
                        assert_eq!(fs::read(&aside).unwrap(), bytes);
                        assert_eq!(count_results(&path), 0);
                        fs::remove_file(&aside).unwrap();
                    }
                    Err(error) => {
                        let error = error.to_string();
                        assert!(
                            error.contains(".measured.h5.journal is damaged")
                                || error.contains(".measured.h5.journal that"),
                            "{error}"
                        );
                        assert_eq!(fs::read(&place).unwrap(), bytes);
                        assert_eq!(fs::read(&path).unwrap(), whole);
                    }
                }
            }
        }
    }
}

#[test]
fn a_failed_roll_back_is_gone_on_with() {
    let (_directory, path, journal) = begun(6);
    let disk = fs::OpenOptions::new().read(true).write(true).open(&path);
    let disk = disk.unwrap();
    assert!(journal.new_end > journal.old_end);
    // The disk refused after the regions were restored and the file had its old length, before the
    // journal was removed.
    let commit = Commit {
        path: &path,
        disk: &disk,
        journal: &journal,
    };
    commit.restore().unwrap();
    drop(Writable::claim(&path).unwrap());
    assert!(!pending(&path).unwrap());
    assert_eq!(count_results(&path), 0);
    // It refused before all regions were restored, after the file was cut.
    let (_directory, path, journal) = begun(6);
    let disk = fs::OpenOptions::new().write(true).open(&path).unwrap();
    disk.set_len(journal.old_end).unwrap();
    drop(Writable::claim(&path).unwrap());
    assert!(!pending(&path).unwrap());
    assert_eq!(count_results(&path), 0);
}

#[test]
fn a_file_that_was_renamed_or_copied_finds_its_journal() {
    for steps in [6, 7] {
        for copied in [false, true] {
            let (directory, path, _) = begun(steps);
            let other = directory.path().join("renamed.h5");
            fs::copy(&path, &other).unwrap();
            if !copied {
                fs::remove_file(&path).unwrap();
            }
            assert!(pending(&other).unwrap());
            drop(Writable::claim(&other).unwrap());
            assert_eq!(count_results(&other), 1);
            assert!(!pending(&other).unwrap());
            let place = directory.path().join(".measured.h5.journal");
            assert_eq!(place.exists(), copied);
            if copied {
                drop(Writable::claim(&path).unwrap());
                assert_eq!(count_results(&path), 1);
            }
        }
    }
}

#[test]
fn a_journal_is_not_applied_to_a_file_that_only_looks_alike() {
    let (directory, path, journal) = begun(5);
    // The copy holds old bytes only, at the length of the changed one.
    let other = directory.path().join("other.h5");
    fs::rename(&path, &other).unwrap();
    let disk = fs::OpenOptions::new().write(true).open(&other).unwrap();
    disk.set_len(journal.longest()).unwrap();
    let before = fs::read(&other).unwrap();
    drop(Writable::claim(&other).unwrap());
    assert!(fs::read(&other).unwrap() == before);
    assert_eq!(count_results(&other), 0);
}

#[test]
fn what_cannot_be_written_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let claim = |name: &str| {
        let error = Writable::claim(at(name)).unwrap_err().to_string();
        assert!(
            error.contains(name) && error.lines().count() == 1,
            "{error}"
        );
        error
    };
    assert!(claim("absent.h5").contains("does not exist"));
    fs::create_dir(at("folder")).unwrap();
    assert!(claim("folder").contains("is a directory"));
    for (name, bytes) in [("empty", vec![]), ("text", vec![b'x'; 5000])] {
        fs::write(at(name), bytes).unwrap();
        assert!(claim(name).contains("is not an HDF5 file"));
    }
    measured(&at("taken.h5"), LibraryVersion::Earliest);
    let first = Writable::claim(at("taken.h5")).unwrap();
    assert!(claim("taken.h5").contains("is open in another program"));
    drop(first);
    Writable::claim(at("taken.h5")).unwrap();
    // As other programs open files: with the library's own lock.
    let theirs = hdf5::File::open(at("taken.h5")).unwrap();
    assert!(claim("taken.h5").contains("is open in another program"));
    drop(theirs);
    symlink(at("taken.h5"), at("link.h5")).unwrap();
    let mut linked = Writable::claim(at("link.h5")).unwrap();
    linked.amend(|file| add_results(file, 0)).unwrap();
    assert_eq!(count_results(&at("taken.h5")), 1);
}

#[test]
fn a_user_block_comes_before_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("block.h5");
    let mut options = hdf5::File::with_options();
    options.with_fcpl(|create| create.userblock(1024));
    let file = options.create(&path).unwrap();
    attributes::write_text(
        &file.create_group("Measurement_000").unwrap(),
        "instrument",
        "microscope",
    )
    .unwrap();
    drop(file);
    let mut writable = Writable::claim(&path).unwrap();
    for n in 0..3 {
        writable.amend(|file| add_results(file, n)).unwrap();
    }
    assert_eq!(count_results(&path), 3);
    assert_eq!(fs::read(&path).unwrap()[..1024], [0; 1024]);
}

#[test]
fn handles_from_before_are_not_left_behind() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("measured.h5");
    measured(&path, LibraryVersion::Earliest);
    let mut writable = Writable::claim(&path).unwrap();
    let dataset = writable
        .open()
        .unwrap()
        .dataset("Measurement_000/Table")
        .unwrap();
    let error = writable.amend(|file| add_results(file, 0)).unwrap_err();
    assert!(
        error.to_string().contains("still open for writing"),
        "{error}"
    );
    drop(dataset);
    // One that reads goes on reading.
    let source = file_access::open(&path).unwrap();
    let source = source.dataset("Measurement_000/Raw_Data").unwrap();
    writable.amend(|file| add_results(file, 0)).unwrap();
    assert!(source.read_raw::<u32>().unwrap().into_iter().eq(0..40_000));
    // A handle that a change gives away is closed.
    let group = writable
        .amend(|file| file.group("Measurement_000").map_err(refused("group")))
        .unwrap();
    assert!(!group.is_valid());
    let before = fs::read(&path).unwrap();
    let kept = writable.amend(|file| add_results(file, 1).map(|()| file.clone()));
    assert!(
        kept.unwrap_err()
            .to_string()
            .contains("a handle to it was kept")
    );
    assert!(fs::read(&path).unwrap() == before);
}

#[test]
fn a_library_of_another_version_gets_a_copy() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("measured.h5");
    measured(&path, LibraryVersion::Earliest);
    let mut writable = Writable::claim(&path).unwrap();
    writable.amend_copy(|file| add_results(file, 0)).unwrap();
    assert_eq!(count_results(&path), 1);
    let before = fs::read(&path).unwrap();
    let outcome: Result<()> = writable.amend_copy(|file| {
        add_results(file, 1)?;
        Err(claim::wrong(&path, "changed its mind"))
    });
    assert!(outcome.is_err() && fs::read(&path).unwrap() == before);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    // The lock goes with the file.
    assert!(Writable::claim(&path).is_err());
    writable.amend(|file| add_results(file, 1)).unwrap();
    assert_eq!(count_results(&path), 2);
}
