//! Time-domain systems, and where they were.

use super::super::cell::Cell;
use super::super::entry::{Constant, Content, Element, Initial};
use super::super::line_results::LineResults;
use super::builder::{Builder, DEGREES};
use crate::forward::{Geometry, TimeDomain};
use crate::model::Place;
use crate::system::TimeSystem;
use crate::task::Systems;

/// Height, pitch, roll and yaw.
type Turned = fn(&Geometry) -> [f64; 4];

/// m2, of a loop whose area is not said.
const AREA: f64 = 1.0;

pub(super) fn add(b: &mut Builder, of: &LineResults<'_>) {
    let (_, units) = of.data_name();
    let systems = Constant::Whole(of.systems.len() as i64);
    b.constant("data/nSystems", systems);
    for (index, text) in of.systems.iter().enumerate() {
        let lines = text.split_inclusive('\n').map(str::to_owned);
        let path = format!("data/System{index}");
        b.group(&path, "TdemSystem", None, None);
        if let Some(entry) = b.entries.last_mut() {
            entry.content = Content::System(lines.collect());
        }
    }
    let Systems::Time(systems) = &of.task.systems else {
        return;
    };
    let mut axes: Vec<i32> = Vec::new();
    for axis in systems.iter().flat_map(|(system, _)| system.axes()) {
        if !axes.contains(&(axis as i32)) {
            axes.push(axis as i32);
        }
    }
    b.constant("data/components", Constant::Smalls(axes));
    primary(b, of, systems, units);
    let data = of.soundings().iter().flat_map(|s| s.data.iter().copied());
    let data = data.collect();
    b.known("data/secondary_field", "Secondary field", Some(units), data);
    let path = "data/predicted_secondary_field";
    let name = Some("Predicted secondary field");
    b.group(path, "DataArray", name, Some(units));
    let channels = [of.channels()];
    let path = "data/predicted_secondary_field/data";
    b.rows(path, Element::Number, &channels, Cell::Predicted);
    loops(b, of, systems);
}

/// The transmitter's own field, as it was measured and as it is computed, by component.
fn primary(
    b: &mut Builder,
    of: &LineResults<'_>,
    systems: &[(TimeDomain, TimeSystem)],
    units: &str,
) {
    let (mut measured, mut computed) = (Vec::new(), Vec::new());
    for sounding in of.soundings() {
        let Place::Geometry(geometry) = &sounding.place else {
            continue;
        };
        for (system, _) in systems {
            for (axis, field) in system.axes().zip(system.primary(geometry)) {
                measured.push(sounding.primary[axis]);
                computed.push(if axis == 2 { -field } else { field });
            }
        }
    }
    b.known("data/primary_field", "Primary field", Some(units), measured);
    let path = "data/predicted_primary_field";
    b.known(path, "Predicted primary field", Some(units), computed);
}

fn loops(b: &mut Builder, of: &LineResults<'_>, systems: &[(TimeDomain, TimeSystem)]) {
    const PAIR: &str = "data/loop_pair";
    let of_geometry = |from: &dyn Fn(&Geometry) -> f64| -> Vec<f64> {
        let numbers = of.soundings().iter().map(|sounding| match &sounding.place {
            Place::Geometry(geometry) => from(geometry),
            Place::Altitude(_) => f64::NAN,
        });
        numbers.collect()
    };
    let rows = of.soundings().len();
    b.group(PAIR, "Loop_pair", None, None);
    for (name, long, values) in [
        ("x", "Easting", of_geometry(&|g| g.txrx_dx)),
        ("y", "Northing", of_geometry(&|g| g.txrx_dy)),
        ("z", "Height", of_geometry(&|g| g.txrx_dz)),
        ("elevation", "Elevation", vec![0.0; rows]),
    ] {
        b.known(&format!("{PAIR}/{name}"), long, Some("m"), values);
    }
    let places = |from: fn(&Geometry) -> [f64; 2]| {
        let numbers = of.soundings().iter().map(|s| match &s.place {
            Place::Geometry(g) => [s.x + from(g)[0], s.y + from(g)[1]],
            Place::Altitude(_) => [f64::NAN; 2],
        });
        numbers.collect::<Vec<[f64; 2]>>()
    };
    let area = systems.first().map_or(AREA, |(_, first)| first.loop_area);
    let transmitter = places(|_| [0.0; 2]);
    let receiver = places(|g| [g.txrx_dx, g.txrx_dy]);
    let coils: [(&str, Vec<[f64; 2]>, f64, Turned); 2] = [
        ("transmitter", transmitter, area, |g| {
            [g.tx_height, g.tx_pitch, g.tx_roll, g.tx_yaw]
        }),
        ("receiver", receiver, AREA, |g| {
            [g.tx_height + g.txrx_dz, g.rx_pitch, g.rx_roll, g.rx_yaw]
        }),
    ];
    for (coil, places, area, turned) in coils {
        let path = format!("{PAIR}/{coil}");
        b.group(&path, "CircularLoops", None, None);
        let radius = (area / std::f64::consts::PI).sqrt();
        for (name, long, units, values) in [
            ("x", "Easting", "m", places.iter().map(|xy| xy[0]).collect()),
            (
                "y",
                "Northing",
                "m",
                places.iter().map(|xy| xy[1]).collect(),
            ),
            ("z", "Height", "m", of_geometry(&|g| turned(g)[0])),
            ("elevation", "Elevation", "m", vec![0.0; rows]),
            ("pitch", "Pitch", DEGREES, of_geometry(&|g| turned(g)[1])),
            ("roll", "Roll", DEGREES, of_geometry(&|g| turned(g)[2])),
            ("yaw", "Yaw", DEGREES, of_geometry(&|g| turned(g)[3])),
            ("radius", "Radius", "m", vec![radius; rows]),
            ("moment", "Moment", "", vec![0.0; rows]),
        ] {
            b.known(&format!("{path}/{name}"), long, Some(units), values);
        }
        let orientation = format!("{path}/orientation");
        b.group(&orientation, "DataArray", Some("Orientation"), Some(""));
        let zeros = Some(Initial::Smalls(vec![0; rows]));
        b.row(
            &format!("{orientation}/data"),
            Element::Small,
            &[],
            None,
            zeros,
        );
    }
}
