//! An analysis in another format than HDF5: nothing but the list of formats knows of it.

pub(super) mod plain;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jobwise_core::{Cancel, Job};
use jobwise_kit::{Inputs, Program, Sharing};
use jobwise_serial::Threads;
use jobwise_testing::tree;

use super::{Products, endings, files, format_by_ending};
use crate::analyze::{Analysis, Request, Summary};
use crate::clock::TimeLimit;
use crate::detection::{NoiseFloor, detections_csv, survey};
use crate::inspect;
use crate::settings::Method;
use crate::simulate::{Scenario, Simulation, record};

const SCENARIO: &str = "[Experiment]\nname = t\nversion = 1\nsample_rate = 100000\nipp = \
                        10000\nrx_channel = sim\n\
    tx_channel = sim\ntx_start = 100\ntx_end = 500\nrx_start = 0\nrx_end = 10000\nradar_frequency \
    = 929.6\n\
    [Target one]\nrange = 900000\nrange_rate = -1200\nacceleration = 120\nsnr = 3\n[Simulation]\n\
    epoch = 2021-04-12T12:00:00\nend_time = 0.6\nbaud_length = 20\ncode = random\nnoise_sigma = \
    1\ntx_amp = 100\n";

const CONFIGURATION: &str = "[signal-processing]\nn_ipp = 10\nmin_range_gate = 290\nmax_range_gate \
                             = 300\n\
    max_acceleration = 200\nmin_acceleration = -200\nnum_cohints_per_file = 4\n";

/// Six integrations, of which a file holds four.
fn recording() -> tempfile::TempDir {
    let top = tempfile::tempdir().unwrap();
    let scenario = top.path().join("s.ini");
    fs::write(&scenario, SCENARIO).unwrap();
    fs::write(top.path().join("c.ini"), CONFIGURATION).unwrap();
    let simulation = Simulation::new(&Scenario::read(&scenario).unwrap()).unwrap();
    record(&simulation, &top.path().join("recording"), |_| ()).unwrap();
    top
}

/// Analyses the recording into `output`, until an end in s, in the format of that ending.
fn analyse(top: &Path, output: &str, end: Option<f64>, method: Method, ending: &str) -> Summary {
    let channel = (top.join("recording"), "sim".to_owned());
    let analysis = Analysis {
        request: Request {
            rx: channel.clone(),
            tx: channel,
            subchannels: (None, None),
            config: top.join("c.ini"),
            method: Some(method),
            limits: (None, end.map(TimeLimit::Relative)),
            pulse_origin: None,
            output: top.join(output),
            clobber: false,
            sample_numbers: true,
            compression: 0,
            format: format_by_ending(ending).unwrap(),
            job: Job::WHOLE,
            sharing: Sharing::Static,
            inputs: Arc::new(Inputs::new(true)),
        },
        cancel: Cancel::new(),
        progress: false,
        dry_run: false,
        backend: "threads",
        choice: None,
        is_unasked: false,
    };
    analysis.run(&Threads::new(Some(2))).unwrap().unwrap()
}

fn whole(top: &Path, output: &str, ending: &str) -> Vec<PathBuf> {
    analyse(top, output, None, Method::Fgmf, ending);
    files(&top.join(output)).unwrap()
}

/// What the commands find below a directory; files go by their names alone.
fn found(top: &Path) -> (String, String, Vec<Option<Vec<[f64; 3]>>>) {
    let products = Products::open(top, (None, None)).unwrap();
    let noise = NoiseFloor::read(&products).unwrap();
    let detections = survey(&products, top, &noise, 1.0).unwrap();
    assert!(!detections.is_empty());
    let numbers = vec![0; detections.len()];
    let table = detections_csv(&detections, &numbers).unwrap();
    let endings = endings().map(|ending| format!(".{ending}"));
    let table = endings.fold(table, |table, ending| table.replace(&ending, ""));
    let peaks = inspect::peak_table(top, None, &Inputs::new(true)).unwrap();
    let optimized = products
        .rows()
        .map(|rows| rows.unwrap().optimized().unwrap());
    (table, peaks, optimized.collect())
}

#[test]
fn another_format_is_continued_and_done_again_where_it_is_damaged() {
    let top = recording();
    let top = top.path();
    let paths = whole(top, "whole", "plain");
    assert_eq!(paths.len(), 2);
    assert!(
        paths
            .iter()
            .all(|path| path.extension().unwrap() == "plain")
    );
    let expected = tree(&top.join("whole"));

    // Two integrations, then the others of the same file and the next.
    let begun = analyse(top, "out", Some(0.2), Method::Fgmf, "plain");
    assert_eq!((begun.done, begun.skipped, begun.written.len()), (2, 0, 1));
    assert_ne!(tree(&top.join("out")), expected);
    let ended = analyse(top, "out", None, Method::Fgmf, "plain");
    assert_eq!((ended.done, ended.skipped), (4, 2));
    assert_eq!(tree(&top.join("out")), expected);

    let damaged = &files(&top.join("out")).unwrap()[1];
    let text = fs::read_to_string(damaged).unwrap();
    fs::write(damaged, text.replacen('1', "2", 1)).unwrap();
    let again = analyse(top, "out", None, Method::Fgmf, "plain");
    assert_eq!((again.done, again.skipped), (2, 4));
    assert_eq!(tree(&top.join("out")), expected);
}

#[test]
fn all_commands_find_the_same_in_another_format() {
    let top = recording();
    let top = top.path();
    for ending in ["h5", "plain"] {
        whole(top, ending, ending);
    }
    let searched = ["h5", "plain"].map(|ending| found(&top.join(ending)));
    assert_eq!(searched[0], searched[1]);
    assert!(searched[0].2.iter().all(Option::is_none));
    for ending in ["h5", "plain"] {
        let refined = analyse(top, ending, None, Method::Optimize, ending);
        assert_eq!((refined.done, refined.written.len()), (6, 2));
        let again = analyse(top, ending, None, Method::Optimize, ending);
        assert_eq!((again.done, again.skipped), (0, 6));
        // A search finds its files as it left them.
        let again = analyse(top, ending, None, Method::Fgmf, ending);
        assert_eq!((again.done, again.skipped), (0, 6));
    }
    let refined = ["h5", "plain"].map(|ending| found(&top.join(ending)));
    assert_eq!(refined[0], refined[1]);
    assert!(refined[0].2.iter().all(Option::is_some));

    let [h5, plain] = ["h5", "plain"].map(|ending| {
        let text = inspect::product(&top.join(ending), &Inputs::new(true)).unwrap();
        text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    });
    assert_eq!(h5, plain);
}

#[test]
fn a_directory_of_two_formats_is_refused() {
    let top = recording();
    let top = top.path();
    whole(top, "out", "h5");
    analyse(top, "out", None, Method::Fgmf, "plain");
    let error = files(&top.join("out")).unwrap_err().to_string();
    assert!(error.contains("several formats (h5, plain)"), "{error}");
}
