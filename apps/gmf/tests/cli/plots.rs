//! Figures and their tables.

use std::fs;

use super::bench::Bench;

/// Width and height in the header of a PNG.
fn png_size(bytes: &[u8]) -> (u32, u32) {
    assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n");
    let side = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    (side(16), side(20))
}

/// A table: its header and its numbers.
fn table(text: &str) -> (Vec<String>, Vec<Vec<f64>>) {
    let mut lines = text.lines().map(|line| line.split(','));
    let header = lines.next().unwrap().map(str::to_owned).collect();
    let numbers =
        |line: std::str::Split<'_, char>| line.map(|cell| cell.parse().unwrap()).collect();
    (header, lines.map(numbers).collect())
}

impl Bench {
    fn rti(&self, args: &[&str]) -> (Vec<String>, Vec<Vec<f64>>) {
        let all = ["plot", "drf", "recording", "-o", "rti.svg"];
        let ended = self.run(all.iter().chain(args).copied());
        assert!(ended.succeeded(), "{args:?}: {ended:?}");
        let svg = fs::read_to_string(self.path("rti.svg")).unwrap();
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
        table(&fs::read_to_string(self.path("rti.csv")).unwrap())
    }
}

#[test]
fn a_recording_is_drawn_by_pulses_and_samples() {
    let bench = Bench::new();
    let ended = bench.run([
        "plot",
        "drf",
        "recording",
        "-o",
        "new/figures",
        "--format",
        "png,svg",
    ]);
    assert!(ended.succeeded(), "{ended:?}");
    let names = ["rti.csv", "rti.png", "rti.svg"];
    assert_eq!(bench.tree("new/figures").names(), names);
    assert_eq!(ended.stdout.matches("wrote new/figures/rti.").count(), 3);
    let png = fs::read(bench.path("new/figures/rti.png")).unwrap();
    assert_eq!(png_size(&png), (1100, 700));
    assert!(png.len() > 20_000, "{}", png.len());

    // 60 pulses of 1000 samples in 500 rows of two; the first pulse is one of them.
    let (header, pulses) = bench.rti(&[]);
    assert_eq!(header[0], "\"pulse \\ Sample of the inter-pulse period\"");
    assert_eq!((pulses.len(), header.len()), (60, 501));
    assert_eq!(pulses[0][0].to_bits(), 0f64.to_bits());
    let sample = |name: &String| name.parse::<f64>().unwrap();
    assert!((sample(&header[1]) - 0.5).abs() < 1e-9);
    for pulse in &pulses {
        for (name, power) in header.iter().zip(pulse).skip(1) {
            // Transmission is hidden; noise has the variance 1 in each part, the target three times
            // that.
            assert_eq!(
                power.is_nan(),
                (10.0..50.0).contains(&sample(name)),
                "{name}"
            );
            assert!(
                power.is_nan() || (0.0..60.0).contains(power),
                "{name}: {power}"
            );
        }
    }
}

#[test]
fn what_is_shown_of_a_recording_can_be_chosen() {
    let bench = Bench::new();
    let all = bench.rti(&[]).1;
    let shown = bench.rti(&["--keep-tx"]).1;
    // The code has the amplitude 100.
    assert!((shown[3][10] - 1e4).abs() < 1e3 && shown[3][400].to_bits() == all[3][400].to_bits());
    let log = bench.rti(&["--log"]).1;
    assert_eq!(log[3][400].to_bits(), all[3][400].log10().to_bits());

    let (_, part) = bench.rti(&["--relative_time", "-s", "0.2", "-e", "0.3"]);
    assert_eq!(part.len(), 10);
    assert_eq!(part[0][400].to_bits(), all[20][400].to_bits());
    // A start within a pulse leaves that pulse out.
    let (_, part) = bench.rti(&[
        "-s",
        "2021-04-12T11:59:59.901",
        "-e",
        "2021-04-12T11:59:59.999",
    ]);
    assert_eq!(part.len(), 8);
    assert_eq!(part[0][400].to_bits(), all[21][400].to_bits());

    let (header, part) = bench.rti(&["-u", "sample", "--start-range", "300", "--end-range", "400"]);
    assert_eq!((header.len(), part[0].len()), (101, 101));
    assert_eq!((header[1].as_str(), header[100].as_str()), ("300", "399"));
    let pair = f64::midpoint(part[5][1], part[5][2]);
    assert!((pair - all[5][151]).abs() < 1e-9);
}

