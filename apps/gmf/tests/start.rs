//! How ranks begin: the first reads what describes an analysis, the others look at no file but
//! those whose samples they need.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;

use jobwise_core::{Across, Cancel, Comm, Job, LocalCluster};
use jobwise_gmf::analyze::{Analysis, Request};
use jobwise_gmf::product::default_format;
use jobwise_gmf::settings::Method;
use jobwise_gmf::simulate::{Scenario, Simulation, record};
use jobwise_kit::{Inputs, Program, Sharing};
use jobwise_serial::Serial;
use jobwise_testing::tree;

const SCENARIO: &str = "[Experiment]\nname = start\nversion = 1\nsample_rate = 100000\n\
    ipp = 10000\nrx_channel = sim\ntx_channel = sim\ntx_start = 100\ntx_end = 500\nrx_start = 0\n\
    rx_end = 10000\nradar_frequency = 929.6\n\
    [Target one]\nrange = 900000\nrange_rate = -1200\nacceleration = 120\nsnr = 3\n\
    [Simulation]\nepoch = 2021-04-12T11:59:59.7\nend_time = 1.2\nbaud_length = 20\ncode = random\n\
    noise_sigma = 1\ntx_amp = 100\nfile_cadence_millisecs = 100\n";

const CONFIGURATION: &str = "[signal-processing]\nn_ipp = 10\nmin_range_gate = 290\n\
    max_range_gate = 300\nnum_cohints_per_file = 1\n";

/// An analysis of what lies in a directory.
fn analysis(place: &Path, method: Option<Method>, output: &Path) -> Analysis {
    let recording = place.join("recording");
    Analysis {
        request: Request {
            rx: (recording.clone(), "sim".to_owned()),
            tx: (recording, "sim".to_owned()),
            subchannels: (None, None),
            config: place.join("c.ini"),
            method,
            limits: (None, None),
            pulse_origin: None,
            output: output.to_path_buf(),
            clobber: false,
            sample_numbers: true,
            compression: 0,
            format: default_format(),
            job: Job::WHOLE,
            sharing: Sharing::Static,
            inputs: Arc::new(Inputs::new(true)),
        },
        cancel: Cancel::new(),
        progress: false,
        dry_run: false,
        backend: "serial",
        choice: None,
        is_unasked: false,
    }
}

/// Only the first rank finds configuration, experiment and properties; the others find the
/// directories of samples, and in each a damaged file that was not there when the first one looked.
#[test]
fn the_first_rank_reads_for_all_what_describes_the_analysis() {
    let directory = tempfile::tempdir().unwrap();
    let (whole, bare) = (
        directory.path().join("whole"),
        directory.path().join("bare"),
    );
    fs::create_dir_all(&whole).unwrap();
    fs::write(whole.join("scenario.ini"), SCENARIO).unwrap();
    fs::write(whole.join("c.ini"), CONFIGURATION).unwrap();
    let scenario = Scenario::read(&whole.join("scenario.ini")).unwrap();
    let simulation = Simulation::new(&scenario).unwrap();
    record(&simulation, &whole.join("recording"), |_| ()).unwrap();
    // A file is gone, and the others have something of its name.
    let lost = "2021-04-12T12-00-00/rf@1618228800.300.h5";
    fs::remove_file(whole.join("recording/sim").join(lost)).unwrap();
    for (name, _) in tree(&whole.join("recording/sim")) {
        if let Some((hour, _)) = name.split_once('/') {
            let there = bare.join("recording/sim").join(hour);
            fs::create_dir_all(&there).unwrap();
            symlink(
                whole.join("recording/sim").join(&name),
                bare.join("recording/sim").join(&name),
            )
            .unwrap();
        }
    }
    fs::write(bare.join("recording/sim").join(lost), "damaged").unwrap();

    let (alone, ranks) = (
        directory.path().join("alone"),
        directory.path().join("ranks"),
    );
    for method in [None, Some(Method::Optimize)] {
        let summary = analysis(&whole, method, &alone).run(&Serial::new());
        let done = summary.unwrap().unwrap().done;
        let outcomes = LocalCluster::run(3, |comm| {
            let place = if comm.rank() == 0 { &whole } else { &bare };
            let backend = Across::new(comm, Serial::new());
            let ended = analysis(place, method, &ranks).run(&backend);
            ended.map(|summary| summary.unwrap().done)
        });
        for outcome in outcomes {
            assert_eq!(outcome.unwrap().unwrap(), done);
        }
        assert!(done >= 10, "{done}");
        assert_eq!(tree(&alone), tree(&ranks));
    }
}
