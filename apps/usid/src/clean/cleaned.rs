use std::ops::Range;

use hdf5::Group;
use jobwise_core::{Cause, CpuKernel};
use ndarray::{Array2, Axis as Along};

use super::basis::Basis;
use super::project::Scratch;
use super::request::{Outline, Setting};
use super::{Projection, Request, cheapest};
use crate::Result;
use crate::error::refused;
use crate::format::{
    Axis, Bookkeeping, Dimension, Element, Main, NewMain, Scalar, Side, SourceRows, Storage, Value,
};
use crate::process::{Columns, Output, Per, Process, Rows, Tally};

/// The cleaning of one image, ready to run. A unit is a band of whole rows of the image.
#[derive(Debug)]
pub struct Cleaned<'i> {
    pub(super) request: Request,
    pub(super) basis: Basis,
    pub(super) projection: Projection<'i>,
    pub(super) precision: Scalar,
    pub(super) psf_width: Option<f64>,
    pub(super) normalize: bool,
    /// The stages that devices computed.
    pub(super) on_devices: Vec<&'static str>,
    source: SourceRows,
    outputs: Vec<Output>,
}

/// The results.
pub(super) const CLEANED: &str = "Cleaned_Image";
pub(super) const NOISE: &str = "Removed_Noise";

impl<'i> Cleaned<'i> {
    pub(super) fn new(
        request: Request,
        source: &Main,
        setting: &'i Setting<'_>,
        basis: Basis,
    ) -> Result<Self> {
        let &Outline {
            ref windows,
            psf_width,
            precision,
            normalize,
            ..
        } = &setting.outline;
        let kept = basis.kept_vectors();
        let [together, alone] = [kept.nrows(), 1].map(|number| cheapest(windows, number));
        let image = setting.pixels.view();
        let mut projection = Projection::new(image, windows.clone()).and(&kept, together);
        if request.separate {
            for one in kept.axis_chunks_iter(Along(0), 1) {
                projection = projection.and(&one.to_owned(), alone);
            }
        }
        Ok(Cleaned {
            outputs: outputs(&request, source, precision, &basis.kept),
            request,
            basis,
            projection,
            precision,
            psf_width,
            normalize,
            on_devices: Vec::new(),
            source: SourceRows::of(source)?,
        })
    }

    /// The attribute `components_used`.
    pub(super) fn used(&self) -> Value {
        let Basis {
            selection, kept, ..
        } = &self.basis;
        match selection.text() {
            Some(text) => Value::Text(text),
            None => Value::Integers(kept.iter().map(|&number| number as i64).collect()),
        }
    }

    /// Pixels of a row of the image.
    fn width(&self) -> usize {
        self.projection.windows().y.image
    }
}

/// In the order in which rows are appended.
fn outputs(request: &Request, source: &Main, precision: Scalar, kept: &[usize]) -> Vec<Output> {
    let output = |name: &str, columns| Output {
        name: name.into(),
        quantity: source.quantity().into(),
        units: source.units().into(),
        element: Element::Real(precision),
        columns,
        rows: Per::Position,
    };
    let same = || Columns::OfSource { width: 1 };
    let mut outputs = vec![output(CLEANED, same()), output(NOISE, same())];
    if request.separate {
        let columns = Columns::Own {
            prefix: "Component_Spectroscopic".into(),
            dimensions: vec![component_axis(kept)],
        };
        outputs.push(output("Cleaned_Components", columns));
    }
    outputs
}

/// Components by number.
pub(super) fn component_axis(numbers: &[usize]) -> Dimension {
    let values = numbers.iter().map(|&number| number as f64).collect();
    Dimension::new("Principal Component", "a. u.", values)
}

/// The pixels of a window, `V` fastest.
pub(super) fn window_axes(window: [usize; 2]) -> [Dimension; 2] {
    let axis = |name: &str, length: usize| {
        Dimension::new(
            name,
            "pixel",
            (0..length).map(|pixel| pixel as f64).collect(),
        )
    };
    [axis("U", window[0]), axis("V", window[1])]
}

impl Process for Cleaned<'_> {
    type Scratch = Scratch;

    fn unit(&self) -> usize {
        self.projection.height() * self.width()
    }

    fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    fn on_cuda(&self) -> &[&'static str] {
        &self.on_devices
    }

    /// `S` (f64, all that were decomposed), `V` (f64 `[components, pixels of a window]`: those
    /// kept, or all for other programs), and the attribute `components_used`.
    fn write_constants(&self, group: &Group, source: &Main) -> Result<()> {
        let Basis {
            singular,
            rows,
            vectors,
            ..
        } = &self.basis;
        self.used().write(group, "components_used")?;
        group
            .new_dataset_builder()
            .with_data(singular)
            .create("S")
            .map_err(refused(group.filename(), "S"))?;
        let windows = self.projection.windows();
        let axes = window_axes([windows.x.window, windows.y.window]);
        let new = NewMain {
            name: "V",
            positions: rows.len(),
            width: vectors.ncols(),
            element: &Element::Real(Scalar::F64),
            quantity: source.quantity(),
            units: source.units(),
            storage: Storage::Contiguous,
            position: Axis::create(
                group,
                "Component_Position",
                Side::Position,
                &[component_axis(rows)],
            )?,
            spectroscopic: Axis::create(group, "Window", Side::Spectroscopic, &axes)?,
        };
        let dataset = new.create(group, &Bookkeeping::now())?;
        dataset
            .write(vectors)
            .map_err(refused(group.filename(), "V"))
    }

    fn finish(&self, group: &Group, source: &Main) -> Result<()> {
        self.add_whole(group, source)
    }

    fn unit_bytes(&self) -> usize {
        // The pixels, and what every set makes of them.
        let sets = self.outputs.iter().map(Output::width).sum::<usize>();
        self.unit() * (self.source.row_bytes() + 8 * sets)
    }

    fn scratch(&self) -> Result<Scratch, Cause> {
        self.projection.scratch()
    }

    fn source(&self) -> &SourceRows {
        &self.source
    }

    fn compute(
        &self,
        units: Range<usize>,
        input: &[u8],
        scratch: &mut Scratch,
        rows: &mut Rows,
        tally: &mut Tally,
    ) -> Result<(), Cause> {
        let mut raw = Vec::new();
        for (band, bytes) in units.zip(input.chunks(self.unit() * self.source.row_bytes())) {
            raw.clear();
            tally.source += self.source.element().decode(bytes, &mut raw);
            let mut sets = self.projection.compute(band, (), scratch)?.into_iter();
            let clean = sets.next().unwrap_or_default();
            rows.push(&self.outputs, 0, &clean);
            for (raw, clean) in raw.iter_mut().zip(&clean) {
                *raw -= clean;
            }
            rows.push(&self.outputs, 1, &raw);
            if self.request.separate {
                let images: Vec<f64> = sets.flatten().collect();
                let shape = (self.basis.kept.len(), clean.len());
                let images = Array2::from_shape_vec(shape, images)?;
                let by_pixel = images.t().as_standard_layout().into_owned();
                rows.push(&self.outputs, 2, &by_pixel.into_raw_vec_and_offset().0);
            }
        }
        Ok(())
    }
}
