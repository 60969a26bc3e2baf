use proptest::prelude::*;

use super::*;

fn rates() -> impl Strategy<Value = Rate> {
    prop_oneof![
        Just((200, 3)),
        Just((1_000_000_000, 7)),
        Just((1, 3)),
        (1_u64..1 << 42, 1_u64..1 << 20),
    ]
    .prop_map(|(numerator, denominator)| Rate::new(numerator, denominator).unwrap())
}

proptest! {
    #[test]
    fn an_instant_lies_between_its_neighbours(rate in rates(), time in -1_i64 << 50..1 << 50) {
        let unit = Unit::Microseconds;
        let (before, after) = (rate.index_at(time, unit), rate.index_from(time, unit));
        prop_assert!(after - before == 0 || after - before == 1);
        // before * den / num <= time <= after * den / num, cross-multiplied
        let scaled = i128::from(time) * i128::from(rate.numerator());
        let per_sample = i128::from(rate.denominator()) * 1_000_000;
        prop_assert!(before * per_sample <= scaled && scaled < (before + 1) * per_sample);
        prop_assert!((after - 1) * per_sample < scaled && scaled <= after * per_sample);
    }

    #[test]
    fn a_sample_is_found_again_from_its_time(rate in rates(), index in 0_u64..1 << 62) {
        for unit in [Unit::Seconds, Unit::Milliseconds, Unit::Microseconds] {
            let Ok(time) = i64::try_from(rate.time_of(index, unit)) else { continue };
            // The unit that contains the sample begins at or before it and ends after it.
            prop_assert!(rate.index_from(time, unit) <= i128::from(index));
            prop_assert!(i128::from(index) < rate.index_from(time + 1, unit));
        }
    }

    #[test]
    fn intervals_tile_the_samples(rate in rates(), first in 0_i64..1 << 31, length in 1_i64..5_000) {
        let unit = Unit::Milliseconds;
        let cuts: Vec<i128> =
            (0..4).map(|k| rate.index_from((first + k) * length, unit)).collect();
        prop_assume!(cuts[3] <= i128::from(u64::MAX));
        for (k, pair) in cuts.windows(2).enumerate() {
            let begin = (first + k as i64) * length;
            prop_assert!(pair[0] <= pair[1]);
            for index in [pair[0], pair[1] - 1] {
                if pair[0] < pair[1] {
                    let time = rate.time_of(index as u64, unit);
                    prop_assert!((i128::from(begin)..i128::from(begin + length)).contains(&time));
                }
            }
        }
    }

    #[test]
    fn instants_return_from_their_text(us in -62_000_000_000_000_000_i64..250_000_000_000_000_000) {
        prop_assert_eq!(parse_utc(&format_utc(us).unwrap()).unwrap(), us);
        let second = us.div_euclid(1_000_000);
        prop_assert_eq!(parse_directory_stamp(&directory_stamp(second).unwrap()), Some(second));
    }
}

#[test]
fn extreme_indices_stay_exact() {
    let rate = Rate::new((1 << 43) - 1, 1).unwrap();
    assert_eq!(
        rate.time_of(u64::MAX, Unit::Seconds),
        i128::from(u64::MAX / ((1 << 43) - 1))
    );
    let slow = Rate::new(1, (1 << 43) - 1).unwrap();
    let expected = i128::from(u64::MAX) * ((1 << 43) - 1) * 1_000_000;
    assert_eq!(slow.time_of(u64::MAX, Unit::Microseconds), expected);
    // 10 MHz: the index is beyond 2^53, where f64 no longer separates neighbours.
    let radar = Rate::hertz(10_000_000).unwrap();
    assert_eq!(
        radar.index_at(1_618_229_740_000_001, Unit::Microseconds),
        16_182_297_400_000_010
    );
    assert!(Rate::new(0, 1).is_err() && Rate::new(1, 0).is_err() && Rate::hertz(1 << 43).is_err());
    assert_eq!(Rate::new(600, 9).unwrap(), Rate::new(200, 3).unwrap());
}

#[test]
fn text_forms_of_one_instant_agree() {
    let expected = 1_618_232_400_500_000;
    for text in [
        "2021-04-12T13:00:00.5",
        "2021-04-12 13:00:00.500000",
        "2021-04-12T13:00:00.5000009Z",
        "2021-04-12T15:00:00.5+02:00",
    ] {
        assert_eq!(parse_utc(text).unwrap(), expected, "{text}");
    }
    assert_eq!(parse_utc("2021-04-12").unwrap(), 1_618_185_600_000_000);
    assert_eq!(format_utc(expected).unwrap(), "2021-04-12T13:00:00.500000");
    assert_eq!(
        hour_directory(expected - 1_000_000).unwrap(),
        "2021-04-12T12-00-00"
    );
    assert_eq!(
        directory_stamp(1_394_368_230).unwrap(),
        "2014-03-09T12-30-30"
    );
    for wrong in ["", "yesterday", "2021-13-01", "12:00", "2021-04-12T25:00"] {
        assert!(parse_utc(wrong).is_err(), "{wrong}");
    }
    for wrong in [
        "2021-4-12T12-00-00",
        "2021-04-12",
        "metadata",
        "2021-04-12T12-00-00x",
    ] {
        assert_eq!(parse_directory_stamp(wrong), None, "{wrong}");
    }
    assert!(format_utc(i64::MAX).is_err() && directory_stamp(i64::MAX).is_err());
}
