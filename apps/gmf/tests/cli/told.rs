//! What a user is told: what was taken, what was left out and why, and what numbers mean.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use jobwise_gmf::drf::{Channel, Properties, Writer, WriterOptions};
use num_complex::Complex;

use super::bench::{Bench, Running};

/// Writes the channel `name` of the recording: the samples of `sim` in the sub-channel `place` of
/// `count`, noise-free zeros but for a mark in the others, without the samples `hole` from the
/// first on.
fn with_subchannels(bench: &Bench, name: &str, (place, count): (usize, usize), hole: u64) {
    let sim = Channel::open(bench.path("recording/sim")).unwrap();
    let bounds = sim.bounds().unwrap().unwrap();
    let mut samples = vec![Complex::<f32>::default(); (bounds.end - bounds.start) as usize];
    sim.read(bounds.start, 0, &mut samples).unwrap();
    let element = sim.element().unwrap().unwrap();
    let told = sim.properties();
    let properties = Properties::new(told.rate, told.cadence, element, count, true);
    let directory = bench.path("recording").join(name);
    let mut writer = Writer::create(&directory, properties, WriterOptions::default()).unwrap();
    let mut rows = vec![Complex::new(0.0f32, 1e-3); samples.len() * count];
    for (row, sample) in samples.iter().enumerate() {
        rows[row * count + place] = *sample;
    }
    let third = samples.len() / 3;
    writer.write(bounds.start, &rows[..third * count]).unwrap();
    let after = third + hole as usize;
    writer
        .write(bounds.start + after as u64, &rows[after * count..])
        .unwrap();
    writer.finish().unwrap();
}

/// How many integrations have the target, which lies at 900 km.
fn found(bench: &Bench, output: &str) -> usize {
    let ended = bench.run(["inspect", "gmf", output, "--peaks"]);
    assert!(ended.succeeded(), "{ended:?}");
    assert!(
        ended
            .stdout
            .starts_with("Ranges, rates and accelerations are of the total path.")
    );
    let ranges = ended.stdout.lines().filter_map(|line| {
        let range = line.split_whitespace().nth(2)?;
        range.parse::<f64>().ok()
    });
    ranges.filter(|range| (range - 900.0).abs() < 6.0).count()
}

#[test]
fn one_of_several_sub_channels_is_taken_and_named() {
    let bench = Bench::new();
    with_subchannels(&bench, "two", (1, 2), 0);
    let analyze = |output: &str, more: &[&str]| {
        let usual = [
            "analyze",
            "recording",
            "two",
            "--config",
            "c.ini",
            "-o",
            output,
        ];
        bench.run(usual.iter().chain(more).copied())
    };
    let ended = analyze("first", &[]);
    assert!(ended.succeeded(), "{ended:?}");
    let line = "has 2 sub-channels, of which 0 is taken; --subchannel takes another";
    assert!(ended.stderr.contains(line), "{ended:?}");
    assert!(
        ended.stdout.contains("6 integrations were not analysed"),
        "{ended:?}"
    );
    let ended = analyze("second", &["--subchannel", "1"]);
    assert!(
        ended.succeeded() && !ended.stderr.contains("sub-channels"),
        "{ended:?}"
    );
    assert_eq!(found(&bench, "second"), 6);
    // Files of one sub-channel do not stand for those of another.
    let ended = analyze("second", &[]);
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(
        ended
            .stderr
            .contains("another configuration: its channels, sub-channels")
    );
    let ended = analyze("none", &["--subchannel", "2"]);
    ended.must_refuse_soon("absent", 1, &["two", "no sub-channel 2", "there are 2"]);
    let plot = [
        "plot",
        "drf",
        "recording",
        "--subchannel",
        "1",
        "-o",
        "x.png",
    ];
    bench
        .run(plot)
        .must_refuse_soon("plot", 1, &["sim", "no sub-channel 1"]);
}