#[test]
fn units_are_those_asked_for() {
    let bench = Bench::new();
    let limits = ["--start-range", "800", "--end-range", "1000"];
    let total = [&["--axis_units"][..], &limits].concat();
    let (header, pulses) = bench.rti(&total);
    assert_eq!(
        header[0],
        "\"time [s since 1970] \\ Range of the total path [km]\""
    );
    // A sample is 2.998 km long.
    assert!(
        (range(&header, 1) - 800.0).abs() < 1.5
            && (range(&header, header.len() - 1) - 998.5).abs() < 1.6
    );
    assert!((pulses[0][0] - (1_618_228_799.7 + 0.005)).abs() < 1e-6);
    // Where the target is: 900 km and the length of the pulse after it.
    let loud = |header: &[String], pulses: &[Vec<f64>], place: f64| {
        let column = (1..header.len()).min_by(|&a, &b| {
            let off = |at: usize| (range(header, at) - place).abs();
            off(a).total_cmp(&off(b))
        });
        pulses
            .iter()
            .map(|pulse| pulse[column.unwrap()])
            .sum::<f64>()
            / pulses.len() as f64
    };
    assert!(loud(&header, &pulses, 950.0) > 5.0 && loud(&header, &pulses, 850.0) < 3.0);
    // One antenna: half the range, so the requested ranges are twice as far in the recording.
    let half = [
        "--axis_units",
        "--monostatic",
        "--start-range",
        "400",
        "--end-range",
        "500",
    ];
    let (halved, same) = bench.rti(&half);
    assert_eq!(
        halved[0],
        "\"time [s since 1970] \\ Monostatic range [km]\""
    );
    assert!((range(&halved, 1) - range(&header, 1) / 2.0).abs() < 1e-6);
    assert_eq!(same, pulses);
    for (unit, metres) in [
        ("m", 1.0),
        ("R_E", 6.3781e6),
        ("LD", 3.843_99e8),
        ("AU", 149_597_870_700.0),
    ] {
        let (start, end) = ((8e5 / metres).to_string(), (1e6 / metres).to_string());
        let args = [
            "--axis_units",
            "-u",
            unit,
            "--start-range",
            &start,
            "--end-range",
            &end,
        ];
        let (named, same) = bench.rti(&args);
        assert!(named[0].ends_with(&format!("[{unit}]\"")), "{}", named[0]);
        assert!(
            (range(&named, 1) * metres / 1e3 - range(&header, 1)).abs() < 1e-6,
            "{unit}"
        );
        assert_eq!(same, pulses);
    }
}

fn range(header: &[String], at: usize) -> f64 {
    header[at].parse().unwrap()
}

#[test]
fn results_are_drawn_in_three_figures() {
    let bench = Bench::new();
    bench.whole("out");
    let ended = bench.run(["plot", "gmf", "out", "-o", "figures", "--size", "900x600"]);
    assert!(ended.succeeded(), "{ended:?}");
    let names = [
        "gmf-detections.png",
        "gmf-gmf.csv",
        "gmf-maps.png",
        "gmf-noise.csv",
        "gmf-peaks.csv",
        "gmf-peaks.png",
        "gmf-zero-frequency.csv",
    ];
    assert_eq!(bench.tree("figures").names(), names);
    for name in names.iter().filter(|name| name.ends_with("png")) {
        let png = fs::read(bench.path("figures").join(name)).unwrap();
        assert_eq!(png_size(&png), (900, 600));
        assert!(png.len() > 10_000, "{name}: {}", png.len());
    }
    // The same bytes again, under names of one's own.
    let ended = bench.run([
        "plot",
        "gmf",
        "out",
        "-o",
        "again/x.png",
        "--size",
        "900x600",
        "--chunk_size",
        "7",
    ]);
    assert!(ended.succeeded(), "{ended:?}");
    let (first, again) = (bench.tree("figures"), bench.tree("again"));
    for (name, bytes) in &first.0 {
        let renamed = name.to_str().unwrap().replacen("gmf-", "x-", 1);
        assert_eq!(
            again.0.get(std::path::Path::new(&renamed)),
            Some(bytes),
            "{renamed}"
        );
    }
}

