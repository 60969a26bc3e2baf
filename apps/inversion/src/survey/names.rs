//! What columns mean by their names.

use super::role::{Part, Role};

/// Names of each quantity of a sounding, those of geobipy before others; a `*` at the end stands
/// for anything. In the order of `SCALARS`.
const KNOWN: [(&[&str], &[&str]); 15] = [
    (&["line", "line_number"], &["line_no", "lineno"]),
    (&["fid", "fiducial", "id"], &["record"]),
    (&["e", "x", "easting"], &["utmx", "e_*", "easting_*"]),
    (&["n", "y", "northing"], &["utmy", "n_*", "northing_*"]),
    (
        &["dtm", "dem_elev", "dem_np", "topo", "elev", "elevation"],
        &["dtm_*", "ground_elevation*"],
    ),
    (
        &["height", "alt", "altitude", "laser", "bheight", "tx_height"],
        &["tx_altitude", "laseralt", "frame_height*"],
    ),
    (&["tx_roll"], &[]),
    (&["tx_pitch"], &[]),
    (&["tx_yaw"], &[]),
    (&["txrx_dx"], &[]),
    (&["txrx_dy"], &[]),
    (&["txrx_dz"], &[]),
    (&["rx_roll"], &[]),
    (&["rx_pitch"], &[]),
    (&["rx_yaw"], &[]),
];

/// The name of `names` that means the quantity, and whether it is guessed. What stands first in the
/// list of known names is taken first.
pub(super) fn scalar<'n>(place: usize, names: &[&'n str]) -> Option<(&'n str, bool)> {
    let (known, guesses) = KNOWN[place];
    // A height of the transmitter is meant before any other altitude.
    let first = names
        .iter()
        .find(|name| place == super::role::HEIGHT && name.eq_ignore_ascii_case("tx_height"));
    let listed = known.iter().map(|known| (known, false));
    let guessed = guesses.iter().map(|known| (known, true));
    let mut found = listed.chain(guessed).filter_map(|(known, is_guess)| {
        let named = names.iter().find(|name| matches(name, known));
        named.map(|name| (*name, is_guess))
    });
    first.map(|name| (*name, false)).or_else(|| found.next())
}

fn matches(name: &str, known: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    match known.strip_suffix('*') {
        Some(start) => lower.starts_with(start),
        None => lower == known,
    }
}

/// What a column of data holds in the time domain, and the time in s where the name says it.
pub(super) fn time_domain(name: &str) -> Option<(Role, Option<f64>)> {
    let lower = name.to_ascii_lowercase();
    if let Some(axis) = ["px", "py", "pz"].iter().position(|known| *known == lower) {
        return Some((Role::Primary(axis), None));
    }
    if let Some(found) = workbench(&lower) {
        return Some((found, None));
    }
    let marks = [
        ("off_time", Part::Z),
        ("x_time", Part::X),
        ("y_time", Part::Y),
        ("z_time", Part::Z),
    ];
    let (mark, part) = marks.into_iter().find(|(mark, _)| lower.contains(mark))?;
    let (before, after) = lower.split_once(mark)?;
    // S0Z_time: the digits before the component.
    let digits = before.trim_start_matches(|c: char| !c.is_ascii_digit());
    let system = match digits.parse::<usize>() {
        Ok(system) if system < 10 => system,
        _ => 0,
    };
    let time = after.trim_start_matches('_').trim_end_matches("_err");
    let role = if lower.contains("err") {
        Role::Deviation(system, part)
    } else {
        Role::Data(system, part)
    };
    Some((role, time.parse().ok()))
}

/// `dbdt_ch1gt2`, `dbdt_std_ch1gt2`: Workbench, whose standard deviations are parts of the data.
fn workbench(lower: &str) -> Option<Role> {
    let rest = lower.strip_prefix("dbdt_")?;
    let (rest, is_deviation) = match rest.strip_prefix("std_") {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let (channel, gate) = rest.strip_prefix("ch")?.split_once("gt")?;
    gate.parse::<u16>().ok()?;
    let system = channel.parse::<usize>().ok()?.checked_sub(1)?;
    if system >= 10 {
        return None;
    }
    Some(if is_deviation {
        Role::Relative(system, Part::Z)
    } else {
        Role::Data(system, Part::Z)
    })
}

/// `data_1`, `datastd_1`: older exports of Workbench, with a row per channel. Whether it is a
/// standard deviation.
pub(super) fn of_channel_rows(name: &str) -> Option<bool> {
    let lower = name.to_ascii_lowercase();
    let (base, number) = lower.rsplit_once('_')?;
    number.parse::<u16>().ok()?;
    match base {
        "data" | "dbdt" => Some(false),
        "datastd" | "data_std" | "dbdt_std" => Some(true),
        _ => None,
    }
}

/// What a column of data holds in the frequency domain, and the frequency in Hz where the name says
/// it.
pub(super) fn frequency_domain(name: &str) -> Option<(Role, Option<f64>)> {
    let lower = name.to_ascii_lowercase();
    let has = |marks: &[&str]| marks.iter().any(|mark| lower.contains(mark));
    if has(&["powerline", "magnetic"]) {
        return None;
    }
    let part = if has(&["in_phase", "i_", "cpi"]) {
        Part::InPhase
    } else if has(&["quad", "q_", "cpq"]) {
        Part::Quadrature
    } else {
        return None;
    };
    let is_deviation = lower.contains("err");
    let number = lower.trim_end_matches("_err").rsplit('_').next();
    let frequency = number.and_then(|number| number.parse().ok());
    Some(if is_deviation {
        (Role::Deviation(0, part), frequency)
    } else {
        (Role::Data(0, part), frequency)
    })
}
