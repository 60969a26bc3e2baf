//! A recording that changed after it was analysed.

use std::fs;
use std::process::Command;

use crate::bench::Bench;

#[test]
fn files_of_other_samples_are_done_again_and_no_others() {
    let bench = Bench::with(&[("end_time", "0.4")], &[]);
    let whole = bench.whole("found");
    let quiet = |bench: &Bench| {
        let ended = bench.analyze("found", &[]);
        assert!(ended.succeeded() && ended.stderr.is_empty(), "{ended:?}");
        assert!(
            ended
                .stdout
                .contains("4 integrations were done by an earlier run"),
            "{ended:?}"
        );
        bench.tree("found").must_equal(&whole);
    };
    quiet(&bench);
    // Copied without its times: the samples are the same.
    let copied = Command::new("cp")
        .arg("-r")
        .args(["recording", "copy"])
        .current_dir(bench.path(""))
        .status();
    assert!(copied.unwrap().success());
    fs::remove_dir_all(bench.path("recording")).unwrap();
    fs::rename(bench.path("copy"), bench.path("recording")).unwrap();
    quiet(&bench);
    // Another recording of the same shape, of which one file of samples is put into the first.
    bench.record("other", &[("end_time", "0.4"), ("seed", "77")]);
    let files = bench.tree("other").0;
    let (name, bytes) = files
        .iter()
        .filter(|(name, _)| name.display().to_string().contains("rf@"))
        .nth(1)
        .unwrap();
    fs::write(bench.path("recording").join(name), bytes).unwrap();
    let ended = bench.analyze("found", &[]);
    assert!(ended.succeeded(), "{ended:?}");
    let told = ended
        .stderr
        .matches("other samples than it was computed from")
        .count();
    assert!(
        (1..4).contains(&told) && ended.stderr.lines().count() == told,
        "{ended:?}"
    );
    let now = bench.tree("found");
    assert!(now != whole);
    now.must_equal(&bench.whole("anew"));
    let ended = bench.analyze("found", &[]);
    assert!(ended.succeeded() && ended.stderr.is_empty(), "{ended:?}");
}

#[test]
fn a_recording_that_grew_is_gone_on_with() {
    let keys = [("num_cohints_per_file", "4")];
    let bench = Bench::with(&[("end_time", "0.2")], &keys);
    bench.whole("found");
    fs::rename(bench.path("recording"), bench.path("short")).unwrap();
    bench.record("recording", &[("end_time", "0.4")]);
    let ended = bench.analyze("found", &[]);
    assert!(ended.succeeded() && ended.stderr.is_empty(), "{ended:?}");
    let whole = bench.whole("anew");
    bench.tree("found").must_equal(&whole);
    // It is noted as a whole: another beginning is seen.
    fs::remove_dir_all(bench.path("recording")).unwrap();
    bench.record("recording", &[("end_time", "0.4"), ("seed", "77")]);
    let ended = bench.analyze("found", &[]);
    assert!(
        ended.succeeded() && ended.stderr.contains("other samples"),
        "{ended:?}"
    );
    assert!(bench.tree("found") != whole);
}

#[test]
fn results_and_refined_peaks_outlive_samples_that_are_gone_or_damaged() {
    let keys = [("num_cohints_per_file", "4")];
    let bench = Bench::with(&[("end_time", "0.4")], &keys);
    bench.whole("found");
    assert!(bench.analyze("found", &["-m", "optimize"]).succeeded());
    let whole = bench.tree("found");
    let files = bench.data_files("recording");
    fs::remove_file(&files[0]).unwrap();
    fs::write(&files[files.len() / 2], "").unwrap();
    let follow = ["--follow", "--idle-timeout", "0", "--settle", "0"];
    for args in [&[][..], &follow, &["-m", "optimize"]] {
        let ended = bench.analyze("found", args);
        assert_eq!(ended.status, Some(3), "{args:?}: {ended:?}");
        bench.tree("found").must_equal(&whole);
    }
}

#[test]
fn refining_peaks_of_other_samples_is_refused_for_their_files_only() {
    let bench = Bench::with(&[("end_time", "0.4")], &[]);
    bench.whole("found");
    bench.record("other", &[("end_time", "0.4"), ("seed", "77")]);
    let (ours, others) = (bench.data_files("recording"), bench.data_files("other"));
    fs::copy(&others[1], &ours[1]).unwrap();
    let ended = bench.analyze("found", &["-m", "optimize"]);
    assert_eq!(ended.status, Some(3), "{ended:?}");
    assert!(
        ended.stderr.contains("other samples than its peaks"),
        "{ended:?}"
    );
    assert!(bench.analyze("found", &[]).succeeded());
    let ended = bench.analyze("found", &["-m", "optimize"]);
    assert!(ended.succeeded(), "{ended:?}");
}

