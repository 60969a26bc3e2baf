use std::fmt::Write as _;
use std::path::Path;

use jobwise_hdf5::atomic::AtomicFile;
use jobwise_hdf5::element::Kind;
use jobwise_hdf5::raw_rows::{self, Transfer};

use super::Picture;
use super::side::side;
use crate::error::refused;
use crate::format::{Axis, Bookkeeping, Dimension, Element, NewMain, Scalar, Side, Storage, Value};
use crate::{Error, Result};

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
    ///
    /// # Errors
    /// The file says where pixels lie in units that cannot be converted to those that are wished.
    pub fn new(mut picture: Picture, wishes: &Wishes) -> Result<Plan> {
        let limits = picture.limits();
        let odd = picture.pixels.iter().filter(|x| !x.is_finite()).count();
        if odd > 0 {
            let all = picture.pixels.len();
            let warning = format!("{odd} of {all} pixels are not finite");
            picture.warnings.push(warning);
        }
        let (rows, columns) = picture.pixels.dim();
        let [width, height] = wishes.size.map_or([None, None], |size| size.map(Some));
        let told = wishes.units.as_deref();
        let [high, wide] = picture.scales.clone();
        let warnings = &mut picture.warnings;
        let x =
            side("X", columns, (width, told), wide.as_ref(), warnings).map_err(Error::Request)?;
        let y = side("Y", rows, (height, told), high.as_ref(), warnings).map_err(Error::Request)?;
        if let (Some(told), Some(own)) = (&wishes.quantity_units, &picture.quantity[1])
            && told != own
        {
            let warning =
                format!("its pixels are in {own}: their numbers are kept, and called {told}");
            picture.warnings.push(warning);
        }
        let [quantity, units] = picture.quantity.clone();
        let said = |wish: &Option<String>, found: Option<String>, usual: &str| {
            let said = wish.clone().or(found);
            said.unwrap_or_else(|| usual.to_owned())
        };
        // What has more than 24 bits of its own keeps them.
        let wide = [Kind::F64, Kind::I32, Kind::U32, Kind::I64, Kind::U64].map(Scalar::Of);
        let scalar = match wishes.normalize {
            false => picture.scalar,
            true if wide.contains(&picture.scalar) => Scalar::F64,
            true => Scalar::F32,
        };
        let mut plan = Plan {
            limits,
            normalize: wishes.normalize,
            element: Element::Real(scalar),
            x,
            y,
            quantity: said(&wishes.quantity, quantity, "Intensity"),
            units: said(&wishes.quantity_units, units, "a.u."),
            picture,
        };
        plan.count_losses();
        Ok(plan)
    }

    /// Tells what the numbers lose on their way into the file.
    fn count_losses(&mut self) {
        let (mut losses, mut bytes) = (self.picture.losses, Vec::new());
        for pixels in self.picture.pixels.columns() {
            bytes.clear();
            losses += self.element.encode(&self.scaled(pixels.iter()), &mut bytes);
        }
        if !losses.is_none() {
            let all = self.picture.pixels.len();
            let warning = format!("of {all} pixels, stored as {}: {losses}", self.element);
            self.picture.warnings.push(warning);
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