/// A target is found at any rate, however the rate is written.
#[test]
fn a_rate_may_be_a_fraction() {
    let bench = Bench::with(
        &[],
        &[("min_range_gate", "995"), ("max_range_gate", "1005")],
    );
    let scenario = |rate: &str| {
        format!(
            "[Experiment]\nname = third\nversion = 1\nsample_rate = {rate}\nipp = 6000\n\
             rx_channel = sim\ntx_channel = sim\ntx_start = 150\ntx_end = 450\nrx_start = 0\n\
             rx_end = 6000\nradar_frequency = 929.6\n[Target one]\nrange = 900000\n\
             range_rate = -1200\nacceleration = 120\nsnr = 3\n[Simulation]\n\
             epoch = 2021-04-12T12:00\nend_time = 0.6\nbaud_length = 30\ncode = random\n\
             noise_sigma = 1\ntx_amp = 100\nfile_cadence_millisecs = 100\n"
        )
    };
    for (place, rate) in ["1000000/3", "333333.3333333333"].into_iter().enumerate() {
        let (recording, output) = (format!("third{place}"), format!("out{place}"));
        fs::write(bench.path("s.ini"), scenario(rate)).unwrap();
        let ended = bench.run(["simulate", "drf", "s.ini", &recording]);
        assert!(ended.succeeded(), "{ended:?}");
        // As others write it, who know of no fractions.
        let metadata = bench.path(&recording).join("metadata.ini");
        let text = fs::read_to_string(&metadata).unwrap();
        assert!(text.contains("sample_rate = 1000000/3"), "{text}");
        fs::write(&metadata, text.replace("1000000/3", "333333.333")).unwrap();
        let usual = [
            "analyze", &recording, "sim", "--config", "c.ini", "-o", &output,
        ];
        let ended = bench.run(usual);
        assert!(ended.succeeded(), "{ended:?}");
        assert_eq!(found(&bench, &output), 10);
        for command in [
            &["plot", "drf", &recording, "-o", "x.png"][..],
            &["plot", "gmf", &output, "-o", "y.png"],
            &["detect", &output],
            &["inspect", "drf", &recording],
        ] {
            let ended = bench.run(command.iter().copied());
            assert!(ended.succeeded(), "{command:?}: {ended:?}");
        }
    }
}

/// Samples that were never recorded are told, also where no index shows them.
#[test]
fn fill_inside_files_is_told() {
    let bench = Bench::new();
    with_subchannels(&bench, "holed", (0, 1), 3000);
    let ended = bench.run(["inspect", "drf", "recording"]);
    assert!(ended.succeeded(), "{ended:?}");
    let lines: Vec<&str> = ended.stdout.lines().collect();
    let told = lines.iter().filter(|line| line.contains("missing"));
    let told: Vec<_> = told.collect();
    assert_eq!(told.len(), 1, "{ended:?}");
    assert!(told[0].contains("3000 samples inside files"), "{ended:?}");
}

#[test]
fn integrations_that_are_left_out_are_counted() {
    let bench = Bench::with(&[], &[("num_cohints_per_file", "6")]);
    fs::remove_file(&bench.data_files("recording")[2]).unwrap();
    let ended = bench.analyze("gap", &[]);
    assert!(ended.succeeded(), "{ended:?}");
    assert!(
        ended.stdout.contains("1 integrations were left out"),
        "{ended:?}"
    );
    bench.configure(&[("min_tx_amplitude", "1e9")]);
    let ended = bench.analyze("silent", &[]);
    assert!(ended.succeeded(), "{ended:?}");
    assert!(
        ended.stdout.contains("5 integrations were not analysed"),
        "{ended:?}"
    );
}

#[test]
fn keys_that_the_method_does_not_use_are_named() {
    let bench = Bench::with(&[], &[("compat", "yes"), ("dpt_restrict", "yes")]);
    for (method, line) in [
        (
            "fgmf",
            "c.ini: dpt_restrict, compat: not used by the method fgmf",
        ),
        ("fdpt", "c.ini: compat: not used by the method fdpt"),
    ] {
        let ended = bench.analyze(method, &["-m", method]);
        assert!(ended.succeeded(), "{ended:?}");
        assert!(ended.stderr.contains(line), "{ended:?}");
    }
    bench.configure(&[]);
    let ended = bench.analyze("all", &[]);
    assert!(!ended.stderr.contains("not used"), "{ended:?}");
}

