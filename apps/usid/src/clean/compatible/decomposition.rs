use hdf5::{Dataset, Group};
use jobwise_core::{CpuKernel, Workload};

use super::windowing::WINDOWS;
use super::{CHUNK, failed, is_same, write};
use crate::Result;
use crate::clean::cleaned::component_axis;
use crate::clean::request::EXACT;
use crate::clean::{Cleaned, Components, Scores};
use crate::error::refused;
use crate::format::{
    Axis, Bookkeeping, Element, Main, NewMain, Scalar, Side, Storage, Value, compatible_chunks,
    results,
};
use crate::process::COMPLETED;
use crate::process::LAST_PIXEL;

const SVD: &str = "SVD";

impl Cleaned<'_> {
    /// The group of this decomposition: the one that is there, or a new one.
    pub(super) fn decomposition(&self, windowing: &Group) -> Result<Group> {
        let stored = windowing.dataset(WINDOWS);
        let windows = &Main::open(&stored.map_err(refused(windowing.filename(), WINDOWS))?)?;
        let components = self.basis.singular.len();
        let attributes = [
            ("num_components", Some(Value::Integer(components as i64))),
            ("svd_method", Some(Value::from(EXACT))),
        ];
        for earlier in results::existing(windowing, windows, SVD)? {
            if is_same(&earlier.group, &attributes)? {
                return Ok(earlier.group);
            }
        }
        let bookkeeping = Bookkeeping::now();
        let index = results::next_index(windowing, windows, SVD)?;
        let group = results::create(windowing, windows, SVD, index, &bookkeeping)?;
        for (name, value) in &attributes {
            if let Some(value) = value {
                value.write(&group, name)?;
            }
        }
        Value::Integer(windows.positions() as i64).write(&group, LAST_PIXEL)?;
        let failed = |name: &'static str| refused(group.filename(), name);
        let single: Vec<f32> = self.basis.singular.iter().map(|&s| s as f32).collect();
        let vector = group.new_dataset_builder().with_data(&single).create("S");
        vector.map_err(failed("S"))?;
        let done = vec![1u8; windows.positions()];
        let vector = group
            .new_dataset_builder()
            .with_data(&done)
            .create(COMPLETED);
        vector.map_err(failed(COMPLETED))?;

        let numbers: Vec<usize> = (0..components).collect();
        let axis = [component_axis(&numbers)];
        let chunked = |shape: [usize; 2]| {
            let chunk = compatible_chunks(&shape, size_of::<f32>(), None, CHUNK);
            Storage::Chunks {
                shape: [chunk[0], chunk[1]],
                level: None,
            }
        };
        let left = NewMain {
            name: "U",
            positions: windows.positions(),
            width: components,
            element: &Element::Real(Scalar::F32),
            quantity: "Abundance",
            units: "a.u.",
            storage: chunked([windows.positions(), components]),
            position: Axis::of(windows, Side::Position),
            spectroscopic: Axis::create(&group, "Spectroscopic", Side::Spectroscopic, &axis)?,
        };
        self.write_scores(&left.create(&group, &bookkeeping)?)?;
        let right = NewMain {
            name: "V",
            positions: components,
            width: windows.width(),
            element: windows.element(),
            quantity: windows.quantity(),
            units: "a.u.",
            storage: chunked([components, windows.width()]),
            position: Axis::create(&group, "Position", Side::Position, &axis)?,
            spectroscopic: Axis::of(windows, Side::Spectroscopic),
        };
        let numbers: Vec<f32> = self.basis.vectors.iter().map(|&v| v as f32).collect();
        write(
            &right.create(&group, &bookkeeping)?,
            0..components,
            &numbers,
        )?;
        Ok(group)
    }

    fn write_scores(&self, dataset: &Dataset) -> Result<()> {
        let components = Components {
            singular: self.basis.singular.clone(),
            vectors: self.basis.vectors.clone(),
        };
        let windows = self.projection.windows();
        let scores = Scores::new(self.projection.image(), windows, &components);
        let mut scratch = scores.scratch().map_err(failed)?;
        for item in 0..scores.len() {
            let first = scores.first(item);
            let rows = scores.compute(item, (), &mut scratch).map_err(failed)?;
            let numbers: Vec<f32> = rows.iter().map(|&score| score as f32).collect();
            let end = first + numbers.len() / components.singular.len();
            write(dataset, first..end, &numbers)?;
        }
        Ok(())
    }
}
