//! Digital Metadata: what we write, and what others may.

use std::fmt::Write;
use std::path::Path;

use jobwise_gmf::clock::Rate;
use jobwise_gmf::dmd::{Metadata, MetadataProperties, MetadataWriter, Value};
use jobwise_hdf5::file_access::open_rw;

use jobwise_testing::Python;

fn properties() -> MetadataProperties {
    MetadataProperties {
        rate: Rate::new(1_000_000, 12_800_000).unwrap(),
        subdirectory_seconds: 3_600,
        file_seconds: 3_600,
        file_name: "meta".into(),
    }
}

/// 2021-04-12T12:59:50 and so on: the entries cross an hour.
const FIRST: u64 = 126_424_405;

fn angles(index: u64) -> [f64; 2] {
    [index as f64 / 3.0, -(index as f64)]
}

fn write(directory: &Path, indices: impl IntoIterator<Item = u64>) {
    let fields = ["elevation", "azimuth"];
    let mut writer = MetadataWriter::create(directory, properties(), &fields).unwrap();
    for index in indices {
        writer.write(index, &angles(index)).unwrap();
    }
    writer.finish().unwrap();
}

#[test]
fn entries_return_unchanged_across_files_and_writers() {
    let top = tempfile::tempdir().unwrap();
    write(top.path(), [FIRST, FIRST + 1, FIRST + 7]);
    write(top.path(), [FIRST + 8, FIRST + 2]);
    let metadata = Metadata::open(top.path()).unwrap();
    assert_eq!(metadata.properties(), &properties());
    assert_eq!(metadata.bounds().unwrap(), Some(FIRST..=FIRST + 8));
    let entries = metadata.range(FIRST + 1..=FIRST + 8).unwrap();
    let indices = entries
        .iter()
        .map(|(index, _)| index - FIRST)
        .collect::<Vec<_>>();
    assert_eq!(indices, [1, 2, 7, 8]);
    for (index, entry) in entries {
        let [elevation, azimuth] = angles(index).map(Value::Float);
        assert_eq!(entry["elevation"], elevation);
        assert_eq!(entry["azimuth"], azimuth);
    }
    let at = |index| {
        metadata
            .at_or_before(index)
            .unwrap()
            .map(|(found, _)| found - FIRST)
    };
    assert_eq!(
        [at(FIRST - 1), at(FIRST + 6), at(FIRST + 7)],
        [None, Some(2), Some(7)]
    );
    assert_eq!(at(u64::MAX), Some(8));
    assert_eq!(metadata.range(FIRST + 3..=FIRST + 6).unwrap(), []);
}

#[test]
fn an_entry_is_never_overwritten() {
    let top = tempfile::tempdir().unwrap();
    write(top.path(), [FIRST]);
    let mut writer =
        MetadataWriter::create(top.path(), properties(), &["elevation", "azimuth"]).unwrap();
    let error = writer.write(FIRST, &[1.0, 2.0]).unwrap_err().to_string();
    assert!(
        error.contains("meta@") && error.contains(&FIRST.to_string()),
        "{error}"
    );
    assert!(writer.write(FIRST + 1, &[1.0]).is_err());
    drop(writer);
    let other = MetadataProperties {
        file_name: "other".into(),
        ..properties()
    };
    assert!(MetadataWriter::create(top.path(), other, &["a"]).is_err());
    for fields in [&[][..], &["a", "a"], &["a/b"], &[""], &["ø"]] {
        let fresh = tempfile::tempdir().unwrap();
        assert!(
            MetadataWriter::create(fresh.path(), properties(), fields).is_err(),
            "{fields:?}"
        );
    }
}

#[test]
fn indices_sort_as_numbers() {
    let top = tempfile::tempdir().unwrap();
    write(top.path(), [9, 10, 100, 11]);
    let metadata = Metadata::open(top.path()).unwrap();
    assert_eq!(metadata.bounds().unwrap(), Some(9..=100));
    let entries = metadata.range(0..=u64::MAX).unwrap();
    assert_eq!(
        entries.iter().map(|(index, _)| *index).collect::<Vec<_>>(),
        [9, 10, 11, 100]
    );
}

#[test]
fn the_peer_reads_what_we_write() {
    let Some(python) = Python::with("h5py, digital_rf") else {
        return;
    };
    let top = tempfile::tempdir().unwrap();
    let written = [FIRST, FIRST + 1, FIRST + 7, FIRST + 8];
    write(top.path(), written);
    let script = "
import digital_rf, sys
reader = digital_rf.DigitalMetadataReader(sys.argv[1])
print(*reader.get_bounds())
print(*sorted(reader.get_fields()))
for index, entry in reader.read(*reader.get_bounds()).items():
    print(index, repr(float(entry['elevation'])), repr(float(entry['azimuth'])))
";
    let printed = python.run(script, [top.path()]);
    let mut expected = format!("{FIRST} {}\nazimuth elevation\n", FIRST + 8);
    for index in written {
        let [elevation, azimuth] = angles(index);
        writeln!(expected, "{index} {elevation:?} {azimuth:?}").unwrap();
    }
    assert_eq!(printed, expected);
}

#[test]
fn damaged_metadata_are_refused_and_kept() {
    let top = tempfile::tempdir().unwrap();
    assert!(
        Metadata::open(top.path())
            .unwrap_err()
            .to_string()
            .contains("dmd_properties.h5")
    );
    write(top.path(), [FIRST, FIRST + 7]);
    let metadata = Metadata::open(top.path()).unwrap();
    let directory = std::fs::read_dir(top.path())
        .unwrap()
        .map(|e| e.unwrap().path());
    let directory = directory.filter(|path| path.is_dir()).min().unwrap();
    let file = std::fs::read_dir(&directory)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    // A group that contains itself.
    {
        let h5 = open_rw(&file).unwrap();
        h5.link_hard(&format!("/{FIRST}"), &format!("/{FIRST}/self"))
            .unwrap();
    }
    let error = metadata.at_or_before(FIRST).unwrap_err().to_string();
    assert!(error.contains("nested") && !error.contains('\n'), "{error}");
    std::fs::write(&file, "not HDF5").unwrap();
    let error = metadata.bounds().unwrap_err().to_string();
    assert!(
        error.contains("meta@") && error.contains("cannot be opened"),
        "{error}"
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "not HDF5");
    assert_eq!(
        metadata.at_or_before(FIRST + 7).unwrap().unwrap().0,
        FIRST + 7
    );
}
