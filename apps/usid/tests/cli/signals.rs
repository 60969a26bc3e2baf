//! Files with signals of any kind.

use jobwise_hdf5::file_access;
use jobwise_hdf5::raw_rows::{self, Transfer};
use jobwise_usid::format::{
    Axis, Bookkeeping, Dimension, Element, NewMain, Scalar, Side, Storage, Value,
};

use crate::bench::Bench;

/// Signals, and what their file says of them.
#[derive(Clone)]
pub(crate) struct Signals<'a> {
    pub(crate) scalar: Scalar,
    pub(crate) quantity: &'a str,
    pub(crate) units: &'a str,
    /// Name, units and values of the columns.
    pub(crate) columns: (&'a str, &'a str, Vec<f64>),
    pub(crate) rows: Vec<Vec<f64>>,
    /// Attributes of the measurement.
    pub(crate) experiment: Vec<(&'a str, Value)>,
    pub(crate) storage: Storage,
}

impl Signals<'_> {
    /// Writes them as the only main dataset of a new file.
    pub(crate) fn write(&self, bench: &Bench, name: &str) {
        let file = file_access::create(bench.path(name)).unwrap();
        let measurement = file.create_group("Measurement_000").unwrap();
        for (name, value) in &self.experiment {
            value.write(&measurement, name).unwrap();
        }
        let group = measurement.create_group("Channel_000").unwrap();
        let positions = Dimension::new("X", "nm", (0..self.rows.len()).map(|k| k as f64).collect());
        let (label, units, values) = &self.columns;
        let columns = Dimension::new(label, units, values.clone());
        let element = Element::Real(self.scalar);
        let new = NewMain {
            name: "Raw_Data",
            positions: self.rows.len(),
            width: values.len(),
            element: &element,
            quantity: self.quantity,
            units: self.units,
            storage: self.storage,
            position: Axis::create(&group, "Position", Side::Position, &[positions]).unwrap(),
            spectroscopic: Axis::create(&group, "Spectroscopic", Side::Spectroscopic, &[columns])
                .unwrap(),
        };
        let raw = new.create(&group, &Bookkeeping::now()).unwrap();
        for (index, row) in self.rows.iter().enumerate() {
            let mut bytes = Vec::new();
            element.encode(row, &mut bytes);
            raw_rows::write(&raw, index..index + 1, &bytes, Transfer::Independent).unwrap();
        }
    }
}
