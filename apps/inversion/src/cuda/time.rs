use std::sync::Arc;

use jobwise_cuda::driver::{CudaSlice, CudaStream};
use jobwise_cuda::{Cuda, Fault, Function, Image, Source};
use rayon::prelude::*;

use super::answers::{Places, columns, take};
use super::buffers::{Download, Upload, table};
use super::shared::allow_layers;
use super::{Bytes, Size, WARP, wanted_bits};
use crate::forward::{Geometry, TimeDomain};
use crate::inference::Asked;

pub(super) const SOURCE: &str = concat!(
    include_str!("complex.cuh"),
    include_str!("recursion.cuh"),
    include_str!("time.cu"),
);

/// Numbers of a layer in shared memory, and beside all layers.
pub(super) const OF_LAYER: usize = 128;

/// For the compiler.
pub(super) fn options() -> Vec<String> {
    vec!["--fmad=false".into(), format!("-DOF_LAYER={OF_LAYER}")]
}

/// Whole numbers of a model.
const MODEL: usize = 6;

/// Threads of a block that looks for nodes.
const BLOCK: u32 = 128;

/// Where a time-domain system was, and what data have beside its response.
#[derive(Clone, Debug)]
pub(super) struct TimePlace {
    pub(super) geometry: Geometry,
    /// By component: the field without an earth.
    pub(super) primary: Vec<f64>,
}

/// Models of a time-domain system on a device: what a lane has for a batch of them.
pub(super) struct TimeModels {
    device: Cuda,
    node_ranges: Function,
    hankel_integrals: Function,
    windows: Function,
    shape: Shape,
    omega_mu: CudaSlice<f64>,
    bessel: CudaSlice<f64>,
    matrix: CudaSlice<f64>,
    scales: CudaSlice<f64>,
    /// By sounding.
    geometries: Vec<Geometry>,
    places: Upload<f64>,
    models: Upload<i32>,
    heights: Upload<f64>,
    means: Upload<f64>,
    layers: Upload<f64>,
    ranges: CudaSlice<f64>,
    integrals: CudaSlice<f64>,
    found: Download<f64>,
    answers: Places,
}

/// What is the same for all models.
#[derive(Clone, Copy, Debug)]
struct Shape {
    frequencies: usize,
    abscissae: usize,
    loop_radius: f64,
    components: usize,
    windows: usize,
}

impl Shape {
    fn of(system: &TimeDomain) -> Shape {
        Shape {
            frequencies: system.frequencies(),
            abscissae: system.abscissae(),
            loop_radius: system.loop_radius(),
            components: system.axes().count(),
            windows: system.windows(),
        }
    }

    fn channels(self) -> usize {
        self.components * self.windows
    }

    /// Numbers of a sounding.
    fn place(self) -> usize {
        1 + 4 * self.components
    }

    /// Integrals of a model of so many layers.
    fn integrals(self, layers: usize) -> usize {
        6 * self.frequencies * (layers + 2)
    }
}

impl TimeModels {
    pub(super) fn bytes(system: &TimeDomain, layers: usize) -> Bytes {
        let shape = Shape::of(system);
        let values = 2 * shape.frequencies;
        let tables = shape.frequencies + values * shape.windows + 2 * shape.components;
        let numbers = 2 + 2 * layers + shape.channels() * (layers + 2);
        let on_device = values + shape.integrals(layers);
        Bytes {
            lane: (tables + TimeDomain::bessel_table().len()) * size_of::<f64>(),
            sounding: shape.place() * size_of::<f64>(),
            model: MODEL * size_of::<i32>() + numbers * size_of::<f64>(),
            on_device: on_device * size_of::<f64>(),
        }
    }

    /// `signs` are those of the components in data.
    pub(super) fn new(
        device: &Cuda,
        stream: &Arc<CudaStream>,
        system: &TimeDomain,
        signs: &[f64],
        size: Size,
    ) -> Result<TimeModels, Fault> {
        let source = Source {
            name: "time.cu",
            text: SOURCE,
            options: options(),
        };
        let image = Image::of(device, &source)?;
        let shape = Shape::of(system);
        let hankel_integrals = image.function("hankel_integrals")?;
        allow_layers(device, &hankel_integrals, size.layers, shared)?;
        let scales = system.scales().zip(signs);
        let scales: Vec<f64> = scales.flat_map(|(scale, sign)| [scale, *sign]).collect();
        let models = size.models;
        Ok(TimeModels {
            device: device.clone(),
            node_ranges: image.function("node_ranges")?,
            hankel_integrals,
            windows: image.function("windows")?,
            shape,
            omega_mu: table(stream, &system.omega_mu())?,
            bessel: table(stream, &TimeDomain::bessel_table())?,
            matrix: table(stream, &system.window_weights())?,
            scales: table(stream, &scales)?,
            geometries: Vec::new(),
            places: Upload::new(device, stream, size.soundings * shape.place())?,
            models: Upload::new(device, stream, models * MODEL)?,
            heights: Upload::new(device, stream, models)?,
            means: Upload::new(device, stream, models)?,
            layers: Upload::new(device, stream, models * 2 * size.layers)?,
            ranges: stream.alloc_zeros(models * 2 * shape.frequencies)?,
            integrals: stream.alloc_zeros(models * shape.integrals(size.layers))?,
            found: Download::new(
                device,
                stream,
                models * shape.channels() * (size.layers + 2),
            )?,
            answers: Places::default(),
        })
    }

