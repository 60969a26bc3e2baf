use std::fmt::Write as _;
use std::path::Path;

use jobwise_kit::h5::atomic::AtomicFile;
use jobwise_kit::h5::element::Kind;
use jobwise_kit::h5::raw_rows::{self, Transfer};

use super::{Picture, Scale};
use crate::Result;
use crate::error::refused;
use crate::format::{Axis, Bookkeeping, Dimension, Element, NewMain, Scalar, Side, Storage, Value};

/// What the user says about a picture; it goes before what the file says.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// Width and height of the whole picture.
    pub size: Option<[f64; 2]>,
    /// The units of width and height.
    pub units: Option<String>,
    /// What the pixels are.
    pub quantity: Option<String>,
    /// In which units.
    pub quantity_units: Option<String>,
    /// Whether the pixels are to go from 0 to 1.
    pub normalize: bool,
}

/// A picture, ready to be written.
#[derive(Clone, Debug)]
pub struct Plan {
    picture: Picture,
    /// Of the picture's own numbers.
    limits: (f64, f64),
    normalize: bool,
    element: Element,
    x: Dimension,
    y: Dimension,
    quantity: String,
    units: String,
}

impl Plan {
    /// Decides everything.
    pub fn new(mut picture: Picture, wishes: &Wishes) -> Plan {
        let limits = picture.limits();
        let odd = picture.pixels.iter().filter(|x| !x.is_finite()).count();
        if odd > 0 {
            let all = picture.pixels.len();
            let warning = format!("{odd} of {all} pixels are not finite");
            picture.warnings.push(warning);
        }
        let (rows, columns) = picture.pixels.dim();
        let side = |name: &str, pixels: usize, size: Option<f64>, scale: &Option<Scale>| {
            let told = wishes.units.clone();
            let scale = match (size, scale) {
                (Some(size), _) => Scale {
                    offset: 0.0,
                    step: size / pixels as f64,
                    units: told.or_else(|| Some("nm".to_owned())),
                },
                (None, Some(scale)) => Scale {
                    units: told.or_else(|| scale.units.clone()),
                    ..scale.clone()
                },
                (None, None) => Scale {
                    offset: 0.0,
                    step: 1.0,
                    units: Some("pixel".to_owned()),
                },
            };
            let place = |k: usize| scale.offset + scale.step * k as f64;
            let units = scale.units.as_deref().unwrap_or("");
            Dimension::new(name, units, (0..pixels).map(place).collect())
        };
        let [width, height] = wishes.size.map_or([None, None], |size| size.map(Some));
        let x = side("X", columns, width, &picture.scales[1]);
        let y = side("Y", rows, height, &picture.scales[0]);
        let [quantity, units] = picture.quantity.clone();
        let said = |wish: &Option<String>, found: Option<String>, usual: &str| {
            let said = wish.clone().or(found);
            said.unwrap_or_else(|| usual.to_owned())
        };
        // What has more than 24 bits of its own keeps them.
        let wide = [Kind::F64, Kind::I32, Kind::U32, Kind::I64, Kind::U64].map(Scalar::little);
        let scalar = match wishes.normalize {
            false => picture.scalar,
            true if wide.contains(&picture.scalar) => Scalar::F64,
            true => Scalar::F32,
        };
        Plan {
            limits,
            normalize: wishes.normalize,
            element: Element::Real(scalar),
            x,
            y,
            quantity: said(&wishes.quantity, quantity, "Intensity"),
            units: said(&wishes.quantity_units, units, "a.u."),
            picture,
        }
    }

    /// What the user should know.
    pub fn warnings(&self) -> &[String] {
        &self.picture.warnings
    }

    /// What will be written, as text.
    pub fn describe(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        for (what, side) in [("columns", &self.x), ("rows", &self.y)] {
            let (first, last) = (side.values[0], side.values[side.len() - 1]);
            let _ = writeln!(
                text,
                "{}  {} {what}, {first} to {last} {}",
                side.name,
                side.len(),
                side.units
            );
        }
        let (least, largest) = self.limits;
        let _ = write!(
            text,
            "{} [{}] as {}, {least} to {largest}",
            self.quantity, self.units, self.element
        );
        let _ = writeln!(
            text,
            "{}",
            if self.normalize {
                ", normalized to 0 .. 1"
            } else {
                ""
            }
        );
        text
    }

    /// Writes the USID file. It appears whole, or not at all.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let atomic = AtomicFile::new(path)?;
        let file = atomic.create_h5()?;
        let bookkeeping = Bookkeeping::now();
        bookkeeping.write(&file)?;
        Value::from("ImageData").write(&file, "data_type")?;
        Value::from("jobwise usid import").write(&file, "translator")?;
        Value::from(self.normalize).write(&file, "normalized")?;
        let measurement = file
            .create_group("Measurement_000")
            .map_err(refused(path, "Measurement_000"))?;
        bookkeeping.write(&measurement)?;
        Value::from(self.normalize).write(&measurement, "normalized")?;
        Value::from(self.limits.0).write(&measurement, "image_min")?;
        Value::from(self.limits.1).write(&measurement, "image_max")?;
        let channel = measurement
            .create_group("Channel_000")
            .map_err(refused(path, "Channel_000"))?;
        bookkeeping.write(&channel)?;
        let positions = [self.x.clone(), self.y.clone()];
        let spectroscopic = [Dimension::single()];
        let new = NewMain {
            name: "Raw_Data",
            positions: self.picture.pixels.len(),
            width: 1,
            element: &self.element,
            quantity: &self.quantity,
            units: &self.units,
            storage: Storage::Unwritten,
            position: Axis::create(&channel, "Position", Side::Position, &positions)?,
            spectroscopic: Axis::create(
                &channel,
                "Spectroscopic",
                Side::Spectroscopic,
                &spectroscopic,
            )?,
        };
        let dataset = new.create(&channel, &bookkeeping)?;
        let rows = self.y.len();
        let mut bytes = Vec::new();
        for (column, pixels) in self.picture.pixels.columns().into_iter().enumerate() {
            bytes.clear();
            self.element.encode(&self.scaled(pixels.iter()), &mut bytes);
            let range = column * rows..(column + 1) * rows;
            raw_rows::write(&dataset, range, &bytes, Transfer::Independent)?;
        }
        drop((dataset, channel, measurement, new));
        Ok(atomic.commit_h5(file)?)
    }

    fn scaled<'p>(&self, pixels: impl Iterator<Item = &'p f64>) -> Vec<f64> {
        let (least, largest) = self.limits;
        // A picture of one brightness is dark.
        let range = if largest > least {
            largest - least
        } else {
            1.0
        };
        if self.normalize {
            pixels.map(|x| (x - least) / range).collect()
        } else {
            pixels.copied().collect()
        }
    }
}
