//! The table of detectors, and the lines from which astropy knows its columns.

use hdf5::types::{CompoundField, CompoundType, FloatSize, IntSize, TypeDescriptor};
use md5::{Digest, Md5};

use super::quaternions::detector;
use super::survey::Observation;
use super::{Error, Export, Result};
use crate::archive::Text;
use crate::object::{BolometerProperties, Map};

/// One detector.
#[derive(Clone, Debug)]
struct Row {
    name: Text,
    quat: [f64; 4],
    /// The angle of its polarization, rad.
    angle: f64,
    /// What TOAST calls so: (1 - leakage) / (1 + leakage).
    efficiency: f64,
    /// Whether nobody knows where it looks.
    is_lost: bool,
}

/// All detectors of an observation.
#[derive(Debug)]
pub(super) struct Focalplane {
    rows: Vec<Row>,
    sample_rate: f64,
}

impl Focalplane {
    pub(super) fn new(observation: &Observation, export: &Export) -> Result<Focalplane> {
        let name = &observation.name;
        let properties = observation.properties.get::<Map<BolometerProperties>>();
        let properties = properties
            .map_err(|error| Error::observation(name, format!("{}: {error}", export.properties)))?;
        let Some(sample_rate) = observation.sample_rate() else {
            let problem = "no scan has two samples, from which the sample rate would be known";
            return Err(Error::observation(name, problem));
        };
        let row = |detector: &Text| row(detector, properties.get(detector), export);
        let rows: Vec<Row> = observation.detectors.iter().map(row).collect();
        let lost: Vec<&Row> = rows.iter().filter(|row| row.is_lost).collect();
        if let Some(first) = lost.first() {
            let (count, first, key) = (lost.len(), &first.name, &export.properties);
            log::warn!(
                "observation {name}: {key} does not say where {count} detectors look ({first}, \
                 ..): they are flagged as invalid"
            );
        }
        Ok(Focalplane { rows, sample_rate })
    }

    /// Names, and 1 for each detector that cannot be used.
    pub(super) fn detectors(&self) -> impl Iterator<Item = (&Text, u8)> {
        self.rows
            .iter()
            .map(|row| (&row.name, u8::from(row.is_lost)))
    }

    /// The type of a row of the table.
    pub(super) fn kind(&self) -> TypeDescriptor {
        let float = || TypeDescriptor::Float(FloatSize::U8);
        let mut columns = vec![
            ("name", TypeDescriptor::FixedAscii(self.name_length())),
            ("quat", TypeDescriptor::FixedArray(Box::new(float()), 4)),
            ("gamma", float()),
            ("uid", TypeDescriptor::Unsigned(IntSize::U4)),
            ("pol_angle", float()),
            ("pol_efficiency", float()),
        ];
        if self.has_leakage() {
            columns.push(("pol_leakage", float()));
        }
        let mut size = 0;
        let fields = columns.into_iter().enumerate().map(|(index, (name, ty))| {
            let offset = size;
            size += ty.size();
            CompoundField {
                name: name.into(),
                ty,
                offset,
                index,
            }
        });
        let fields = fields.collect();
        TypeDescriptor::Compound(CompoundType { fields, size })
    }