    /// Where the soundings of the batch were measured.
    pub(super) fn place(
        &mut self,
        stream: &Arc<CudaStream>,
        system: &TimeDomain,
        places: impl Iterator<Item = TimePlace>,
    ) -> Result<(), Fault> {
        self.geometries.clear();
        let numbers = self.places.host()?;
        let mut used = 0;
        for TimePlace { geometry, primary } in places {
            numbers[used] = geometry.horizontal();
            used += 1;
            for (weights, primary) in system.integral_weights(&geometry).zip(primary) {
                numbers[used..][..3].copy_from_slice(&weights);
                numbers[used + 3] = primary;
                used += 4;
            }
            self.geometries.push(geometry);
        }
        Ok(self.places.send(stream, used)?)
    }

    /// Enqueues all that is asked for.
    pub(super) fn enqueue(
        &mut self,
        stream: &Arc<CudaStream>,
        asked: &[&mut Asked],
    ) -> Result<(), Fault> {
        let shape = self.shape;
        let means = self.means.host()?[..asked.len()].par_iter_mut().zip(asked);
        self.device.pool()?.install(|| {
            means.for_each(|(mean, asked)| *mean = TimeDomain::mean_conductivity(asked.layers()));
        });
        let models = self.models.host()?;
        let heights = self.heights.host()?;
        let layers = self.layers.host()?;
        let (mut first, mut integrals, mut used, mut most) = (0, 0, 0, 0);
        self.answers.clear();
        for (model, asked) in asked.iter().enumerate() {
            let of = asked.layers();
            let (count, wanted, sounding) = (of.count(), asked.wanted(), asked.sounding());
            let bits = wanted_bits(wanted);
            let numbers = [sounding, count, bits, first, integrals, used];
            for (to, number) in models[MODEL * model..].iter_mut().zip(numbers) {
                *to = number as i32;
            }
            heights[model] = self.geometries[sounding].height_sum_at(asked.height_change());
            layers[first..][..count].copy_from_slice(of.conductivity());
            layers[first + count..][..count - 1].copy_from_slice(of.thickness());
            self.answers.push(used);
            first += 2 * count - 1;
            integrals += shape.integrals(wanted.jacobian.map_or(0, |_| count));
            used += shape.channels() * columns(count, wanted);
            most = most.max(count);
        }
        self.models.send(stream, MODEL * asked.len())?;
        self.heights.send(stream, asked.len())?;
        self.means.send(stream, asked.len())?;
        self.layers.send(stream, first)?;
        self.launch(stream, asked.len(), most)?;
        Ok(self.found.fetch(stream, used)?)
    }

    /// Enqueues the kernels for so many models of at most so many layers.
    fn launch(
        &mut self,
        stream: &Arc<CudaStream>,
        models: usize,
        layers: usize,
    ) -> Result<(), Fault> {
        let shape = self.shape;
        let transforms = (models * shape.frequencies) as u32;
        let [
            frequencies,
            abscissae,
            components,
            windows,
            count,
            quantities,
        ] = [
            shape.frequencies,
            shape.abscissae,
            shape.components,
            shape.windows,
            models,
            layers + 2,
        ]
        .map(|number| number as i32);
        self.node_ranges
            .on(stream, [transforms.div_ceil(BLOCK), 1, 1], [BLOCK, 1, 1], 0)
            .arg(&self.omega_mu)
            .arg(self.models.device())
            .arg(self.heights.device())
            .arg(self.means.device())
            .arg(self.layers.device())
            .arg(&mut self.ranges)
            .arg(&frequencies)
            .arg(&abscissae)
            .arg(&count)
            .enqueue()?;
        let bytes = shared(layers) as u32;
        self.hankel_integrals
            .on(stream, [transforms, 1, 1], [WARP, 1, 1], bytes)
            .arg(&self.omega_mu)
            .arg(&self.bessel)
            .arg(self.places.device())
            .arg(self.models.device())
            .arg(self.heights.device())
            .arg(self.layers.device())
            .arg(&self.ranges)
            .arg(&mut self.integrals)
            .arg(&frequencies)
            .arg(&abscissae)
            .arg(&components)
            .arg(&shape.loop_radius)
            .enqueue()?;
        let grid = [(models * (layers + 2)) as u32, 1, 1];
        let field = 2 * shape.frequencies * size_of::<f64>();
        self.windows
            .on(stream, grid, [WARP, 1, 1], field as u32)
            .arg(&self.matrix)
            .arg(&self.scales)
            .arg(self.places.device())
            .arg(self.models.device())
            .arg(&self.integrals)
            .arg(self.found.device())
            .arg(&frequencies)
            .arg(&windows)
            .arg(&components)
            .arg(&quantities)
            .enqueue()?;
        Ok(())
    }

    /// Brings what was computed, once the stream has been waited for, into channels from `first`
    /// on, of `all`.
    pub(super) fn take(
        &self,
        asked: &mut [&mut Asked],
        first: usize,
        all: usize,
    ) -> Result<(), Fault> {
        let channels = first..first + self.shape.channels();
        let (pool, found) = (self.device.pool()?, self.found.host()?);
        take(pool, found, &self.answers, asked, channels, all);
        Ok(())
    }

    pub(super) fn channels(&self) -> usize {
        self.shape.channels()
    }
}

/// Bytes of shared memory for models of so many layers.
fn shared(layers: usize) -> usize {
    (layers * OF_LAYER + 6 * (layers + 2)) * size_of::<f64>()
}
