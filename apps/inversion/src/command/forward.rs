use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use jobwise_inversion::forward::{Formula, FrequencyDomain, Response, TimeDomain, Wanted};
use jobwise_inversion::model::{Model, Place};
use jobwise_inversion::system::System;
use jobwise_kit::Failure;
use serde_json::{Map, Value, json};

use super::failed;

/// Compute what a system measures over given earths, and how it changes with conductivities
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Flags {
    /// JSON: {"models": [{"conductivity": [S/m..], "thickness": [m..], "altitude": m, or
    /// "geometry": {tx_height, tx_roll, tx_pitch, tx_yaw, txrx_dx, txrx_dy, txrx_dz, rx_roll,
    /// rx_pitch, rx_yaw}, "id": any, "system": FILE}]}
    models: PathBuf,
    /// A system file (.stm), of the frequency or the time domain; models with an altitude are
    /// computed for each. A model's own "system" (beside MODELS) comes first in the time domain
    #[arg(long, value_name = "FILE")]
    system: Vec<PathBuf>,
    /// Derivatives by the natural logarithms of the conductivities
    #[arg(long, value_enum, default_value = "none")]
    jacobian: Jacobian,
    /// Digitise the waveform of a time-domain system so many times finer
    #[arg(long, value_name = "N", default_value_t = 1)]
    digitise: u32,
    /// The JSON file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

const EXAMPLES: &str = "Examples:
  inversion forward models.json --system resolve.stm --output responses.json
  inversion forward models.json --system skytem-lm.stm --jacobian correct --output responses.json";

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Jacobian {
    /// None
    None,
    /// The derivatives
    Correct,
    /// What geobipy 2.3.2 takes for them in the frequency domain
    Peer,
    /// Both
    Both,
}

impl Jacobian {
    /// The formulas, each with its name in the output.
    fn formulas(self) -> &'static [(Formula, &'static str)] {
        let both = &[(Formula::Correct, "correct"), (Formula::Peer, "peer")];
        match self {
            Jacobian::None => &[],
            Jacobian::Correct => &both[..1],
            Jacobian::Peer => &both[1..],
            Jacobian::Both => both,
        }
    }
}

/// A system that is ready, by the name of its file.
enum Prepared {
    Frequency(FrequencyDomain),
    Time(Box<TimeDomain>),
}

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    let models = Model::read_all(&flags.models).map_err(failed)?;
    let mut systems = Systems {
        flags,
        prepared: BTreeMap::new(),
    };
    let mut answers = Vec::new();
    for (index, model) in models.iter().enumerate() {
        let answer = systems.answer(model);
        answers.push(answer.map_err(|problem| {
            let models = flags.models.display();
            Failure::failed(format!("{models}: models[{index}]: {problem}"))
        })?);
    }
    let text = json!({ "models": answers }).to_string();
    jobwise_kit::atomic::write(&flags.output, text).map_err(failed)
}

/// The systems in use.
struct Systems<'f> {
    flags: &'f Flags,
    prepared: BTreeMap<PathBuf, Prepared>,
}

