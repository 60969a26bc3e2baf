//! Every mistake in a configuration or in metadata.ini is one line that names file and key, and
//! nothing is written.

use std::fs;

use super::bench::Bench;

#[test]
fn of_the_configuration() {
    let bench = Bench::new();
    let huge = "1000000000000000000";
    for (keys, told) in [
        (&[("n_ip", "7")][..], "n_ip: unknown key"),
        (&[("n_ipp", "ten")], "n_ipp"),
        (&[("n_ipp", "0")], "n_ipp"),
        (&[("n_ipp", huge)], "n_ipp"),
        (&[("ipp_offset", huge)], "n_ipp"),
        (&[("n_ipp", "9223372036854775807")], "n_ipp"),
        (&[("n_ipp", "92233720368547758070")], "n_ipp"),
        (&[("min_range_gate", "5000")], "min_range_gate"),
        (&[("max_range_gate", "-2000")], "max_range_gate"),
        (&[("max_range_gate", "280")], "max_range_gate"),
        (
            &[("min_range_gate", "-9223372036854775808")],
            "min_range_gate",
        ),
        (&[("range_gate_step", "0")], "range_gate_step"),
        (&[("frequency_decimation", "0")], "frequency_decimation"),
        (&[("frequency_decimation", "-1")], "frequency_decimation"),
        (&[("frequency_decimation", "7")], "frequency_decimation"),
        (&[("frequency_decimation", huge)], "frequency_decimation"),
        (&[("num_cohints_per_file", "0")], "num_cohints_per_file"),
        (&[("num_cohints_per_file", "-3")], "num_cohints_per_file"),
        (
            &[("dpt_ipp_delay_parameter", "10")],
            "dpt_ipp_delay_parameter",
        ),
        (
            &[("dpt_ipp_delay_parameter", huge)],
            "dpt_ipp_delay_parameter",
        ),
        (&[("min_acceleration", "nan")], "min_acceleration"),
        (&[("min_acceleration", "201")], "min_acceleration"),
        (
            &[("min_acceleration", "1"), ("max_acceleration", "2")],
            "min_acceleration",
        ),
        (&[("gmf_method", "best")], "gmf_method"),
        (&[("missing", "perhaps")], "missing"),
    ] {
        bench.configure(keys);
        let ended = bench.analyze("out", &[]);
        ended.must_refuse_soon(&format!("{keys:?}"), 1, &["c.ini", told]);
        assert!(!bench.path("out").exists(), "{keys:?}");
    }
}

#[test]
fn of_the_configuration_as_a_file() {
    let bench = Bench::new();
    for (content, told) in [
        (&b"[signal-processing]\nn_ipp = \xff\xfe\n"[..], "UTF-8"),
        (b"n_ipp = 10\n", "before any [section]"),
        (b"", "[signal-processing] is missing"),
        (b"[signal-processing]\nn_ipp\n", "line 2"),
        (
            b"[signal-processing]\nn_ipp = 1\nn_ipp = 2\n",
            "'n_ipp' is there twice",
        ),
        (b"\0\0\0\0", "line 1"),
    ] {
        fs::write(bench.path("c.ini"), content).unwrap();
        let ended = bench.analyze("out", &[]);
        ended.must_refuse_soon(&format!("{content:?}"), 1, &["c.ini", told]);
    }
    fs::remove_file(bench.path("c.ini")).unwrap();
    bench
        .analyze("out", &[])
        .must_refuse_soon("absent", 1, &["c.ini"]);
    fs::create_dir(bench.path("c.ini")).unwrap();
    bench
        .analyze("out", &[])
        .must_refuse_soon("a directory", 1, &["c.ini"]);
    assert!(!bench.path("out").exists());
}

#[test]
fn of_metadata() {
    let bench = Bench::new();
    let path = bench.path("recording/metadata.ini");
    let text = fs::read_to_string(&path).unwrap();
    let with = |key: &str, line: &str| {
        let is_it = |old: &&str| old.starts_with(&format!("{key} ="));
        let old = text.lines().find(is_it).unwrap();
        text.replace(&format!("\n{old}\n"), &format!("\n{line}\n"))
    };
    let huge = "1000000000000000000";
    for (key, line) in [
        ("ipp", String::new()),
        ("sample_rate", String::new()),
        ("radar_frequency", String::new()),
        ("sample_rate", "sample_rate = 100001".into()),
        ("sample_rate", "sample_rate = -1".into()),
        ("ipp", format!("ipp = {huge}")),
        ("rx_end", "rx_end = 10010".into()),
        ("tx_end", "tx_end = 50".into()),
        ("tx_start", "tx_start = -10".into()),
        ("tx_start", "tx_start = 1e300".into()),
        ("radar_frequency", "radar_frequency = 0".into()),
        ("radar_frequency", "radar_frequency = inf".into()),
    ] {
        fs::write(&path, with(key, &line)).unwrap();
        let ended = bench.analyze("out", &[]);
        ended.must_refuse_soon(&format!("{key}: {line:?}"), 1, &["metadata.ini", key]);
    }
    fs::remove_file(&path).unwrap();
    bench
        .analyze("out", &[])
        .must_refuse_soon("absent", 1, &["recording: holds no metadata.ini"]);
    assert!(!bench.path("out").exists());
}
