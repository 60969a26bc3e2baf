use super::Detection;

/// When a detection continues the event of an earlier one.
///
/// Both must hold, against the event's latest detection: it is at most `gap` integrations earlier,
/// and the range found is the one it predicts, within `gates` range gates. The prediction moves the
/// earlier range with the mean of both range rates for the time between. Where a detection
/// continues several events it joins the one with the nearest prediction; where it continues none
/// it starts one.
///
/// A range is that of a gate, so each is off by up to half a gate, and noise may favour the
/// neighbour: two gates suffice for targets with a well measured range rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Joining {
    /// Most integrations from one detection of an event to the next; 1 joins neighbours only.
    pub gap: i64,
    /// Largest difference between the range predicted and found, in range gates.
    pub gates: f64,
    /// The range of a gate in m.
    pub gate: f64,
}

/// Detections of one target.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Start of its first integration, in s since 1970.
    pub start: f64,
    /// Start of its last integration.
    pub end: f64,
    /// Number of detections.
    pub count: usize,
    /// The detection with the largest signal-to-noise ratio; of equal ones the first.
    pub strongest: Detection,
}

/// Joins detections, which are in order of time, to events: the event of each detection, and the
/// events in order of their start.
pub fn join(detections: &[Detection], joining: &Joining) -> (Vec<usize>, Vec<Event>) {
    let mut events: Vec<Event> = Vec::new();
    let mut numbers = Vec::with_capacity(detections.len());
    // Events that may go on, each with its latest detection.
    let mut open: Vec<(usize, &Detection)> = Vec::new();
    for detection in detections {
        open.retain(|(_, latest)| detection.step - latest.step <= joining.gap);
        let nearest = open
            .iter_mut()
            .filter(|(_, latest)| latest.step < detection.step)
            .map(|entry| (miss(entry.1, detection), entry))
            .filter(|(miss, _)| *miss <= joining.gates * joining.gate)
            .min_by(|a, b| a.0.total_cmp(&b.0));
        let number = if let Some((_, (number, latest))) = nearest {
            *latest = detection;
            let event = &mut events[*number];
            event.end = detection.time;
            event.count += 1;
            if detection.snr_db > event.strongest.snr_db {
                event.strongest = detection.clone();
            }
            *number
        } else {
            events.push(Event {
                start: detection.time,
                end: detection.time,
                count: 1,
                strongest: detection.clone(),
            });
            open.push((events.len() - 1, detection));
            events.len() - 1
        };
        numbers.push(number);
    }
    (numbers, events)
}

/// How far the range found is from the one predicted, in m.
fn miss(earlier: &Detection, later: &Detection) -> f64 {
    let rate = f64::midpoint(earlier.range_rate, later.range_rate);
    let predicted = earlier.range + rate * (later.time - earlier.time);
    (later.range - predicted).abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOINING: Joining = Joining {
        gap: 3,
        gates: 2.0,
        gate: 300.0,
    };

    /// An integration of 0.2 s at a step, with a range and range rate.
    fn detection(step: i64, range: f64, range_rate: f64, snr_db: f64) -> Detection {
        Detection {
            time: 1e9 + 0.2 * step as f64,
            step,
            file: std::sync::Arc::default(),
            integration: 0,
            gate: 0,
            range,
            range_rate,
            acceleration: 0.0,
            gmf: 1.0,
            snr_db,
            tx_power: 1.0,
            azimuth: 90.0,
            elevation: 75.0,
            target: 1,
            optimised: [0.0; 3],
        }
    }

    #[test]
    fn a_target_that_moves_is_one_event_across_short_gaps() {
        let moving =
            |step: i64, snr| detection(step, 2e6 - 7_000.0 * 0.2 * step as f64, -7_000.0, snr);
        let seen = [
            moving(0, 20.0),
            moving(1, 25.0),
            moving(4, 25.0),
            moving(8, 21.0),
        ];
        let (numbers, events) = join(&seen, &JOINING);
        assert_eq!(numbers, [0, 0, 0, 1]);
        assert_eq!(events[0].count, 3);
        assert_eq!(events[0].strongest, seen[1]);
        assert!((events[0].end - events[0].start - 0.8).abs() < 1e-6);
        assert_eq!(events[1].strongest, seen[3]);
    }

    #[test]
    fn a_range_that_the_rate_does_not_explain_is_another_event() {
        let seen = [
            detection(0, 2e6, 0.0, 20.0),
            detection(1, 2e6 + 599.0, 0.0, 20.0),
            detection(2, 2e6 + 1200.0, 0.0, 20.0),
        ];
        assert_eq!(join(&seen, &JOINING).0, [0, 0, 1]);
        // The mean of the rates counts: 0.2 s at 3000 m/s are 600 m.
        let seen = [
            detection(0, 2e6, 2_000.0, 20.0),
            detection(1, 2e6 + 600.0, 4_000.0, 20.0),
        ];
        let strict = Joining {
            gates: 0.1,
            ..JOINING
        };
        assert_eq!(join(&seen, &strict).0, [0, 0]);
    }

    #[test]
    fn targets_that_take_turns_stay_apart() {
        let seen = [
            detection(0, 1e6, 100.0, 20.0),
            detection(1, 2e6, -100.0, 20.0),
            detection(2, 1e6 + 40.0, 100.0, 20.0),
            detection(3, 2e6 - 40.0, -100.0, 20.0),
        ];
        let (numbers, events) = join(&seen, &JOINING);
        assert_eq!(numbers, [0, 1, 0, 1]);
        assert!(events.iter().all(|event| event.count == 2));
    }

    #[test]
    fn nothing_gives_nothing() {
        assert_eq!(join(&[], &JOINING), (vec![], vec![]));
    }
}
