use super::super::profile::Profile;
use super::*;

const TIMING: Timing = Timing {
    ipp: 1000,
    rx_start: 0,
    rx_end: 1000,
    tx_start: 50,
    tx_end: 150,
};

/// The first recorded sample; a period begins 300 samples later.
const FIRST: u64 = 7_000_000;

fn rate() -> Rate {
    Rate::hertz(1_000_000).unwrap()
}

/// A look at a recording with pulses of that power; 1 is the power of what surrounds them.
fn look(power: f64) -> Look {
    let is_pulse = |k: usize| (350..450).contains(&k);
    let cells: Vec<(f64, f64)> = (0..1000)
        .map(|k| (8.0 * if is_pulse(k) { power } else { 1.0 }, 8.0))
        .collect();
    Look::of(Profile::of(&cells, &TIMING), FIRST, 1000)
}

#[test]
fn which_origin_wins_and_what_is_said() {
    let (clear, nothing) = (30.0, 1.0);
    let right = FIRST + 300;
    // Fixed, start, first, power of the pulses; origin, a word of the warning.
    for (fixed, start, first, power, origin, told) in [
        // What is fixed wins over all, with a warning where it is wrong.
        (
            Some(right + 2000),
            Some(FIRST),
            FIRST,
            clear,
            right + 2000,
            None,
        ),
        (Some(FIRST), Some(right), FIRST, clear, FIRST, Some("come")),
        (
            Some(FIRST),
            None,
            FIRST,
            nothing,
            FIRST,
            Some("no pulse stands out"),
        ),
        // An exact start, if it holds the whole pulse or nothing is known.
        (None, Some(right + 5000), FIRST, clear, right + 5000, None),
        (
            None,
            Some(right + 30),
            FIRST,
            clear,
            right,
            Some("does not begin with a period"),
        ),
        (
            None,
            Some(FIRST + 70),
            FIRST,
            nothing,
            FIRST + 70,
            Some("no pulse stands out"),
        ),
        // The first sample, if its window holds pulses.
        (None, None, right, clear, right, None),
        (None, None, right + 30, clear, right + 30, None),
        // The transmission; without one, the first sample.
        (
            None,
            None,
            FIRST,
            clear,
            right,
            Some("does not begin with a period"),
        ),
        (
            None,
            None,
            FIRST,
            nothing,
            FIRST,
            Some("no pulse stands out"),
        ),
    ] {
        let known = Known {
            fixed,
            start,
            first,
        };
        let found = find(known, &look(power), &TIMING, rate());
        assert_eq!(found.origin, origin, "{known:?}, {power}: {found:?}");
        let is_told = match (&found.warning, told) {
            (Some(warning), Some(told)) => warning.contains(told),
            (None, None) => true,
            _ => false,
        };
        assert!(is_told, "{known:?}, {power}: {found:?}");
    }
}

#[test]
fn origins_beyond_the_calendar_are_refused() {
    let sample = |text: &str| PulseOrigin::parse(text).unwrap().sample(rate());
    for (text, told) in [
        ("18446744073709551615", "beyond the calendar"),
        ("9223372036854775808", "beyond the calendar"),
        ("300000000000000000", "beyond the calendar"),
        ("1969-12-31T23:59:59", "before 1970"),
    ] {
        let error = sample(text).unwrap_err().to_string();
        assert!(error.contains(told), "{text}: {error}");
    }
    for (text, origin) in [("0", 0), ("1", 1), ("1970-01-01T00:00:01", 1_000_000)] {
        assert_eq!(sample(text).unwrap(), origin, "{text}");
    }
    // Where the calendar ends later than 64 bits do.
    let fast = Rate::hertz(1_000_000_000).unwrap();
    assert!(PulseOrigin::Sample(u64::MAX).sample(fast).is_err());
}
