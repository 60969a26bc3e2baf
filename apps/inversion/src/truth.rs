//! Earths that data were made of: what simulations write, and results are compared with.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::forward::Geometry;
use crate::model::{self, Place};
use crate::{Error, Result, earth::Layers};

/// A sounding that was made.
#[derive(Clone, Debug)]
pub struct Truth {
    /// The line, where it is said.
    pub line: Option<f64>,
    /// The number on the line.
    pub fiducial: f64,
    /// Where the system was.
    pub place: Place,
    /// S/m, one per layer.
    pub conductivity: Vec<f64>,
    /// m, one per layer but the last.
    pub thickness: Vec<f64>,
    /// One per component of the instrument; empty where it is not said.
    pub relative_error: Vec<f64>,
    /// One per system; empty where it is not said.
    pub additive_error: Vec<f64>,
}

impl Truth {
    /// Reads a list: `[{"fiducial": f, "height": m or "geometry": {..}, "conductivity": [..],
    /// "thickness": [..], "line": l?, "relative_error": number or list?, "additive_error": the
    /// same?}]`. Other keys are ignored.
    ///
    /// # Errors
    /// The file cannot be read or is no JSON, or an entry lacks something; the message names it.
    pub fn read_all(path: &Path) -> Result<Vec<Truth>> {
        let text = fs::read_to_string(path).map_err(Error::io(path))?;
        let wrong = |problem: String| Error::File {
            path: path.to_path_buf(),
            problem,
        };
        let root: Value = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        let Some(list) = root.as_array() else {
            let problem = "a list is expected: [{\"fiducial\": .., \"height\": .., ..}]";
            return Err(wrong(problem.into()));
        };
        let numbered = list.iter().enumerate();
        let read = numbered.map(|(index, entry)| {
            Truth::parse(entry).map_err(|problem| wrong(format!("[{index}]: {problem}")))
        });
        read.collect()
    }

    /// The list as [`read_all`](Truth::read_all) takes it.
    pub fn to_json(truths: &[Truth]) -> String {
        let all: Vec<Value> = truths.iter().map(Truth::to_value).collect();
        json!(all).to_string()
    }

    /// The layers.
    ///
    /// # Errors
    /// As [`Layers::new`].
    pub fn layers(&self) -> Result<Layers<'_>> {
        Layers::new(&self.conductivity, &self.thickness)
    }

    /// S/m at a depth in m; an interface belongs to what is below.
    pub fn conductivity_at(&self, depth: f64) -> f64 {
        let mut bottom = 0.0;
        let layer = self.thickness.iter().take_while(|thickness| {
            bottom += **thickness;
            bottom <= depth
        });
        self.conductivity[layer.count()]
    }

    /// m above the ground: the height of the system, or of its transmitter.
    pub fn height(&self) -> f64 {
        match self.place {
            Place::Altitude(height) => height,
            Place::Geometry(geometry) => geometry.tx_height,
        }
    }

    fn parse(entry: &Value) -> Result<Truth, String> {
        let one = |key: &str| match entry.get(key) {
            None => Err(format!("{key} is absent")),
            Some(value) => model::number(value, key),
        };
        let place = if let Some(geometry) = entry.get("geometry") {
            Place::Geometry(model::geometry(geometry)?)
        } else {
            let height = entry.get("height").ok_or("height or geometry is absent")?;
            Place::Altitude(model::height(height, "height")?)
        };
        let errors = |key: &str| match entry.get(key) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(_)) => model::numbers(entry, key),
            Some(number) => Ok(vec![model::number(number, key)?]),
        };
        let read = Truth {
            line: entry.get("line").and_then(Value::as_f64),
            fiducial: one("fiducial")?,
            place,
            conductivity: model::numbers(entry, "conductivity")?,
            thickness: model::numbers(entry, "thickness")?,
            relative_error: errors("relative_error")?,
            additive_error: errors("additive_error")?,
        };
        read.layers().map_err(|error| error.to_string())?;
        Ok(read)
    }

    fn to_value(&self) -> Value {
        let mut entry = Map::new();
        if let Some(line) = self.line {
            entry.insert("line".into(), json!(line));
        }
        entry.insert("fiducial".into(), json!(self.fiducial));
        match self.place {
            Place::Altitude(height) => entry.insert("height".into(), json!(height)),
            Place::Geometry(g) => entry.insert("geometry".into(), of_geometry(g)),
        };
        entry.insert("conductivity".into(), json!(self.conductivity));
        entry.insert("thickness".into(), json!(self.thickness));
        for (key, levels) in [
            ("relative_error", &self.relative_error),
            ("additive_error", &self.additive_error),
        ] {
            match levels[..] {
                [] => None,
                [level] => entry.insert(key.into(), json!(level)),
                _ => entry.insert(key.into(), json!(levels)),
            };
        }
        Value::Object(entry)
    }
}

fn of_geometry(g: Geometry) -> Value {
    json!({
        "tx_height": g.tx_height,
        "tx_roll": g.tx_roll,
        "tx_pitch": g.tx_pitch,
        "tx_yaw": g.tx_yaw,
        "txrx_dx": g.txrx_dx,
        "txrx_dy": g.txrx_dy,
        "txrx_dz": g.txrx_dz,
        "rx_roll": g.rx_roll,
        "rx_pitch": g.rx_pitch,
        "rx_yaw": g.rx_yaw,
    })
}
