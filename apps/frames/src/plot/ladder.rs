use std::collections::BTreeMap;

use jobwise_figures::{Axis, Figure, Mark, Panel, Series};
use serde_json::Value;

/// The usual size, in pixels.
const SIZE: (u32, u32) = (1240, 760);

/// Draws where frames went, of what `frames accumulate` wrote. Above, a rung per data frame in the
/// order of the files: from the rank that read it to the rank that computed it. Below, what each
/// rank saw, in its own order. Further threads of a rank lie between it and the next one.
///
/// # Errors
/// It is something else.
pub fn ladder(document: &Value, size: Option<(u32, u32)>) -> Result<Figure, String> {
    let wrong = || "is not what frames accumulate writes".to_owned();
    let ranks = document["ranks"].as_u64().ok_or_else(wrong)?;
    let seen = document["seen"].as_object().ok_or_else(wrong)?;
    let places: BTreeMap<&str, f64> = seen
        .keys()
        .map(|name| Some((name.as_str(), place(name, seen.len())?)))
        .collect::<Option<_>>()
        .ok_or_else(wrong)?;
    let (mut read, mut sent, mut computed) = (Vec::new(), Vec::new(), Vec::new());
    for (number, rung) in document["ladder"]
        .as_array()
        .ok_or_else(wrong)?
        .iter()
        .enumerate()
    {
        let reader = rung[0].as_u64().ok_or_else(wrong)? as f64;
        let worker = rung[1].as_str().and_then(|name| places.get(name));
        let worker = *worker.ok_or_else(wrong)?;
        let x = number as f64;
        read.push((x, reader));
        computed.push((x, worker));
        let is_sent = (reader - worker).abs() > 0.0;
        if is_sent {
            sent.extend([(x, reader), (x, worker), (x, f64::NAN)]);
        }
    }
    let (mut metadata, mut data) = (Vec::new(), Vec::new());
    for (name, words) in seen {
        let y = places[name.as_str()];
        for (x, word) in words.as_array().ok_or_else(wrong)?.iter().enumerate() {
            let word = word.as_str().ok_or_else(wrong)?;
            // A data frame is a letter and what it is sorted by.
            let is_data = word
                .bytes()
                .last()
                .is_some_and(|last| last.is_ascii_digit());
            let points = if is_data { &mut data } else { &mut metadata };
            points.push((x as f64, y));
        }
    }
    let axis = || {
        Axis::whole("rank")
            .limits(-0.5..ranks as f64 - 0.5)
            .downwards()
    };
    let rungs = Panel::new(
        "data frames: from the rank that read to the one that computed",
        Axis::whole("data frame, in the order of the files"),
        axis(),
    );
    let rungs = rungs
        .series(Series::new("sent", Mark::Line, sent).faint())
        .series(Series::new("read", Mark::Cross, read).colour(1))
        .series(Series::new("computed", Mark::Dot, computed).colour(0));
    let order = Panel::new(
        "what each rank saw",
        Axis::whole("frame, in the order of the rank"),
        axis(),
    );
    let order = order
        .series(Series::new("metadata", Mark::Cross, metadata).colour(2))
        .series(Series::new("data", Mark::Dot, data).colour(0));
    let readers = document["n_io"].as_u64().unwrap_or_default();
    let title = format!("frames over ranks: {readers} of {ranks} read");
    Ok(Figure::new(&title, size.unwrap_or(SIZE)).panels(1, [rungs, order]))
}

/// `RANK` or `RANK.THREAD`, of fewer than `most` threads.
fn place(name: &str, most: usize) -> Option<f64> {
    let (rank, thread) = name.split_once('.').unwrap_or((name, "0"));
    let (rank, thread): (u32, u32) = (rank.parse().ok()?, thread.parse().ok()?);
    Some(f64::from(rank) + f64::from(thread) / (most + 1) as f64 / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_accumulated_is_drawn() {
        let seen = json!({"0": [], "1": ["Calibration", "S1"], "1.1": ["Calibration", "S0"]});
        let rungs = json!([[0, "1.1"], [0, "1"]]);
        let whole = json!({"ranks": 2, "n_io": 1, "seen": seen, "ladder": rungs});
        let drawn = ladder(&whole, None).unwrap().svg().unwrap();
        assert!(drawn.contains("1 of 2 read"));
        assert!(!drawn.contains(">0.5<"), "between two ranks there is none");
        for name in ["ranks", "seen", "ladder"] {
            let mut other = whole.clone();
            other[name] = json!("another");
            assert!(ladder(&other, None).is_err(), "{name}");
        }
        assert_eq!(place("3", 4), Some(3.0));
        assert_eq!(place("3.x", 4), None);
    }
}
