use super::*;
use crate::experiment::Experiment;
use crate::settings::Settings;

/// 250 kHz, IPP 10 ms = 2500 samples, 4 pulses per integration, 3 integrations per file.
fn parameters(ipp_offset: i64) -> Parameters {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("metadata.ini");
    std::fs::write(
        &path,
        "[Experiment]\nname=t\nversion=1\nrx_channel=a\ntx_channel=a\nsample_rate=250000\nipp=10000\n\
         tx_start=80\ntx_end=480\nrx_start=0\nrx_end=10000\nradar_frequency=930\n",
    )
    .unwrap();
    let settings = Settings {
        n_ipp: 4,
        ipp_offset,
        num_cohints_per_file: 3,
        dpt_ipp_delay_parameter: 1,
        min_range_gate: 100,
        max_range_gate: 110,
        min_acceleration: -1e5,
        max_acceleration: 1e5,
        ..Settings::default()
    };
    Parameters::new(&Experiment::read(&path).unwrap(), &settings).unwrap()
}

const RATE: u64 = 250_000;
const FIRST: u64 = 1_618_229_740 * RATE;
const ANCHOR: Anchor = Anchor {
    sample: FIRST,
    counts_files: false,
};

fn window(samples: u64, limits: [Option<TimeLimit>; 2], offset: i64) -> Result<(Window, u64)> {
    let rate = Rate::hertz(RATE).unwrap();
    let limits = (limits[0], limits[1]);
    let all = FIRST..FIRST + samples;
    Window::new(
        &all,
        std::slice::from_ref(&all),
        limits,
        ANCHOR,
        rate,
        &parameters(offset),
    )
}

#[test]
fn exactly_as_many_integrations_as_fit() {
    for (samples, offset, integrations, files) in [
        (0, 0, None, 0),
        (9_999, 0, Some(0), 0),
        (10_000, 0, Some(1), 1),
        (30_000, 0, Some(3), 1),
        (40_000, 0, Some(4), 2),
        (40_000, 1, Some(3), 1),
        (42_500, 1, Some(4), 2),
    ] {
        let window = window(samples, [None, None], offset).ok().map(|w| w.0);
        assert_eq!(window.as_ref().map(Window::integrations), integrations);
        assert_eq!(window.map_or(0, |w| w.files()), files, "{samples}");
    }
}

#[test]
fn limits_are_exact_and_aligned_to_pulses() {
    // 20 ms after the first sample: two pulses.
    let start = TimeLimit::Absolute(1_618_229_740_020_000);
    let (aligned, moved) = window(100_000, [Some(start), None], 0).unwrap();
    assert_eq!((aligned.sample(0), moved), (FIRST + 5000, 0));
    let start = TimeLimit::Relative(0.021);
    let (aligned, moved) = window(100_000, [Some(start), None], 0).unwrap();
    assert_eq!((aligned.sample(0), moved), (FIRST + 7500, 2250));
    assert_eq!(aligned.integrations(), 9);
    assert_eq!(aligned.integrations_of(2), 6..9);
}

