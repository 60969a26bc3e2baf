use super::Systems;
use crate::survey::{Channel, Part, Survey};
use crate::system::FrequencySystem;

/// How many times as high a frequency may be as the name of its column says, or the other way
/// round: names are nominal.
const NOMINAL: f64 = 1.25;

/// Whether the data of a survey are those of these systems, one by one in order; else a sentence
/// that says what differs.
pub(super) fn check(survey: &Survey, systems: &Systems) -> Result<(), String> {
    match systems {
        Systems::Frequency(_, system) => in_frequency(&survey.channels, system),
        Systems::Time(systems) => {
            if survey.systems() != systems.len() {
                return Err(format!(
                    "data of {} systems, where system_filename names {}",
                    survey.systems(),
                    systems.len()
                ));
            }
            for (index, (prepared, system)) in systems.iter().enumerate() {
                let channels = survey.channels.iter();
                let mut channels = channels.filter(|channel| channel.system == index);
                for axis in prepared.axes() {
                    let found = channels.clone();
                    let found = found
                        .filter(|channel| channel.part.axis() == Some(axis))
                        .count();
                    let windows = system.windows.len();
                    if found != windows {
                        return Err(format!(
                            "{found} data of component {} of system {index}, where the system has \
                             {windows} windows",
                            ["X", "Y", "Z"][axis]
                        ));
                    }
                }
                let axes: Vec<usize> = prepared.axes().collect();
                let is_other = |channel: &&Channel| {
                    !channel.part.axis().is_some_and(|axis| axes.contains(&axis))
                };
                if let Some(other) = channels.find(is_other) {
                    return Err(format!(
                        "{} is data of component {} of system {index}, which has none: its output \
                         scaling is 0",
                        other.name, other.part
                    ));
                }
            }
            Ok(())
        }
    }
}

fn in_frequency(channels: &[Channel], system: &FrequencySystem) -> Result<(), String> {
    let pairs = system.pairs();
    if channels.len() != 2 * pairs.len() {
        return Err(format!(
            "{} data, where the system has {} frequencies: one in-phase and one quadrature of each \
             are expected",
            channels.len(),
            pairs.len()
        ));
    }
    for part in [Part::InPhase, Part::Quadrature] {
        let of_part = channels.iter().filter(|channel| channel.part == part);
        for (channel, pair) in of_part.zip(pairs) {
            let Some(named) = channel.at.filter(|frequency| *frequency > 0.0) else {
                continue;
            };
            let ratio = named / pair.frequency;
            if !(NOMINAL.recip()..=NOMINAL).contains(&ratio) {
                return Err(format!(
                    "column {} stands where the system has {} Hz: columns must be in the order of \
                     the system file",
                    channel.name, pair.frequency
                ));
            }
        }
    }
    Ok(())
}
