//! Marks of an axis that counts seconds since 1970-01-01T00:00:00 UTC.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::ticks::Tick;

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Distances between marks in microseconds, from those a calendar and a clock suggest.
fn steps() -> impl Iterator<Item = i64> {
    let decades = (0..6).map(|k| 10i64.pow(k));
    let fractions = decades.flat_map(|decade| [decade, 2 * decade, 5 * decade]);
    let seconds = [1, 2, 5, 10, 15, 30].map(|n| n * SECOND);
    let minutes = [1, 2, 5, 10, 15, 30].map(|n| n * MINUTE);
    let hours = [1, 2, 3, 6, 12].map(|n| n * HOUR);
    let days = (0..5).flat_map(|k| [1, 2, 5].map(|n| n * 10i64.pow(k) * DAY));
    fractions
        .chain(seconds)
        .chain(minutes)
        .chain(hours)
        .chain(days)
}

/// Marks between two instants in s since 1970, so many that labels of a width per character fit
/// `width`; and the date, for the axis label. `None` beyond the calendar.
pub(super) fn utc(low: f64, high: f64, width: f64, character: f64) -> Option<(Vec<Tick>, String)> {
    let (first, last) = ((low * 1e6).ceil() as i64, (high * 1e6).floor() as i64);
    let (from, to) = (civil(first)?, civil(last)?);
    let span = last.checked_sub(first).filter(|span| *span > 0)?;
    let step = steps().find(|&step| {
        let label = (name(from, step).chars().count() + 2) as f64 * character;
        (span / step) as f64 * label <= width
    })?;
    let mut ticks = Vec::new();
    let mut at = first.div_euclid(step) * step;
    while at <= last {
        if at >= first {
            ticks.push(Tick {
                at: at as f64 / 1e6,
                label: name(civil(at)?, step),
            });
        }
        at += step;
    }
    let date = if from.date() == to.date() {
        from.date().to_string()
    } else {
        format!("{} to {}", from.date(), to.date())
    };
    Some((ticks, date))
}

fn civil(microseconds: i64) -> Option<jiff::civil::DateTime> {
    let instant = Timestamp::from_microsecond(microseconds).ok()?;
    Some(TimeZone::UTC.to_datetime(instant))
}

/// An instant as precise as the distance of marks needs; midnight between hours shows the new date.
fn name(instant: jiff::civil::DateTime, step: i64) -> String {
    let midnight = instant.time() == jiff::civil::Time::midnight();
    if step >= DAY || (step >= MINUTE && midnight) {
        return instant.strftime("%m-%d").to_string();
    }
    if step >= MINUTE {
        return instant.strftime("%H:%M").to_string();
    }
    if step >= SECOND {
        return instant.strftime("%H:%M:%S").to_string();
    }
    let digits = (1..6).find(|&d| step % 10i64.pow(6 - d) == 0).unwrap_or(6);
    let text = instant.strftime("%H:%M:%S.%6f").to_string();
    text[..text.len() - 6 + digits as usize].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2021-04-12T12:15:40.
    const START: f64 = 1_618_229_740.0;

    fn labels(span: f64) -> (Vec<String>, String) {
        let (ticks, date) = utc(START, START + span, 400.0, 7.0).unwrap();
        (ticks.into_iter().map(|t| t.label).collect(), date)
    }

    #[test]
    fn as_precise_as_needed() {
        assert_eq!(labels(0.5).0[..2], ["12:15:40.0", "12:15:40.2"]);
        assert_eq!(
            labels(4.0).0,
            ["12:15:40", "12:15:41", "12:15:42", "12:15:43", "12:15:44"]
        );
        assert_eq!(labels(7200.0).0[..3], ["12:30", "12:45", "13:00"]);
        let (day, date) = labels(86_400.0);
        assert!(day.contains(&"04-13".to_owned()), "{day:?}");
        assert_eq!(date, "2021-04-12 to 2021-04-13");
    }

    #[test]
    fn beyond_the_calendar_there_are_no_marks() {
        assert!(utc(1e15, 1e16, 400.0, 7.0).is_none());
        assert!(utc(f64::NAN, f64::NAN, 400.0, 7.0).is_none());
        assert!(utc(START, START, 400.0, 7.0).is_none());
    }
}