#[test]
fn integrations_follow_each_other_through_the_files_of_a_job() {
    // 8 integrations in files of 3.
    let (window, _) = window(80_000, [None, None], 0).unwrap();
    let from = |first, stride| {
        let order = std::iter::successors(Some(first), |&i| window.following(i, stride));
        order.collect::<Vec<_>>()
    };
    assert_eq!(from(0, 1), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(from(1, 2), [1, 2, 6, 7]);
    assert_eq!(from(3, 2), [3, 4, 5]);
    assert_eq!(from(0, usize::MAX), [0, 1, 2]);
}

#[test]
fn a_live_window_is_a_finished_one_that_goes_on() {
    let rate = Rate::hertz(RATE).unwrap();
    let limits = (Some(TimeLimit::Relative(0.021)), None);
    let (live, moved) = Window::live(FIRST, limits, ANCHOR, rate, &parameters(1)).unwrap();
    let (finished, same) = window(200_000, [limits.0, None], 1).unwrap();
    assert_eq!(moved, same);
    let last = finished.integrations() - 1;
    assert_eq!(live.sample(last), finished.sample(last));
    assert!(live.end(last) <= FIRST + 200_000);
    assert!(live.end(last + 1) > FIRST + 200_000);
    assert!(live.integrations() > 1 << 40);
    let end = Some(TimeLimit::Relative(40.021));
    let (limited, _) = Window::live(FIRST, (limits.0, end), ANCHOR, rate, &parameters(1)).unwrap();
    assert_eq!(limited.integrations(), 999);
    let early = (Some(TimeLimit::Relative(-1.0)), None);
    let error = Window::live(FIRST, early, ANCHOR, rate, &parameters(1)).unwrap_err();
    assert!(
        error.to_string().contains("(from 2021-04-12T12:15:40"),
        "{error}"
    );
}

/// Integrations of 10000 samples in files of 3.
fn over(stretches: &[Range<u64>], anchor: Anchor, start: Option<TimeLimit>) -> Window {
    let at = |r: &Range<u64>| FIRST + r.start..FIRST + r.end;
    let stretches: Vec<Range<u64>> = stretches.iter().map(at).collect();
    let recorded = stretches[0].start..stretches[stretches.len() - 1].end;
    let rate = Rate::hertz(RATE).unwrap();
    let limits = (start, None);
    Window::new(&recorded, &stretches, limits, anchor, rate, &parameters(0))
        .unwrap()
        .0
}

fn starts(window: &Window) -> Vec<u64> {
    (0..window.integrations())
        .map(|i| (window.sample(i) - FIRST) / 10_000)
        .collect()
}

#[test]
fn files_without_samples_are_not_counted() {
    let years = 50 * 31_557_600 * RATE / 30_000 * 30_000;
    let window = over(
        &[0..40_000, 95_000..96_000, years..years + 75_000],
        ANCHOR,
        None,
    );
    let far = years / 10_000;
    let expected = [0, 1, 2, 3, 4, 5, 9, 10, 11];
    let far = [far, far + 1, far + 2, far + 3, far + 4, far + 5, far + 6];
    assert_eq!(starts(&window), [&expected[..], &far].concat());
    assert_eq!(window.files(), 6);
    assert_eq!(window.integrations_of(5), 15..16);
    assert_eq!(window.following(5, 1), Some(6));
    assert_eq!(window.following(8, 2), Some(12));
}

#[test]
fn gaps_are_told_by_what_they_leave_out() {
    let stretches = [0..40_000, 95_000..96_000, 200_000..260_000];
    let window = over(&stretches, ANCHOR, None);
    let at = stretches.map(|r| FIRST + r.start..FIRST + r.end);
    let gaps: Vec<(u64, u64)> = window
        .gaps(&at)
        .iter()
        .map(|gap| (gap.integrations, gap.files))
        .collect();
    assert_eq!(gaps, [(5, 1), (10, 2)]);
}

#[test]
fn a_grid_that_is_fixed_goes_on_in_both_directions() {
    let inside = std::array::from_fn::<_, 1, _>(|_| 12_000..70_000);
    for sample in [FIRST + 1_000, FIRST + 31_000, FIRST - 59_000] {
        let anchor = Anchor {
            sample,
            counts_files: true,
        };
        let window = over(&inside, anchor, None);
        // The file of the integration that holds the first sample, and whole integrations up to the
        // end.
        assert_eq!(window.first_sample(), FIRST + 1_000);
        assert_eq!(window.integrations(), 6);
        // A start within a file brings the whole file.
        let start = Some(TimeLimit::Relative((15_000.0 - 12_000.0) / RATE as f64));
        assert_eq!(over(&inside, anchor, start).first_sample(), FIRST + 1_000);
        let start = Some(TimeLimit::Relative((25_000.0 - 12_000.0) / RATE as f64));
        assert_eq!(over(&inside, anchor, start).first_sample(), FIRST + 31_000);
    }
}

#[test]
fn limits_outside_the_recording_are_errors() {
    let message = |start, end| window(100_000, [start, end], 0).unwrap_err().to_string();
    let early = message(Some(TimeLimit::Relative(-1e-5)), None);
    assert!(
        early.contains("the start (2021-04-12T12:15:39.999988) lies outside"),
        "{early}"
    );
    let late = message(None, Some(TimeLimit::Relative(0.5)));
    assert!(late.contains("the end"), "{late}");
    let reversed = message(
        Some(TimeLimit::Relative(0.2)),
        Some(TimeLimit::Relative(0.1)),
    );
    assert!(reversed.contains("not after the start"), "{reversed}");
    message(Some(TimeLimit::Absolute(i64::MAX)), None);
    message(Some(TimeLimit::Relative(1e300)), None);
}
