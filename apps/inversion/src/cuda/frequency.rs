use std::sync::Arc;

use jobwise_cuda::driver::{CudaSlice, CudaStream};
use jobwise_cuda::{Cuda, Fault, Function, Image, Source};

use super::answers::{Places, columns, take};
use super::buffers::{Download, Upload, table};
use super::shared::allow_layers;
use super::{Bytes, Size, WARP, wanted_bits};
use crate::forward::FrequencyDomain;
use crate::inference::Asked;

pub(super) const SOURCE: &str = concat!(
    include_str!("complex.cuh"),
    include_str!("recursion.cuh"),
    include_str!("frequency.cu"),
);

/// Numbers of a layer in shared memory.
pub(super) const OF_LAYER: usize = 192;

/// For the compiler.
pub(super) fn options() -> Vec<String> {
    vec!["--fmad=false".into(), format!("-DOF_LAYER={OF_LAYER}")]
}

/// Whole numbers of a model.
const MODEL: usize = 5;

/// Models of a frequency-domain system on a device: what a lane has for a batch of them.
pub(super) struct FrequencyModels {
    device: Cuda,
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
    answers: Places,
}

impl FrequencyModels {
    pub(super) fn bytes(system: &FrequencyDomain, layers: usize) -> Bytes {
        let channels = system.channels();
        let numbers = 1 + 2 * layers + channels * (layers + 2);
        Bytes {
            lane: (7 * system.nodes() + channels / 2) * size_of::<f64>(),
            sounding: channels * size_of::<i32>(),
            model: MODEL * size_of::<i32>() + numbers * size_of::<f64>(),
            on_device: 0,
        }
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
            options: options(),
        };
        let kernel = Image::of(device, &source)?.function("frequency_domain")?;
        allow_layers(device, &kernel, size.layers, shared)?;
        let channels = system.channels();
        let rows = size.models * channels;
        Ok(FrequencyModels {
            device: device.clone(),
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
            answers: Places::default(),
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

    /// Enqueues all that is asked for.
    pub(super) fn enqueue(
        &mut self,
        stream: &Arc<CudaStream>,
        asked: &[&mut Asked],
    ) -> Result<(), Fault> {
        let channels = 2 * self.frequencies;
        let models = self.models.host()?;
        let heights = self.heights.host()?;
        let layers = self.layers.host()?;
        let (mut first, mut used, mut most) = (0, 0, 0);
        self.answers.clear();
        for (model, asked) in asked.iter().enumerate() {
            let of = asked.layers();
            let (count, wanted, sounding) = (of.count(), asked.wanted(), asked.sounding());
            let numbers = [sounding, count, wanted_bits(wanted), first, used];
            for (to, number) in models[MODEL * model..].iter_mut().zip(numbers) {
                *to = number as i32;
            }
            heights[model] = self.altitudes[sounding] + asked.height_change();
            layers[first..][..count].copy_from_slice(of.conductivity());
            layers[first + count..][..count - 1].copy_from_slice(of.thickness());
            self.answers.push(used);
            first += 2 * count - 1;
            used += channels * columns(count, wanted);
            most = most.max(count);
        }
        self.models.send(stream, MODEL * asked.len())?;
        self.heights.send(stream, asked.len())?;
        self.layers.send(stream, first)?;
        let grid = [(asked.len() * self.frequencies) as u32, 1, 1];
        self.kernel
            .on(stream, grid, [WARP, 1, 1], shared(most) as u32)
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
        Ok(self.found.fetch(stream, used)?)
    }

    /// Brings what was computed, once the stream has been waited for.
    pub(super) fn take(&self, asked: &mut [&mut Asked]) -> Result<(), Fault> {
        let channels = 2 * self.frequencies;
        let (pool, found) = (self.device.pool()?, self.found.host()?);
        take(pool, found, &self.answers, asked, 0..channels, channels);
        Ok(())
    }
}

/// Bytes of shared memory for models of so many layers.
fn shared(layers: usize) -> usize {
    layers * OF_LAYER * size_of::<f64>()
}