impl Systems<'_> {
    fn answer(&mut self, model: &Model) -> Result<Value, String> {
        match (model.place, &model.system) {
            (Place::Altitude(altitude), _) => self.in_frequency(model, altitude),
            (Place::Geometry(_), Some(name)) => {
                let directory = self.flags.models.parent().unwrap_or(Path::new(""));
                self.in_time(model, &directory.join(name))
            }
            (Place::Geometry(_), None) => match &self.flags.system[..] {
                [path] => self.in_time(model, path),
                _ => Err("which system? Give one --system, or \"system\" in the model".into()),
            },
        }
    }

    fn prepare(&mut self, path: &Path) -> Result<&Prepared, String> {
        if !self.prepared.contains_key(path) {
            let prepared = match System::read(path).map_err(|error| error.to_string())? {
                System::Frequency(system) => Prepared::Frequency(FrequencyDomain::new(&system)),
                System::Time(system) => {
                    let system = system.digitised(self.flags.digitise);
                    let system = system.map_err(|error| error.to_string())?;
                    let passed = system.passed_at_nyquist();
                    if !system.low_pass.is_empty() && passed > 0.1 {
                        log::warn!(
                            "{}: the low-pass filters let {:.0} % through at half the digitising frequency, so windows depend \
                             on it by up to some per cent: --digitise 8 makes it finer",
                            path.display(),
                            100.0 * passed
                        );
                    }
                    Prepared::Time(Box::new(TimeDomain::new(&system)))
                }
            };
            self.prepared.insert(path.to_path_buf(), prepared);
        }
        Ok(&self.prepared[path])
    }

    fn in_frequency(&mut self, model: &Model, altitude: f64) -> Result<Value, String> {
        if self.flags.system.is_empty() {
            return Err("a model with an altitude needs --system".into());
        }
        let layers = model.layers().map_err(|error| error.to_string())?;
        let mut responses = Map::new();
        for path in &self.flags.system {
            let jacobian = self.flags.jacobian;
            let Prepared::Frequency(system) = self.prepare(path)? else {
                let path = path.display();
                return Err(format!(
                    "{path}: a time-domain system needs a geometry, not an altitude"
                ));
            };
            let frequencies = system.channels() / 2;
            let mut workspace = system.workspace(layers.count());
            let mut response = Response::default();
            system.evaluate(
                layers,
                altitude,
                Wanted::default(),
                &mut workspace,
                &mut response,
            );
            let mut answer = Map::new();
            let (inphase, quadrature) = response.predicted.split_at(frequencies);
            answer.insert("inphase_ppm".into(), json!(inphase));
            answer.insert("quadrature_ppm".into(), json!(quadrature));
            for (formula, name) in jacobian.formulas() {
                let wanted = Wanted {
                    jacobian: Some(*formula),
                    ..Wanted::default()
                };
                system.evaluate(layers, altitude, wanted, &mut workspace, &mut response);
                let rows: Vec<&[f64]> = response.jacobian.chunks_exact(layers.count()).collect();
                let (inphase, quadrature) = rows.split_at(frequencies);
                answer.insert(format!("{name}_sens_inphase"), json!(inphase));
                answer.insert(format!("{name}_sens_quadrature"), json!(quadrature));
            }
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            responses.insert(stem.into_owned(), Value::Object(answer));
        }
        Ok(json!({
            "id": model.id,
            "conductivity": model.conductivity,
            "thickness": model.thickness,
            "altitude": altitude,
            "response": responses,
        }))
    }

    fn in_time(&mut self, model: &Model, path: &Path) -> Result<Value, String> {
        let layers = model.layers().map_err(|error| error.to_string())?;
        let Place::Geometry(geometry) = model.place else {
            return Err("a time-domain system needs a geometry".into());
        };
        let jacobian =
            match self.flags.jacobian {
                Jacobian::None => None,
                Jacobian::Peer => return Err(
                    "geobipy has no derivatives of its own in the time domain: --jacobian correct"
                        .into(),
                ),
                _ => Some(Formula::Correct),
            };
        let Prepared::Time(system) = self.prepare(path)? else {
            let path = path.display();
            return Err(format!(
                "{path}: a frequency-domain system needs an altitude, not a geometry"
            ));
        };
        let mut workspace = system.workspace(layers.count());
        let mut response = Response::default();
        let wanted = Wanted {
            jacobian,
            height: false,
        };
        system.evaluate(layers, &geometry, wanted, &mut workspace, &mut response);
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
        let primary = system.primary(&geometry);
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
            if jacobian.is_some() {
                let rows = (0..layers.count()).map(|layer| {
                    let at = |channel: usize| response.jacobian[channel * layers.count() + layer];
                    place.map_or(none.clone(), |_| channels.clone().map(at).collect())
                });
                answer.insert(
                    format!("dS{letter}_dlnsigma"),
                    json!(rows.collect::<Vec<_>>()),
                );
            }
        }
        Ok(Value::Object(answer))
    }
}