#[test]
fn a_directory_that_may_not_be_read_is_called_so() {
    let bench = Bench::new();
    let mode = |name: &str, mode| {
        fs::set_permissions(bench.path(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(".", 0o755);
    let as_nobody = |arguments: &[&str]| {
        let run = bench.command(arguments.iter().copied());
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(run.get_program())
            .args(run.get_args())
            .current_dir(bench.path("."));
        Running::start(&mut command).end()
    };
    let inspect = ["inspect", "drf", "recording"];
    if !as_nobody(&inspect).succeeded() {
        return jobwise_testing::impossible_here("another user cannot run the program")
            .unwrap_or(());
    }
    mode("recording/sim", 0o000);
    let place = ["recording/sim", "ermission denied"];
    as_nobody(&inspect).must_fail(1, &place);
    let analyze = [
        "analyze",
        "recording",
        "sim",
        "--config",
        "c.ini",
        "-o",
        "never",
    ];
    as_nobody(&analyze).must_fail(1, &place);
    mode("recording/sim", 0o755);
}

/// Every range, rate and acceleration says of which path it is, and it is the total one everywhere
/// unless another is asked for.
#[test]
fn ranges_say_of_which_path_they_are() {
    let bench = Bench::new();
    bench.whole("out");
    let header = |name: &str| {
        let text = fs::read_to_string(bench.path(name)).unwrap();
        text.lines().next().unwrap().to_owned()
    };
    for (more, word, other) in [
        (&[][..], "of the total path", "monostatic"),
        (&["--monostatic"], "monostatic", "of the total path"),
    ] {
        let plot = ["plot", "gmf", "out", "-o", "p.svg"];
        let ended = bench.run(plot.iter().chain(more).copied());
        assert!(ended.succeeded(), "{ended:?}");
        for name in [
            "p-peaks.csv",
            "p-gmf.csv",
            "p-zero-frequency.csv",
            "p-noise.csv",
        ] {
            let header = header(name);
            let columns = header.split(',').filter(|column| {
                ["range", "rate", "acceleration"]
                    .iter()
                    .any(|word| column.contains(word))
            });
            for column in columns {
                assert!(
                    column.contains(word) && !column.contains(other),
                    "{name}: {column}"
                );
            }
        }
        let picture = fs::read_to_string(bench.path("p-peaks.svg"))
            .unwrap()
            .to_lowercase();
        assert!(picture.contains(word) && !picture.contains(other));
    }
    for arguments in [&["detect", "out"][..], &["detect", "out", "--events"]] {
        let ended = bench.run(arguments.iter().copied());
        let header = ended.stdout.lines().next().unwrap();
        assert!(header.contains("range of the total path"), "{header}");
    }
}

/// Optimised peaks and further targets are shown where the files have them.
#[test]
fn what_files_have_beside_the_strongest_gates_is_shown() {
    let bench = Bench::with(&[], &[("targets", "3"), ("min_range_gate", "250")]);
    bench.whole("out");
    let lines = |arguments: &[&str], word: &str| {
        let ended = bench.run(arguments.iter().copied());
        assert!(ended.succeeded(), "{ended:?}");
        ended
            .stdout
            .lines()
            .filter(|line| line.contains(word))
            .count()
    };
    let peaks = ["inspect", "gmf", "out", "--peaks"];
    let detect = ["detect", "out", "--snr", "-300"];
    assert_eq!(lines(&peaks, "target 2"), 6);
    assert_eq!(lines(&peaks, "target 3"), 6);
    assert_eq!(lines(&peaks, "optimised"), 0);
    let seconds = lines(&detect, ",2,NaN,NaN,NaN");
    assert!(seconds > 0);
    let ended = bench.analyze("out", &["-m", "optimize"]);
    assert!(ended.succeeded(), "{ended:?}");
    assert_eq!(lines(&peaks, "optimised"), 6);
    assert_eq!(lines(&detect, ",2,NaN,NaN,NaN"), seconds);
    assert_eq!(lines(&detect, ",1,NaN,NaN,NaN"), 0);
}