#[test]
fn what_is_shown_of_results_can_be_chosen() {
    let bench = Bench::new();
    bench.whole("out");
    let peaks = |args: &[&str]| {
        let all = ["plot", "gmf", "out", "-o", "p.svg"];
        let ended = bench.run(all.iter().chain(args).copied());
        assert!(ended.succeeded(), "{args:?}: {ended:?}");
        let text = fs::read_to_string(bench.path("p-peaks.csv")).unwrap();
        let rows: Vec<Vec<String>> = text
            .lines()
            .skip(1)
            .map(|line| line.split(',').map(str::to_owned).collect())
            .collect();
        rows
    };
    let number = |cell: &String| cell.parse::<f64>().unwrap();
    let half = peaks(&["--monostatic"]);
    assert_eq!(half.len(), 6);
    let total = peaks(&["--not_monostatic"]);
    for (half, total) in half.iter().zip(&total) {
        assert!((number(&total[2]) - 900.0).abs() < 6.0, "{total:?}");
        assert!((number(&total[3]) + 1.2).abs() < 0.2, "{total:?}");
        for column in 2..5 {
            assert!((2.0 * number(&half[column]) - number(&total[column])).abs() < 1e-9);
        }
        assert_eq!(half[8], "1");
    }
    assert!(
        peaks(&["--snr_dB_limit", "90"])
            .iter()
            .all(|row| row[8] == "0")
    );
    let part = peaks(&["--relative_time", "-s", "0.1", "-e", "0.3"]);
    assert_eq!(part.len(), 2);
    assert_eq!(part[0][0], "2021-04-12T11:59:59.800000");
    let part = peaks(&["-s", "2021-04-12T12:00"]);
    assert_eq!(part.len(), 3);
    // Every panel of the map of one hour: times in the first column, ranges in the header.
    let map = fs::read_to_string(bench.path("p-gmf.csv")).unwrap();
    let (header, rows) = table(&map);
    assert_eq!((header.len(), rows.len()), (11, 3));
    assert!((rows[0][0] - 1_618_228_800.05).abs() < 1e-5);
}

#[test]
fn a_dry_run_draws_nothing() {
    let bench = Bench::new();
    bench.whole("out");
    for (args, told) in [
        (
            &["drf", "recording", "-o", "x"][..],
            &["60 of 1000 samples", "would write x/rti.png"][..],
        ),
        (
            &["gmf", "out", "-o", "x"],
            &["6 in 6 files", "would write x/gmf-maps.png"],
        ),
    ] {
        let ended = bench.run(["plot"].iter().chain(args).chain(&["--dry-run"]).copied());
        assert!(ended.succeeded(), "{ended:?}");
        for word in told {
            assert!(ended.stdout.contains(word), "{}", ended.stdout);
        }
    }
    assert!(!bench.path("x").exists());
}

#[test]
fn what_cannot_be_drawn() {
    let bench = Bench::new();
    bench.whole("out");
    for (args, status, told) in [
        (&["drf", "absent"][..], 1, &["absent"][..]),
        (&["drf", "out"], 1, &["metadata.ini"]),
        (
            &["drf", "recording", "-s", "2022-01-01"],
            1,
            &["no whole pulse", "lasts from 2021-04-12T11:59:59.700000"],
        ),
        (&["drf", "recording", "-s", "yesterday"], 2, &["yesterday"]),
        (
            &["drf", "recording", "--start-range", "5e9"],
            1,
            &["the ranges asked for", "1000 samples"],
        ),
        (
            &["drf", "recording", "--start-range", "9", "--end-range", "8"],
            1,
            &["must rise"],
        ),
        (
            &["drf", "recording", "-o", "c.ini"],
            2,
            &["c.ini", "is a file"],
        ),
        (&["drf", "recording", "-o", "c.ini/x.png"], 1, &["c.ini"]),
        (&["gmf", "absent"], 1, &["absent"]),
        (&["gmf", "recording"], 1, &["holds no GMF files"]),
        (
            &["gmf", "out", "-s", "2022-01-01"],
            1,
            &["no integration between those limits", "starts at"],
        ),
        (
            &["gmf", "out", "--relative_time", "-s", "noon"],
            2,
            &["noon"],
        ),
    ] {
        let ended = bench.run(["plot"].iter().chain(args).copied());
        ended.must_refuse_soon(&format!("{args:?}"), status, told);
    }
    for args in [
        &["drf", "recording", "--format", "gif"][..],
        &["drf", "recording", "--size", "100x100"],
        &["drf", "recording", "--size", "big"],
        &["drf", "recording", "-u", "mile"],
        &["drf", "recording", "--end-range", "nan"],
        &["gmf", "out", "--snr_dB_limit", "loud"],
    ] {
        let ended = bench.run(["plot"].iter().chain(args).copied());
        assert_eq!(ended.status, Some(2), "{args:?}: {ended:?}");
        assert!(
            ended.stderr.contains(args[args.len() - 1]),
            "{}",
            ended.stderr
        );
    }
    // Metadata that do not fit the samples.
    let metadata = fs::read_to_string(bench.path("recording/metadata.ini")).unwrap();
    fs::write(
        bench.path("recording/metadata.ini"),
        metadata.replace("sample_rate = 100000", "sample_rate = 50000"),
    )
    .unwrap();
    let ended = bench.run(["plot", "drf", "recording"]);
    ended.must_refuse_soon(
        "rates",
        1,
        &[
            "sample_rate",
            "is 50000 Hz, but channel sim is sampled at 100000 Hz",
        ],
    );
}
