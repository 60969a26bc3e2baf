use std::sync::Arc;

use jobwise_core::Cause;
use jobwise_cuda::driver::{CudaSlice, CudaStream};
use jobwise_cuda::{Cuda, Fault, Function, Image, Source};
use rayon::prelude::*;

use super::buffers::{Download, Upload, table};
use super::{Size, WARP, wanted_bits};
use crate::forward::{FrequencyDomain, Response, Wanted};
use crate::inference::Asked;

const SOURCE: &str = concat!(
    include_str!("complex.cuh"),
    include_str!("recursion.cuh"),
    include_str!("frequency.cu"),
);

/// Bytes of shared memory that a layer takes: `OF_LAYER` numbers.
const LAYER_BYTES: usize = 192 * size_of::<f64>();

/// Whole numbers of a model.
const MODEL: usize = 5;

/// Models of a frequency-domain system on a device: what a lane has for a batch of them.
pub(super) struct FrequencyModels {
    kernel: Function,
    frequencies: usize,
    nodes: usize,
    tables: CudaSlice<f64>,
    omega_mu: CudaSlice<f64>,
    /// By sounding: where it was, and the nodes that matter there.
    altitudes: Vec<f64>,
    ranges: Upload<i32>,
    models: Upload<i32>,
    heights: Upload<f64>,
    layers: Upload<f64>,
    found: Download<f64>,
}

impl FrequencyModels {
    /// Bytes of tables.
    pub(super) fn lane_bytes(system: &FrequencyDomain) -> usize {
        (7 * system.nodes() + system.channels() / 2) * size_of::<f64>()
    }

    /// Bytes that a sounding and that one of its models takes, on the device and on the host.
    pub(super) fn item_bytes(system: &FrequencyDomain, layers: usize) -> [usize; 2] {
        let channels = system.channels();
        let model = MODEL * size_of::<i32>() + (2 * layers + channels * (layers + 2)) * 8;
        [channels * size_of::<i32>(), model]
    }

    pub(super) fn new(
        device: &Cuda,
        stream: &Arc<CudaStream>,
        system: &FrequencyDomain,
        size: Size,
    ) -> Result<FrequencyModels, Fault> {
        let source = Source {
            name: "frequency.cu",
            text: SOURCE,
            options: vec!["--fmad=false".into()],
        };
        let kernel = Image::of(device, &source)?.function("frequency_domain")?;
        let shared = size.layers * LAYER_BYTES;
        let most = device.shared_memory()?;
        if shared > most {
            return Err(too_many_layers(size.layers, most / LAYER_BYTES).into());
        }
        if shared > 48 << 10 {
            kernel.allow_shared(shared)?;
        }
        let channels = system.channels();
        let rows = size.models * channels;
        Ok(FrequencyModels {
            kernel,
            frequencies: channels / 2,
            nodes: system.nodes(),
            tables: table(stream, &system.tables())?,
            omega_mu: table(stream, &system.omega_mu())?,
            altitudes: Vec::new(),
            ranges: Upload::new(device, stream, size.soundings * channels)?,
            models: Upload::new(device, stream, size.models * MODEL)?,
            heights: Upload::new(device, stream, size.models)?,
            layers: Upload::new(device, stream, size.models * 2 * size.layers)?,
            found: Download::new(device, stream, rows * (size.layers + 2))?,
        })
    }

    /// The soundings of the batch: m above the ground, and the lowest that a model of it may be.
    pub(super) fn place(
        &mut self,
        stream: &Arc<CudaStream>,
        system: &FrequencyDomain,
        heights: impl Iterator<Item = [f64; 2]>,
    ) -> Result<(), Fault> {
        self.altitudes.clear();
        let ranges = self.ranges.host()?;
        let mut used = 0;
        for [altitude, lowest] in heights {
            self.altitudes.push(altitude);
            for nodes in system.nodes_at(lowest) {
                ranges[used] = nodes.start as i32;
                ranges[used + 1] = nodes.end as i32;
                used += 2;
            }
        }
        Ok(self.ranges.send(stream, used)?)
    }

    /// Computes all that is asked for, at once.
    pub(super) fn compute(
        &mut self,
        device: &Cuda,
        stream: &Arc<CudaStream>,
        asked: &mut [&mut Asked],
    ) -> Result<(), Fault> {
        let channels = 2 * self.frequencies;
        let models = self.models.host()?;
        let heights = self.heights.host()?;
        let layers = self.layers.host()?;
        let (mut first, mut used, mut most) = (0, 0, 0);
        let mut places = Vec::with_capacity(asked.len());
        for (model, asked) in asked.iter().enumerate() {
            let (conductivity, thickness) = (asked.conductivity(), asked.thickness());
            let (count, wanted) = (conductivity.len(), asked.wanted());
            let numbers = [asked.sounding(), count, wanted_bits(wanted), first, used];
            for (to, number) in models[MODEL * model..].iter_mut().zip(numbers) {
                *to = number as i32;
            }
            heights[model] = self.altitudes[asked.sounding()] + asked.height_change();
            layers[first..][..count].copy_from_slice(conductivity);
            layers[first + count..][..count - 1].copy_from_slice(thickness);
            places.push(used);
            first += 2 * count - 1;
            used += channels * columns(count, wanted);
            most = most.max(count);
        }
        self.models.send(stream, MODEL * asked.len())?;
        self.heights.send(stream, asked.len())?;
        self.layers.send(stream, first)?;
        let grid = [(asked.len() * self.frequencies) as u32, 1, 1];
        self.kernel
            .on(stream, grid, [WARP, 1, 1], (most * LAYER_BYTES) as u32)
            .arg(&self.tables)
            .arg(&self.omega_mu)
            .arg(self.ranges.device())
            .arg(self.models.device())
            .arg(self.heights.device())
            .arg(self.layers.device())
            .arg(self.found.device())
            .arg(&(self.nodes as i32))
            .arg(&(self.frequencies as i32))
            .enqueue()?;
        self.found.fetch(stream, used)?;
        device.wait(stream)?;
        let found = self.found.host()?;
        asked
            .par_iter_mut()
            .zip(places)
            .for_each(|(asked, place)| take(&found[place..], channels, asked));
        Ok(())
    }
}

/// How many numbers a channel has.
fn columns(layers: usize, wanted: Wanted) -> usize {
    1 + usize::from(wanted.height) + wanted.jacobian.map_or(0, |_| layers)
}

/// Puts a response where it belongs.
fn take(found: &[f64], channels: usize, asked: &mut Asked) {
    let wanted = asked.wanted();
    let (layers, response) = asked.parts();
    let count = wanted.jacobian.map_or(0, |_| layers.count());
    let (predicted, rest) = found.split_at(channels);
    let heights = if wanted.height { channels } else { 0 };
    let (by_height, rest) = rest.split_at(heights);
    let Response {
        predicted: to_predicted,
        jacobian: to_jacobian,
        by_height: to_by_height,
    } = response;
    for (to, from) in [
        (to_predicted, predicted),
        (to_by_height, by_height),
        (to_jacobian, &rest[..channels * count]),
    ] {
        to.clear();
        to.extend_from_slice(from);
    }
}

fn too_many_layers(layers: usize, most: usize) -> Cause {
    format!(
        "maximum_number_of_layers: {layers} layers have no room on the device, {most} at most; use \
         --device cpu"
    )
    .into()
}
