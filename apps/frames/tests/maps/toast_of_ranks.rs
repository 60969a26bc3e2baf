//! Files of TOAST from the scans that ranks have, without what wrote and read them.

use std::path::Path;
use std::sync::Mutex;

use jobwise_core::{Across, Backend, Error, LocalCluster};
use jobwise_frames::accumulate::Accumulator;
use jobwise_frames::distributor::{Distribution, Files, NoOutput, distribute};
use jobwise_frames::input::Options;
use jobwise_frames::map::Polarization;
use jobwise_frames::pipeline::Pipeline;
use jobwise_frames::toast::{self, Export, Telescope};
use jobwise_serial::Threads;
use jobwise_testing::names;

use crate::toast::{observation, write};

fn export() -> Export {
    Export {
        timestreams: "Signal".into(),
        pointing: "Pointing".into(),
        properties: "BolometerProperties".into(),
        polarization: Polarization::None,
        units: None,
        telescope: Telescope {
            name: "SPT".into(),
            site: "pole".into(),
            latitude: -89.99,
            longitude: -44.65,
            altitude: 2835.0,
        },
    }
}

/// Two files with an observation each.
fn files(directory: &Path) -> Files {
    let paths = ["a.g3", "b.g3"].map(|name| directory.join(name));
    for (number, path) in paths.iter().enumerate() {
        let mut frames = observation(0.8);
        for scan in &mut frames[1..] {
            scan.put("ObservationID", number as i64);
        }
        write(path, &frames);
    }
    Files::parallel(paths.to_vec())
}

/// What the ranks keep of the files, written into a directory; how it ended, by rank.
fn written(ranks: usize, files: &Files, out: &Path, export: &Export) -> Vec<Result<usize, Error>> {
    let ends = LocalCluster::run(ranks, |comm| {
        let backend = Across::new(comm, Threads::new(Some(2)));
        let accumulator = Accumulator::new();
        let make = |_| Ok(Pipeline::new().add("keep", accumulator.module(toast::scans())));
        let mut distribution = Distribution::new(files.clone());
        distribution.n_io = Some((ranks / 2).max(1));
        distribute(&backend, &distribution, None, make, &mut NoOutput)?;
        let all = accumulator.gather(backend.comm(), files)?;
        Ok(all.to_hdf5(backend.comm(), export, out)?.len())
    });
    ends.into_iter().map(|end| end.unwrap()).collect()
}

#[test]
fn ranks_write_the_files_that_one_process_writes_of_the_inputs() {
    let directory = tempfile::tempdir().unwrap();
    let files = files(directory.path());
    let mut source = toast::Files {
        files: files.iter().cloned().collect(),
        input: Options::default(),
    };
    let alone = directory.path().join("alone");
    assert_eq!(export().write(&mut source, &alone).unwrap().len(), 2);
    let bytes = |directory: &Path| -> Vec<Vec<u8>> {
        let read = |name| std::fs::read(directory.join(name)).unwrap();
        names(directory).iter().map(read).collect()
    };
    for ranks in [1, 2, 5] {
        let out = directory.path().join(ranks.to_string());
        let ends = written(ranks, &files, &out, &export());
        for (rank, end) in ends.into_iter().enumerate() {
            assert_eq!(
                end.unwrap(),
                if rank == 0 { 2 } else { 0 },
                "of {ranks} ranks"
            );
        }
        assert!(bytes(&out) == bytes(&alone), "{ranks} ranks");
    }
}

#[test]
fn a_scan_that_cannot_be_written_fails_on_every_rank() {
    let directory = tempfile::tempdir().unwrap();
    let files = files(directory.path());
    let mut export = export();
    export.pointing = "Elsewhere".into();
    let causes = Mutex::new(Vec::new());
    for end in written(3, &files, directory.path(), &export) {
        let cause = match end.unwrap_err() {
            Error::Peer { cause, .. } => cause,
            other => other.to_string(),
        };
        causes.lock().unwrap().push(cause);
    }
    let causes = causes.into_inner().unwrap();
    let place = "a.g3: frame 1 at byte";
    assert!(
        causes
            .iter()
            .all(|cause| cause.contains(place) && cause.contains("Elsewhere")),
        "{causes:?}"
    );
    assert_eq!(names(directory.path()), ["a.g3", "b.g3"]);
}
