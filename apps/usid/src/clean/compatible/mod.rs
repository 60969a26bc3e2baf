//! Windows and their decomposition as other programs store them: rows stream into the file,
//! whatever their number.

mod decomposition;
mod windowing;

use std::ops::Range;

use hdf5::{Dataset, Group};
use jobwise_core::Cause;
use jobwise_hdf5::raw_rows::{self, Transfer};

use super::cleaned::{CLEANED, NOISE};
use super::whole::add;
use super::{Cleaned, Fields};
use crate::error::refused;
use crate::format::{Bookkeeping, Element, Main, Value};
use crate::{Error, Result};

/// Bytes of a chunk, as others choose it.
const CHUNK: usize = 10240;

const IMAGES: &str = "Cleaned_Image_";

impl Cleaned<'_> {
    /// Adds `SOURCE-Windowing_NNN` beside the results group `ours`, in it the windows, their
    /// decomposition `Image_Windows-SVD_NNN`, and in that `Cleaned_Image_NNN`. The windows and the
    /// decomposition of an earlier run are taken.
    ///
    /// Fields other than pixels are windows only: what is decomposed is pixels.
    pub(super) fn add_compatible(&self, ours: &Group, source: &Main, fields: Fields) -> Result<()> {
        let parent = parent(ours)?;
        let windowing = self.windowing(&parent, source, fields)?;
        if fields == Fields::Data {
            let decomposition = self.decomposition(&windowing)?;
            self.copy_images(&decomposition, ours, source)?;
        }
        Ok(())
    }

    /// The images of our results group `ours` once more, where others look for them.
    fn copy_images(&self, decomposition: &Group, ours: &Group, source: &Main) -> Result<()> {
        let failed = || refused(decomposition.filename(), decomposition.name());
        let taken = decomposition.member_names().map_err(failed())?;
        let indices = taken
            .iter()
            .filter_map(|name| name.strip_prefix(IMAGES)?.parse().ok());
        let next = indices.max().map_or(0, |last: usize| last + 1);
        let group = decomposition
            .create_group(&format!("{IMAGES}{next:03}"))
            .map_err(failed())?;
        Bookkeeping::now().write(&group)?;
        self.used().write(&group, "components_used")?;
        for name in [CLEANED, NOISE] {
            let pixels = self.image(ours, name)?.into_raw_vec_and_offset().0;
            add(
                &group,
                source,
                name,
                &Element::Real(self.precision),
                &pixels,
            )?;
            self.add_spectrum(&group, source, name)?;
        }
        Ok(())
    }
}

/// The group that holds a group.
fn parent(group: &Group) -> Result<Group> {
    let path = group.name();
    let parent = path.rsplit_once('/').map_or("/", |(parent, _)| parent);
    let file = group.file().map_err(refused(group.filename(), &path))?;
    let parent = if parent.is_empty() { "/" } else { parent };
    file.group(parent)
        .map_err(refused(group.filename(), parent))
}

/// Whether a group has these attributes, and lacks those that are `None`.
fn is_same(group: &Group, attributes: &[(&str, Option<Value>)]) -> Result<bool> {
    for (name, wanted) in attributes {
        if Value::find(group, name)? != *wanted {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Writes whole rows.
fn write(dataset: &Dataset, rows: Range<usize>, numbers: &[f32]) -> Result<()> {
    let bytes: Vec<u8> = numbers
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect();
    Ok(raw_rows::write(
        dataset,
        rows,
        &bytes,
        Transfer::Independent,
    )?)
}

#[allow(clippy::needless_pass_by_value)] // for map_err
fn failed(cause: Cause) -> Error {
    Error::Request(cause.to_string())
}