    /// The rows of the table, as they stand in the file.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for row in &self.rows {
            let begun = bytes.len();
            bytes.extend_from_slice(&row.name);
            bytes.resize(begun + self.name_length(), 0);
            let mut put = |number: f64| bytes.extend_from_slice(&number.to_le_bytes());
            row.quat.into_iter().for_each(&mut put);
            put(row.angle);
            bytes.extend_from_slice(&uid(&row.name).to_le_bytes());
            let leakage = self.has_leakage().then_some(0.0);
            for number in [row.angle, row.efficiency].into_iter().chain(leakage) {
                bytes.extend_from_slice(&number.to_le_bytes());
            }
        }
        bytes
    }

    /// Whether the table has a column of leakages, all 0. Where one were not, TOAST 3.0.6 would
    /// refuse both columns, as it takes one for the inverse of what it is; without the column it
    /// finds the leakages from the efficiencies.
    #[allow(clippy::float_cmp)] // any other efficiency makes a leakage
    fn has_leakage(&self) -> bool {
        self.rows.iter().all(|row| row.efficiency == 1.0)
    }

    /// How many detectors there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The lines from which astropy knows the columns of the table.
    pub(super) fn column_lines(&self) -> Vec<String> {
        let (rate, view) = (self.sample_rate, self.field_of_view());
        let mut lines = vec![
            "datatype:".to_owned(),
            "- {name: name, datatype: string}".to_owned(),
            "- {name: quat, datatype: string, subtype: 'float64[4]'}".to_owned(),
            "- {name: gamma, unit: rad, datatype: float64}".to_owned(),
            "- {name: uid, datatype: uint32}".to_owned(),
            "- {name: pol_angle, unit: rad, datatype: float64}".to_owned(),
            "- {name: pol_efficiency, datatype: float64}".to_owned(),
        ];
        if self.has_leakage() {
            lines.push("- {name: pol_leakage, datatype: float64}".to_owned());
        }
        lines.extend([
            "meta: !!omap".to_owned(),
            "- sample_rate: !astropy.units.Quantity".to_owned(),
            "    unit: !astropy.units.Unit {unit: Hz}".to_owned(),
            format!("    value: {rate:?}"),
            "- field_of_view: !astropy.units.Quantity".to_owned(),
            "    unit: &id001 !astropy.units.Unit {unit: rad}".to_owned(),
            format!("    value: {view:?}"),
            "- __serialized_columns__:".to_owned(),
        ]);
        for column in ["gamma", "pol_angle"] {
            lines.push(format!("    {column}:"));
            lines.push("      __class__: astropy.units.quantity.Quantity".to_owned());
            lines.push("      unit: *id001".to_owned());
            lines.push(format!(
                "      value: !astropy.table.SerializedColumn {{name: {column}}}"
            ));
        }
        lines
    }

    /// Across all detectors around the middle, in rad.
    fn field_of_view(&self) -> f64 {
        let angle = |row: &Row| {
            let [x, y, z, w] = row.quat;
            2.0 * x.hypot(y).atan2(z.hypot(w))
        };
        2.0 * self.rows.iter().map(angle).fold(0.0, f64::max)
    }

    fn name_length(&self) -> usize {
        let lengths = self.rows.iter().map(|row| row.name.len());
        lengths.max().unwrap_or_default().max(1)
    }
}

fn row(name: &Text, properties: Option<&BolometerProperties>, export: &Export) -> Row {
    let missing = BolometerProperties::default();
    let own = properties.unwrap_or(&missing);
    let quat = detector(
        own.x_offset,
        own.y_offset,
        own.pol_angle,
        export.polarization,
    );
    let is_polarized = own.pol_angle.is_finite() && own.pol_efficiency.is_finite();
    let rejected = match (&quat, is_polarized) {
        (Some(_), true) => own.pol_efficiency,
        // It has no weight in Q and U.
        (Some(_), false) => 0.0,
        // It is not used, and 1 is what TOAST takes where nothing is said.
        (None, _) => 1.0,
    };
    Row {
        name: name.clone(),
        quat: quat.unwrap_or([0.0, 0.0, 0.0, 1.0]),
        angle: if own.pol_angle.is_finite() {
            own.pol_angle
        } else {
            0.0
        },
        efficiency: rejected / (2.0 - rejected),
        is_lost: quat.is_none(),
    }
}

/// The number that TOAST gives a name.
pub(super) fn uid(name: &[u8]) -> u32 {
    let digest = Md5::digest(name);
    u32::from_le_bytes([digest[0], digest[1], digest[2], digest[3]]) & 0x7FFF_FFFF
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_numbers_of_toast() {
        // toast.utils.name_UID
        assert_eq!(uid(b"det000"), 243_135_030);
    }
}