#[test]
fn what_is_no_file_at_the_place_of_a_result_is_named_and_costs_itself() {
    let bench = Bench::with(&[("end_time", "0.4")], &[]);
    bench.whole("found");
    let (name, _) = bench.tree("found").0.into_iter().next().unwrap();
    let path = bench.path("found").join(&name);
    fs::remove_file(&path).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(&path)
            .status()
            .unwrap()
            .success()
    );
    let follow = ["--follow", "--idle-timeout", "0"];
    for args in [&[][..], &follow, &["-m", "optimize"]] {
        let ended = bench.analyze("found", args);
        assert_eq!(ended.status, Some(3), "{args:?}: {ended:?}");
        let name = name.file_name().unwrap().to_str().unwrap();
        assert!(ended.stderr.contains(name), "{args:?}: {ended:?}");
    }
    for command in [&["inspect", "gmf", "found"][..], &["detect", "found"]] {
        let ended = bench.run(command.iter().copied());
        assert_eq!(ended.status, Some(3), "{command:?}: {ended:?}");
    }
}

#[test]
fn results_outlive_the_end_of_the_recording() {
    for per_file in ["4", "2"] {
        let keys = [("num_cohints_per_file", per_file)];
        let bench = Bench::with(&[("end_time", "0.6")], &keys);
        bench.whole("found");
        let follow = ["--follow", "--idle-timeout", "0", "--settle", "0"];
        let inside = ["--relative_time", "-e", "0.25"];
        let refine = ["-m", "optimize"];
        let inside_refine = [&inside[..], &refine].concat();
        for args in [&inside[..], &inside_refine] {
            assert!(bench.analyze("found", args).succeeded(), "{args:?}");
        }
        assert!(bench.analyze("found", &refine).succeeded());
        let whole = bench.tree("found");
        let files = bench.data_files("recording");
        for gone in &files[3..] {
            fs::remove_file(gone).unwrap();
        }
        for args in [&[][..], &follow, &inside, &refine, &inside_refine] {
            let ended = bench.analyze("found", args);
            assert!(ended.succeeded(), "{args:?}: {ended:?}");
            bench.tree("found").must_equal(&whole);
        }
        // Other samples in what is left: named, and left as it is where there is more.
        bench.record("other", &[("end_time", "0.6"), ("seed", "77")]);
        fs::copy(&bench.data_files("other")[2], &files[2]).unwrap();
        let ended = bench.analyze("found", &[]);
        assert_eq!(ended.status, Some(3), "{ended:?}");
        assert!(ended.stderr.contains("ends after"), "{ended:?}");
        bench.tree("found").must_equal(&whole);
    }
}

#[test]
fn results_outlive_the_beginning_also_where_missing_samples_are_errors() {
    let keys = [("num_cohints_per_file", "2"), ("missing", "error")];
    let bench = Bench::with(&[], &keys);
    let whole = bench.whole("found");
    let files = bench.data_files("recording");
    let follow = ["--follow", "--idle-timeout", "0", "--settle", "0"];
    // The beginning, and a whole file of results.
    for gone in [0, 2, 3] {
        fs::remove_file(&files[gone]).unwrap();
        for args in [&[][..], &follow] {
            let ended = bench.analyze("found", args);
            assert!(ended.succeeded(), "{gone}, {args:?}: {ended:?}");
            bench.tree("found").must_equal(&whole);
        }
    }
    for args in [&[][..], &follow] {
        assert_eq!(bench.analyze("anew", args).status, Some(1), "{args:?}");
    }
}

#[test]
fn results_of_a_later_recording_do_not_bind_an_earlier_one() {
    let bench = Bench::new();
    // As if the pulses of the later one had another place.
    let origin = ["--pulse-origin", "2021-04-12T11:59:59.705"];
    assert!(bench.analyze("found", &origin).succeeded());
    fs::remove_dir_all(bench.path("recording")).unwrap();
    bench.record("recording", &[("epoch", "2021-04-12T10:00:00.5")]);
    let early = bench.whole("early");
    let ended = bench.analyze("found", &[]);
    assert!(ended.succeeded(), "{ended:?}");
    assert!(ended.stderr.contains("counted anew"), "{ended:?}");
    early.must_be_part_of(&bench.tree("found"));
}

#[test]
fn a_damaged_file_of_results_costs_its_own_refinement() {
    let bench = Bench::with(&[("end_time", "0.4")], &[]);
    let found = bench.whole("found");
    let (name, bytes) = found.0.iter().nth(1).unwrap();
    let path = bench.path("found").join(name);
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let ended = bench.analyze("found", &["-m", "optimize"]);
    assert_eq!(ended.status, Some(3), "{ended:?}");
    let told = path.file_name().unwrap().to_str().unwrap();
    assert!(ended.stderr.contains(told), "{ended:?}");
    assert!(ended.stdout.contains("3 files written"), "{ended:?}");
    let strict = bench.analyze("found", &["-m", "optimize", "--strict"]);
    assert_eq!(strict.status, Some(1), "{strict:?}");
    // The search writes it anew, and then it is refined.
    assert!(bench.analyze("found", &[]).succeeded());
    let ended = bench.analyze("found", &["-m", "optimize"]);
    assert!(ended.succeeded(), "{ended:?}");
    assert!(ended.stdout.contains("1 files written"), "{ended:?}");
}
