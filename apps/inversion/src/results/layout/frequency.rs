//! A frequency-domain system.

use super::super::entry::Constant;
use super::super::line_results::LineResults;
use super::builder::{Builder, DEGREES};
use crate::system::{Coil, Pair};
use crate::task::Systems;

pub(super) fn add(b: &mut Builder, of: &LineResults<'_>) {
    let Systems::Frequency(_, system) = &of.task.systems else {
        return;
    };
    let pairs = system.pairs();
    b.group("data/sys", "FdemSystem", None, None);
    let frequencies = pairs.iter().map(|pair| pair.frequency).collect();
    let frequencies = Constant::Numbers(frequencies);
    b.same("data/sys/freq", "Frequencies", "Hz", frequencies);
    coils(b, "data/sys/T", pairs, |pair| pair.transmitter);
    coils(b, "data/sys/R", pairs, |pair| pair.receiver);
}

fn coils(b: &mut Builder, path: &str, pairs: &[Pair], of: fn(&Pair) -> Coil) {
    b.group(path, "CircularLoop", None, None);
    let numbers = |from: &dyn Fn(Coil) -> f64| {
        Constant::Numbers(pairs.iter().map(|pair| from(of(pair))).collect())
    };
    let axes = pairs.iter().map(|pair| of(pair).axis as i32);
    let columns = [
        ("x", "Easting", "m", numbers(&|coil| coil.offset[0])),
        ("y", "Northing", "m", numbers(&|coil| coil.offset[1])),
        ("z", "Height", "m", numbers(&|coil| coil.offset[2])),
        ("elevation", "Elevation", "m", numbers(&|_| 0.0)),
        (
            "orientation",
            "Orientation",
            "",
            Constant::Smalls(axes.collect()),
        ),
        ("moment", "Moment", "", numbers(&|coil| coil.moment)),
        ("pitch", "Pitch", DEGREES, numbers(&|_| 0.0)),
        ("roll", "Roll", DEGREES, numbers(&|_| 0.0)),
        ("yaw", "Yaw", DEGREES, numbers(&|_| 0.0)),
        ("radius", "Radius", "m", numbers(&|_| 0.0)),
    ];
    for (name, long, units, constant) in columns {
        b.same(&format!("{path}/{name}"), long, units, constant);
    }
}
