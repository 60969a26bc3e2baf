//! Numbers that do not fit the type they go into are counted and told.

use jobwise_hdf5::element::Kind;
use jobwise_hdf5::file_access;
use jobwise_usid::format::{Main, Scalar, SourceRows, Storage, Value};

use crate::bench::{Bench, CHANNEL};
use crate::signals::Signals;

const POINTS: usize = 64;

fn signals(scalar: Scalar, rows: Vec<Vec<f64>>) -> Signals<'static> {
    Signals {
        scalar,
        quantity: "Counts",
        units: "",
        columns: ("Time", "s", (0..POINTS).map(|k| k as f64).collect()),
        rows,
        experiment: vec![("IO_samp_rate_[Hz]", Value::Float(1.0))],
        storage: Storage::Contiguous,
    }
}

/// Around a pedestal, as converters count.
fn counts() -> Vec<Vec<f64>> {
    let row = |line: usize| {
        (0..POINTS)
            .map(|k| (60 + (k * 13 + line * 5) % 37) as f64)
            .collect()
    };
    (0..3).map(row).collect()
}

const BAND: [&str; 4] = ["filter", "a.h5", "-f", "band:0.2,0.1"];

fn filtered(bench: &Bench, group: &str) -> (Vec<f64>, String) {
    let file = file_access::open(bench.path("a.h5")).unwrap();
    let main = Main::find(
        &file,
        &format!("{CHANNEL}/Raw_Data-FFT_Filtering_{group}/Filtered_Data"),
    )
    .unwrap();
    let rows = SourceRows::of(&main).unwrap();
    (
        rows.numbers(0..main.positions()).unwrap().0,
        main.element().to_string(),
    )
}

#[test]
fn a_filter_of_integers_gives_floats_unless_told_otherwise() {
    let bench = Bench::new();
    signals(Scalar::F64, counts()).write(&bench, "a.h5");
    bench.must(&BAND);
    let (truth, _) = filtered(&bench, "000");
    assert!(truth.iter().any(|x| *x < -1.0));
    for scalar in Scalar::ALL {
        signals(scalar, counts()).write(&bench, "a.h5");
        let run = bench.must(&BAND);
        assert!(run.stderr.is_empty(), "{scalar}: {run:?}");
        let (found, kind) = filtered(&bench, "000");
        assert_eq!(kind, scalar.float().to_string());
        assert!(
            found.iter().zip(&truth).all(|(a, b)| (a - b).abs() < 1e-5),
            "{scalar}"
        );
    }
    // Asked for, with every loss counted.
    for scalar in [Scalar::Of(Kind::U16), Scalar::Of(Kind::I8), Scalar::F32] {
        let name = scalar.to_string();
        let run = bench.must(&[&BAND[..], &["--result-type", &name, "--override"]].concat());
        let least = if name == "u16" { 0.0 } else { -128.0 };
        let clipped = truth.iter().filter(|x| x.round_ties_even() < least).count();
        if scalar.is_float() {
            assert!(run.stderr.is_empty(), "{run:?}");
        } else {
            assert!(run.stderr.contains("rounded to whole numbers"), "{run:?}");
            let told = format!("{clipped} ended at the limits");
            assert_eq!(
                run.stderr.contains(&told),
                clipped > 0,
                "{clipped}: {run:?}"
            );
        }
    }
    assert_eq!(
        bench
            .run([&BAND[..], &["--result-type", "u17"]].concat())
            .status,
        Some(2)
    );
}

#[test]
fn what_is_too_large_too_small_or_too_fine_is_told() {
    let bench = Bench::new();
    let scaled = |factor: f64| {
        counts()
            .into_iter()
            .map(|row| row.into_iter().map(|x| factor * x).collect())
            .collect()
    };
    for (factor, words) in [(1e300, "too large"), (1e-300, "too small"), (1.0, "")] {
        signals(Scalar::F64, scaled(factor)).write(&bench, "a.h5");
        let run = bench.must(&[&BAND[..], &["--result-type", "f32"]].concat());
        assert_eq!(
            run.stderr.lines().count(),
            usize::from(!words.is_empty()),
            "{run:?}"
        );
        assert!(run.stderr.contains(words), "{run:?}");
    }
    // Beyond 2^53, every other whole number is no float of 64 bits: a filter rounds, a reshape does
    // not.
    let large = signals(Scalar::Of(Kind::I64), counts());
    large.write(&bench, "a.h5");
    let file = file_access::open_rw(bench.path("a.h5")).unwrap();
    let raw = file.dataset(&format!("{CHANNEL}/Raw_Data")).unwrap();
    let numbers: Vec<i64> = (0..3 * POINTS as i64).map(|k| (1 << 60) + k).collect();
    raw.write_raw(&numbers).unwrap();
    drop((raw, file));
    let run = bench.must(&BAND);
    assert!(run.stderr.contains("beyond 2^53 rounded to f64"), "{run:?}");
    let run = bench.must(&["reshape", "a.h5", "--points-per-cycle", "16"]);
    assert!(run.stderr.is_empty(), "{run:?}");
    let file = file_access::open(bench.path("a.h5")).unwrap();
    let pieces = file
        .dataset(&format!("{CHANNEL}/Raw_Data-Reshape_000/Reshaped_Data"))
        .unwrap();
    assert_eq!(pieces.read_raw::<i64>().unwrap(), numbers);
}

#[test]
fn results_of_an_earlier_version_in_the_sources_type_are_not_taken() {
    let bench = Bench::new();
    signals(Scalar::Of(Kind::U16), counts()).write(&bench, "a.h5");
    bench.must(&BAND);
    // As that version wrote them: the digest without the type of the result, and no seal.
    let file = file_access::open_rw(bench.path("a.h5")).unwrap();
    let group = file
        .group(&format!("{CHANNEL}/Raw_Data-FFT_Filtering_000"))
        .unwrap();
    // Of floats, nothing has changed since: their digest is the same.
    signals(Scalar::F32, counts()).write(&bench, "floats.h5");
    let floats = file_access::open(bench.path("floats.h5")).unwrap();
    let source = Main::choose(&floats, None).unwrap();
    let old = jobwise_usid::filter::Request {
        filters: vec![jobwise_usid::filter::parse("band:0.2,0.1").unwrap()],
        write_filtered: true,
        num_pix: 1,
        ..Default::default()
    };
    let recipe = jobwise_usid::filter::Filter::<f64> {
        request: old,
        precision: std::marker::PhantomData,
    };
    let digest = jobwise_usid::process::Recipe::parameters(&recipe, &source)
        .unwrap()
        .digest();
    Value::Text(digest).write(&group, "jobwise_digest").unwrap();
    group.delete_attr("jobwise_seal").unwrap();
    drop((group, source, file, floats));
    let run = bench.must(&BAND);
    assert!(
        run.stderr
            .contains("made by an earlier version, which stored the filtered signal as u16"),
        "{run:?}"
    );
    assert!(run.stdout.contains("_001: 3 positions"), "{run:?}");
}
