use std::path::Path;

use jobwise_inversion::evaluations::Ready;
use jobwise_inversion::forward::{Geometry, Response, TimeDomain};
use jobwise_inversion::model::{Model, Place};
use serde_json::{Map, Value, json};

use super::Jacobian;
use super::wishes::Wishes;

/// The answers, model by model, from the responses in the order of what was wished for.
pub(super) fn answers(
    jacobian: Jacobian,
    models: &[Model],
    wishes: &Wishes,
    responses: &[Response],
) -> Vec<Value> {
    let mut responses = responses.iter();
    let mut answers = Vec::new();
    for (index, model) in models.iter().enumerate() {
        let mut by_system = Map::new();
        for (path, system) in wishes.of(index) {
            // One or several of each system.
            let mut next = || responses.next().expect("a response for each evaluation");
            if let (Ready::Time(system), Place::Geometry(geometry)) = (system, model.place) {
                let answer = in_time(jacobian, model, &geometry, path, system, next());
                answers.push(answer);
            } else {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                by_system.insert(stem.into_owned(), in_frequency(jacobian, next));
            }
        }
        if let Place::Altitude(altitude) = model.place {
            answers.push(json!({
                "id": model.id,
                "conductivity": model.conductivity,
                "thickness": model.thickness,
                "altitude": altitude,
                "response": by_system,
            }));
        }
    }
    answers
}

/// Values, then derivatives by each formula.
fn in_frequency<'r>(jacobian: Jacobian, mut next: impl FnMut() -> &'r Response) -> Value {
    let response = next();
    let channels = response.predicted.len();
    let mut answer = Map::new();
    let (inphase, quadrature) = response.predicted.split_at(channels / 2);
    answer.insert("inphase_ppm".into(), json!(inphase));
    answer.insert("quadrature_ppm".into(), json!(quadrature));
    for (_, name) in jacobian.formulas() {
        let derivatives = &next().jacobian;
        let layers = derivatives.len() / channels;
        let rows: Vec<&[f64]> = derivatives.chunks_exact(layers).collect();
        let (inphase, quadrature) = rows.split_at(channels / 2);
        answer.insert(format!("{name}_sens_inphase"), json!(inphase));
        answer.insert(format!("{name}_sens_quadrature"), json!(quadrature));
    }
    Value::Object(answer)
}

fn in_time(
    jacobian: Jacobian,
    model: &Model,
    geometry: &Geometry,
    path: &Path,
    system: &TimeDomain,
    response: &Response,
) -> Value {
    let layers = model.conductivity.len();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut answer = Map::new();
    answer.insert("id".into(), model.id.clone());
    answer.insert("system".into(), json!(name));
    answer.insert(
        "geometry".into(),
        json!({
            "tx_height": geometry.tx_height,
            "tx_roll": geometry.tx_roll,
            "tx_pitch": geometry.tx_pitch,
            "tx_yaw": geometry.tx_yaw,
            "txrx_dx": geometry.txrx_dx,
            "txrx_dy": geometry.txrx_dy,
            "txrx_dz": geometry.txrx_dz,
            "rx_roll": geometry.rx_roll,
            "rx_pitch": geometry.rx_pitch,
            "rx_yaw": geometry.rx_yaw,
        }),
    );
    answer.insert("conductivity".into(), json!(model.conductivity));
    answer.insert("thickness".into(), json!(model.thickness));
    let primary = system.primary(geometry);
    let windows = system.windows();
    let axes: Vec<usize> = system.axes().collect();
    for (axis, letter) in ["X", "Y", "Z"].into_iter().enumerate() {
        // What the system does not measure is 0, as in the library.
        let place = axes.iter().position(|measured| *measured == axis);
        let channels = place.map_or(0..0, |place| place * windows..(place + 1) * windows);
        let none = vec![0.0; windows];
        answer.insert(
            format!("P{letter}"),
            json!(place.map_or(0.0, |place| primary[place])),
        );
        let secondary = place.map_or(&none[..], |_| &response.predicted[channels.clone()]);
        answer.insert(format!("S{letter}"), json!(secondary));
        if jacobian != Jacobian::None {
            let rows = (0..layers).map(|layer| {
                let at = |channel: usize| response.jacobian[channel * layers + layer];
                place.map_or(none.clone(), |_| channels.clone().map(at).collect())
            });
            answer.insert(
                format!("dS{letter}_dlnsigma"),
                json!(rows.collect::<Vec<_>>()),
            );
        }
    }
    Value::Object(answer)
}
