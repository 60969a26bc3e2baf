use hdf5::Group;
use jobwise_core::CpuKernel;

use super::{CHUNK, failed, is_same, write};
use crate::Result;
use crate::clean::cleaned::window_axes;
use crate::clean::{self, Cleaned, Fields, Rows, Taper, Windows};
use crate::error::refused;
use crate::format::{
    Axis, Bookkeeping, Dimension, Element, Main, NewMain, Scalar, Side, Storage, Value,
    compatible_chunks, results,
};

/// Compression, as others choose it.
const GZIP: u8 = 4;
/// Bytes that are written at a time, about.
const SLAB: usize = 4 << 20;

pub(super) const WINDOWS: &str = "Image_Windows";

impl Cleaned<'_> {
    /// The group of these windows: the one that is there, or a new one.
    pub(super) fn windowing(&self, parent: &Group, source: &Main, fields: Fields) -> Result<Group> {
        let attributes = self.windowing_attributes(fields);
        let failed = || refused(parent.filename(), parent.name());
        let mut next = 0;
        for name in parent.member_names().map_err(failed())? {
            let Some((of, "Windowing", index)) = results::parse(&name) else {
                continue;
            };
            if of != source.name().replace('-', "_") {
                continue;
            }
            next = next.max(index + 1);
            let Ok(group) = parent.group(&name) else {
                continue;
            };
            if is_same(&group, &attributes)? && group.link_exists(WINDOWS) {
                return Ok(group);
            }
        }
        let name = results::name(&source.name(), "Windowing", next);
        let group = parent.create_group(&name).map_err(failed())?;
        for (name, value) in attributes {
            if let Some(value) = value {
                value.write(&group, name)?;
            }
        }
        Bookkeeping::now().write(&group)?;
        self.write_windows(&group, fields)?;
        Ok(group)
    }

    /// What windows are known by. Attributes that others do not have are there only where they say
    /// something.
    fn windowing_attributes(&self, fields: Fields) -> [(&'static str, Option<Value>); 10] {
        let Windows { x, y, taper } = self.projection.windows();
        let number = |number: usize| Some(Value::Integer(number as i64));
        let tapered = (*taper != Taper::None).then(|| Value::from(taper.name()));
        [
            ("win_x", number(x.window)),
            ("win_y", number(y.window)),
            ("win_step_x", number(x.step)),
            ("win_step_y", number(y.step)),
            ("image_x", number(x.image)),
            ("image_y", number(y.image)),
            ("psf_width", self.psf_width.map(Value::Float)),
            ("fft_mode", Some(Value::from(fields.mode()))),
            ("window_taper", tapered),
            (
                "cover_edges",
                self.request.cover_edges.then_some(Value::Flag(true)),
            ),
        ]
    }

    fn write_windows(&self, group: &Group, fields: Fields) -> Result<()> {
        let windows = self.projection.windows();
        let (count, pixels) = (windows.count(), windows.pixels());
        let origins =
            |axis: &clean::Axis| (0..axis.count()).map(|i| axis.origin(i) as f64).collect();
        let position = [
            Dimension::new("Window Origin X", "pixel", origins(&windows.x)),
            Dimension::new("Window Origin Y", "pixel", origins(&windows.y)),
        ];
        let names = fields.names().iter();
        let element = Element::Compound(
            names
                .map(|name| ((*name).to_owned(), Element::Real(Scalar::F32)))
                .collect(),
        );
        let chunk = compatible_chunks(&[count, pixels], element.size(), Some(&[1, pixels]), CHUNK);
        let new = NewMain {
            name: WINDOWS,
            positions: count,
            width: pixels,
            element: &element,
            quantity: "Intensity",
            units: "a.u.",
            storage: Storage::Chunks {
                shape: [chunk[0], chunk[1]],
                level: Some(GZIP),
            },
            position: Axis::create(group, "Position", Side::Position, &position)?,
            spectroscopic: Axis::create(
                group,
                "Spectroscopic",
                Side::Spectroscopic,
                &window_axes([windows.x.window, windows.y.window]),
            )?,
        };
        let dataset = new.create(group, &Bookkeeping::now())?;
        write_origins(group).map_err(refused(group.filename(), "Position_Indices"))?;
        let rows = Rows::new(self.projection.image(), windows, fields);
        let mut scratch = rows.scratch().map_err(failed)?;
        // Whole chunks, so that none is compressed twice.
        let slab = (SLAB / (pixels * element.size()))
            .next_multiple_of(chunk[0])
            .max(chunk[0]);
        for first in (0..count).step_by(slab) {
            let range = first..(first + slab).min(count);
            let mut numbers = Vec::with_capacity(range.len() * pixels * fields.names().len());
            for window in range.clone() {
                numbers.extend(rows.compute(window, (), &mut scratch).map_err(failed)?);
            }
            write(&dataset, range, &numbers)?;
        }
        Ok(())
    }
}

/// Others take the origins themselves for the indices of windows.
fn write_origins(group: &Group) -> hdf5::Result<()> {
    let origins: Vec<f32> = group.dataset("Position_Values")?.read_raw()?;
    let indices: Vec<u32> = origins.iter().map(|&origin| origin as u32).collect();
    group.dataset("Position_Indices")?.write_raw(&indices)
}
