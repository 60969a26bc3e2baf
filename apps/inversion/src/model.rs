//! Earths to compute responses of, from JSON.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::earth::Layers;
use crate::forward::Geometry;
use crate::{Error, Result};

/// An earth, and where the system is above it.
#[derive(Clone, Debug)]
pub struct Model {
    /// Whatever the file calls it.
    pub id: Value,
    /// S/m, one per layer.
    pub conductivity: Vec<f64>,
    /// m, one per layer but the last.
    pub thickness: Vec<f64>,
    /// Where the system is.
    pub place: Place,
    /// The system file, where the model names one.
    pub system: Option<PathBuf>,
}

/// Where a system is.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// m above the ground: frequency domain.
    Altitude(f64),
    /// Time domain.
    Geometry(Geometry),
}

impl Model {
    /// Reads models: `{"models": [{"conductivity": [..], "thickness": [..], "altitude": h or
    /// "geometry": {..}, "id": any, "system": file}]}`. Other keys are ignored.
    ///
    /// # Errors
    /// The file cannot be read or is no JSON, or a model lacks something; the message names it.
    pub fn read_all(path: &Path) -> Result<Vec<Model>> {
        let text = fs::read_to_string(path).map_err(Error::io(path))?;
        let wrong = |problem: String| Error::File {
            path: path.to_path_buf(),
            problem,
        };
        let root: Value = serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        let models = root
            .get("models")
            .and_then(Value::as_array)
            .ok_or_else(|| {
                wrong("no list \"models\" was found: {\"models\": [{\"conductivity\": ..}]}".into())
            })?;
        let numbered = models.iter().enumerate();
        numbered
            .map(|(index, model)| {
                Model::parse(model).map_err(|problem| wrong(format!("models[{index}]: {problem}")))
            })
            .collect()
    }

    /// The layers.
    ///
    /// # Errors
    /// As [`Layers::new`].
    pub fn layers(&self) -> Result<Layers<'_>> {
        Layers::new(&self.conductivity, &self.thickness)
    }

    fn parse(model: &Value) -> Result<Model, String> {
        let place = match (model.get("altitude"), model.get("geometry")) {
            (Some(altitude), None) => Place::Altitude(height(altitude, "altitude")?),
            (None, Some(geometry)) => Place::Geometry(self::geometry(geometry)?),
            _ => return Err("either altitude or geometry is expected".into()),
        };
        let read = Model {
            id: model.get("id").cloned().unwrap_or(Value::Null),
            conductivity: numbers(model, "conductivity")?,
            thickness: numbers(model, "thickness")?,
            place,
            system: match model.get("system") {
                None => None,
                Some(Value::String(name)) => Some(PathBuf::from(name)),
                Some(_) => return Err("system: the name of a file is expected".into()),
            },
        };
        read.layers().map_err(|error| error.to_string())?;
        Ok(read)
    }
}

pub(crate) fn numbers(model: &Value, key: &str) -> Result<Vec<f64>, String> {
    let list = model.get(key).and_then(Value::as_array);
    let list = list.ok_or_else(|| format!("{key}: a list of numbers is expected"))?;
    list.iter().map(|value| number(value, key)).collect()
}

pub(crate) fn number(value: &Value, key: &str) -> Result<f64, String> {
    value
        .as_f64()
        .ok_or_else(|| format!("{key}: {value} is no number"))
}

pub(crate) fn height(value: &Value, key: &str) -> Result<f64, String> {
    let height = number(value, key)?;
    if height < 0.0 {
        return Err(format!("{key}: {height} m is below the ground"));
    }
    Ok(height)
}

/// All ten numbers.
pub(crate) fn geometry(value: &Value) -> Result<Geometry, String> {
    let get = |key: &str| match value.get(key) {
        Some(found) => number(found, key),
        None => Err(format!("geometry: {key} is absent")),
    };
    let read = Geometry {
        tx_height: get("tx_height")?,
        tx_roll: get("tx_roll")?,
        tx_pitch: get("tx_pitch")?,
        tx_yaw: get("tx_yaw")?,
        txrx_dx: get("txrx_dx")?,
        txrx_dy: get("txrx_dy")?,
        txrx_dz: get("txrx_dz")?,
        rx_roll: get("rx_roll")?,
        rx_pitch: get("rx_pitch")?,
        rx_yaw: get("rx_yaw")?,
    };
    if read.tx_height <= 0.0 || read.tx_height + read.txrx_dz <= 0.0 {
        return Err("geometry: transmitter and receiver must be above the ground".into());
    }
    Ok(read)
}
