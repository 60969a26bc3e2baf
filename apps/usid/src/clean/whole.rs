//! What needs the whole cleaned image.

use hdf5::{Group, H5Type};
use jobwise_hdf5::lengths;
use ndarray::Array2;

use super::cleaned::{CLEANED, NOISE};
use super::{Cleaned, spectrum};
use crate::Result;
use crate::error::refused;
use crate::format::{Axis, Bookkeeping, Element, Main, NewMain, Scalar, Side, Storage};

impl Cleaned<'_> {
    /// Adds to the results group, whose rows are there, what was asked for.
    pub(super) fn add_whole(&self, group: &Group, source: &Main) -> Result<()> {
        if self.request.spectra {
            for name in [CLEANED, NOISE] {
                self.add_spectrum(group, source, name)?;
            }
        }
        if self.normalize {
            let mut pixels = self.image(group, CLEANED)?.into_raw_vec_and_offset().0;
            normalize(&mut pixels);
            let element = Element::Real(self.precision);
            add(group, source, "Normalized_Image", &element, &pixels)?;
        }
        if let Some(fields) = self.request.compatible {
            self.add_compatible(group, source, fields)?;
        }
        Ok(())
    }

    /// Adds the spectrum of an image of `group`, as `FFT_NAME`, c128.
    pub(super) fn add_spectrum(&self, group: &Group, source: &Main, name: &str) -> Result<()> {
        let spectrum = spectrum(&self.image(group, name)?);
        let (name, element) = (format!("FFT_{name}"), Element::Complex(Scalar::F64));
        let values = spectrum.into_raw_vec_and_offset().0;
        add(group, source, &name, &element, &values)
    }

    /// An image of `group`.
    pub(super) fn image(&self, group: &Group, name: &str) -> Result<Array2<f64>> {
        let failed = || refused(group.filename(), format!("{}/{name}", group.name()));
        let dataset = group.dataset(name).map_err(failed())?;
        lengths::check_head(&dataset)?;
        let pixels = dataset.read_raw().map_err(failed())?;
        let windows = self.projection.windows();
        let shape = (windows.x.image, windows.y.image);
        Array2::from_shape_vec(shape, pixels).map_err(|error| failed()(error.to_string().into()))
    }
}

/// Adds a main dataset of one value at each position of the source.
pub(super) fn add<T: H5Type>(
    group: &Group,
    source: &Main,
    name: &str,
    element: &Element,
    values: &[T],
) -> Result<()> {
    let new = NewMain {
        name,
        positions: source.positions(),
        width: 1,
        element,
        quantity: source.quantity(),
        units: source.units(),
        storage: Storage::Contiguous,
        position: Axis::of(source, Side::Position),
        spectroscopic: Axis::of(source, Side::Spectroscopic),
    };
    let dataset = new.create(group, &Bookkeeping::now())?;
    dataset
        .write_raw(values)
        .map_err(refused(group.filename(), name))
}

/// Shifts and scales values to 0..1. Equal ones become 0.
fn normalize(values: &mut [f64]) {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let range = values.iter().copied().fold(f64::NEG_INFINITY, f64::max) - least;
    for value in values {
        *value = if range > 0.0 {
            (*value - least) / range
        } else {
            0.0
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_from_0_to_1() {
        let scaled = |mut values: Vec<f64>| {
            normalize(&mut values);
            values
        };
        assert_eq!(scaled(vec![3.0, -1.0, 1.0]), vec![1.0, 0.0, 0.5]);
        assert_eq!(scaled(vec![2.0; 3]), vec![0.0; 3]);
    }
}
