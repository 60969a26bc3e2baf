//! Instants as people and directory names write them. Everything is UTC.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};

use crate::{Error, Result};

/// How sub-directories are named after the instant they begin with.
const STAMP: &str = "%Y-%m-%dT%H-%M-%S";

/// Names a directory `YYYY-MM-DDTHH-MM-SS` after the second it begins with.
///
/// # Errors
/// The second lies outside the years -9999 to 9999.
pub fn directory_stamp(seconds: i64) -> Result<String> {
    Ok(civil_of(i128::from(seconds) * 1_000_000)?
        .strftime(STAMP)
        .to_string())
}

/// Names the directory `YYYY-MM-DDTHH-00-00` of the hour that contains an instant in microseconds.
///
/// # Errors
/// The instant lies outside the years -9999 to 9999.
pub fn hour_directory(microseconds: i64) -> Result<String> {
    directory_stamp(microseconds.div_euclid(3_600_000_000) * 3_600)
}

/// The second that a directory name `YYYY-MM-DDTHH-MM-SS` means; `None` for any other name.
pub fn parse_directory_stamp(name: &str) -> Option<i64> {
    let stamp = DateTime::strptime(STAMP, name).ok()?;
    // strptime is lenient about widths; a stamp is not.
    if stamp.strftime(STAMP).to_string() != name {
        return None;
    }
    Some(stamp.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
}

/// Reads an ISO 8601 instant as microseconds since 1970; fractions of microseconds are cut off.
///
/// A date stands for its first instant. Without a zone the instant is UTC; `Z` and offsets such
/// as `+02:00` are understood.
///
/// # Errors
/// The text is no such instant.
pub fn parse_utc(text: &str) -> Result<i64> {
    let text = text.trim();
    let instant = text.parse::<Timestamp>().or_else(|_| {
        let civil = text.parse::<DateTime>()?;
        civil.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp())
    });
    match instant {
        Ok(_) if is_leap_second(text) => Err(Error::Request(format!(
            "{text:?}: there is no second 60, as leap seconds are not counted; give second 59 or \
             the next minute"
        ))),
        Ok(instant) => Ok(instant.as_nanosecond().div_euclid(1_000) as i64),
        Err(_) => Err(Error::Request(format!(
            "{text:?} is no instant: write it like 2021-04-12T13:00:00.5 (UTC) or 2021-04-12"
        ))),
    }
}

/// Whether an instant is in second 60 of its minute, which the calendar takes for second 59.
fn is_leap_second(text: &str) -> bool {
    let Some((_, time)) = text.split_once(['T', 't', ' ']) else {
        return false;
    };
    let clock = time
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == ':')
        .filter(|c| *c != ':');
    clock.skip(4).take(2).eq("60".chars())
}

/// Writes microseconds since 1970 as `YYYY-MM-DDTHH:MM:SS.ffffff` (UTC, without zone).
///
/// # Errors
/// The instant lies outside the years -9999 to 9999.
pub fn format_utc(microseconds: i64) -> Result<String> {
    Ok(civil_of(i128::from(microseconds))?
        .strftime("%Y-%m-%dT%H:%M:%S.%6f")
        .to_string())
}

fn civil_of(microseconds: i128) -> Result<civil::DateTime> {
    let outside = || {
        Error::Request(format!(
            "{microseconds} us after 1970 is no date of this calendar"
        ))
    };
    let nanoseconds = microseconds.checked_mul(1_000).ok_or_else(outside)?;
    let instant = Timestamp::from_nanosecond(nanoseconds).map_err(|_| outside())?;
    Ok(TimeZone::UTC.to_datetime(instant))
}
