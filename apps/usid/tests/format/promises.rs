//! Lengths that a file promises are checked against what it stores before memory, time or space is
//! spent.

use std::time::{Duration, Instant};

use hdf5::plist::dataset_create::{AllocTime, FillTime, Layout};
use hdf5::{Group, ObjectReference1};
use jobwise_hdf5::file_access;
use jobwise_kit::Program;
use jobwise_serial::Serial;
use jobwise_usid::format::{Ancillary, Main, Value};
use jobwise_usid::inspect::{Look, inspect};
use jobwise_usid::process::ProcessRun;
use jobwise_usid::reshape::Reshape;

use super::common;

#[derive(Clone, Copy, Debug)]
enum Storage {
    /// In pieces of which none is there.
    Chunked,
    /// In one piece that is not there.
    Late,
    /// In one piece whose place is a hole in the file.
    Hole,
}

fn dataset(
    group: &Group,
    name: &str,
    shape: [usize; 2],
    storage: Option<Storage>,
) -> hdf5::Dataset {
    let builder = group.new_dataset::<f32>();
    let builder = match storage {
        None => builder,
        Some(Storage::Chunked) => builder.chunk((shape[0].min(1 << 10), shape[1].min(1 << 10))),
        Some(Storage::Late) => builder
            .layout(Layout::Contiguous)
            .alloc_time(Some(AllocTime::Late)),
        Some(Storage::Hole) => builder
            .layout(Layout::Contiguous)
            .alloc_time(Some(AllocTime::Early))
            .fill_time(FillTime::Never),
    };
    builder.shape((shape[0], shape[1])).create(name).unwrap()
}

#[test]
fn no_process_believes_what_is_not_stored() {
    let directory = tempfile::tempdir().unwrap();
    let (many, points) = (1 << 33, 4);
    for (rows, columns) in [(many, points), (points, many)] {
        for storage in [Storage::Chunked, Storage::Late, Storage::Hole] {
            // The source and its tables promise too much; or the tables alone, which then do not
            // fit.
            for all in [true, false] {
                let path = directory.path().join("a.h5");
                let file = file_access::create(&path).unwrap();
                let group = file.create_group("Channel").unwrap();
                let shape = if all {
                    [rows, columns]
                } else {
                    [points, points]
                };
                let raw = dataset(&group, "Raw", shape, all.then_some(storage));
                for name in ["quantity", "units"] {
                    Value::from("nA").write(&raw, name).unwrap();
                }
                for (which, shape) in Ancillary::ALL.into_iter().zip([
                    [rows, 1],
                    [rows, 1],
                    [1, columns],
                    [1, columns],
                ]) {
                    let table = dataset(&group, which.name(), shape, Some(storage));
                    for name in ["labels", "units"] {
                        Value::Texts(vec!["X".into()]).write(&table, name).unwrap();
                    }
                    let reference: ObjectReference1 = table.reference(".").unwrap();
                    let attribute = raw
                        .new_attr::<ObjectReference1>()
                        .create(which.name())
                        .unwrap();
                    attribute.write_scalar(&reference).unwrap();
                }
                drop((raw, group, file));
                let started = Instant::now();
                let file = file_access::open(&path).unwrap();
                let error = Main::find(&file, "Channel/Raw").unwrap_err().to_string();
                assert!(error.contains("Raw"), "{error}");
                assert!(!all || error.contains("are stored"), "{storage:?}: {error}");
                drop(file);
                let length = std::fs::metadata(&path).unwrap().len();
                let run = ProcessRun {
                    recipe: Reshape { points: 2 },
                    settings: common::settings(&path),
                };
                assert!(run.run(&Serial::new()).is_err());
                assert_eq!(std::fs::metadata(&path).unwrap().len(), length);
                let shown = inspect(&path, None, Look::default()).unwrap().text;
                assert!(shown.contains("Raw  "), "{shown}");
                assert!(started.elapsed() < Duration::from_secs(10), "{storage:?}");
            }
        }
    }
}
