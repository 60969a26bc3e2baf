//! One run's search, an integration packed and unpacked.

use std::f64::consts::PI;
use std::sync::Arc;

use jobwise_cuda::driver::CudaStream;
use jobwise_cuda::{Cuda, Demand, Fault, Source};

use super::lane::Lane;
use super::shape::Shape;
use crate::parameters::Parameters;
use crate::search::tables::Spectrum;
use crate::search::{Integration, Phasors, Sample};
use crate::settings::{Method, Settings, ZeroFrequency};
use crate::{Error, Result};

/// The search of one radar on CUDA devices.
#[derive(Debug)]
pub struct DeviceSearch {
    pub(super) parameters: Parameters,
    pub(super) settings: Settings,
    /// The spectrum of range rates.
    pub(super) rates: Spectrum,
    /// The spectrum whose lines are accelerations: of `fdpt` only.
    pub(super) lines: Option<Spectrum>,
    /// Phasors of the selected accelerations, row after row: of `fgmf` only.
    pub(super) rows: Vec<f32>,
    /// Turns in f64: see the kernel `winner`.
    pub(super) turns: Vec<f64>,
    /// Entries of the finer table of turns.
    pub(super) fine: usize,
}

/// Units of a launch: more would not fill a device better.
const USEFUL_UNITS: usize = 1 << 14;

/// Elements that one launch may have, so that they are counted in 31 bits.
const MOST: usize = 1 << 30;

impl DeviceSearch {
    /// Builds the tables.
    ///
    /// # Errors
    /// When the method runs on the host only, or the shape is too large to be counted in 31 bits.
    pub fn new(parameters: &Parameters, settings: &Settings) -> Result<DeviceSearch> {
        DeviceSearch::sampled(parameters, settings, false)
    }

    /// Builds the tables of a search that samples every bin, as
    /// [`Path::Decomposed`](crate::search::Path::Decomposed) does: to measure and test against.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn exhaustive(parameters: &Parameters, settings: &Settings) -> Result<DeviceSearch> {
        DeviceSearch::sampled(parameters, settings, true)
    }

    fn sampled(
        parameters: &Parameters,
        settings: &Settings,
        exhaustive: bool,
    ) -> Result<DeviceSearch> {
        DeviceSearch::runs(settings)?;
        let method = settings.gmf_method;
        let rates = Spectrum::of_rates(parameters, exhaustive);
        let lines =
            (method == Method::Fdpt).then(|| Spectrum::of_lines(parameters, settings, exhaustive));
        let mut rows = Vec::new();
        if method == Method::Fgmf {
            let phasors = Phasors::new(parameters);
            let selected = &parameters.accelerations[parameters.selected.clone()];
            let row = selected.iter().flat_map(|&a| phasors.row(a));
            rows.extend(row.flat_map(|phasor| [phasor.re, phasor.im]));
        }
        let fine = parameters.decimated_read_length.isqrt().max(1);
        let search = DeviceSearch {
            turns: turns(&rates, parameters.decimated_read_length, fine),
            parameters: parameters.clone(),
            settings: settings.clone(),
            rates,
            lines,
            rows,
            fine,
        };
        let largest = search.largest();
        if largest > MOST {
            return Err(Error::Request(format!(
                "a table of {largest} numbers is more than a CUDA device can be given at once; use \
                 --device cpu, or choose a larger frequency_decimation, fewer pulses or fewer \
                 range gates"
            )));
        }
        Ok(search)
    }

    /// Whether these settings can be computed on a device.
    ///
    /// # Errors
    /// When the method runs on the host only.
    pub fn runs(settings: &Settings) -> Result<()> {
        match settings.gmf_method {
            Method::Fgmf | Method::Fdpt => Ok(()),
            method => Err(Error::Request(format!(
                "{} runs on the processors of this machine only: use --device cpu, or choose fgmf \
                 or \
                 fdpt",
                method.name()
            ))),
        }
    }

    /// What the search computes with.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn largest(&self) -> usize {
        let spectra = [Some(&self.rates), self.lines.as_ref()];
        let tables = spectra.into_iter().flatten().map(Lane::table_length);
        let parameters = &self.parameters;
        let echo = parameters.n_ipp * parameters.decimated_pulse();
        let rx = parameters.n_ipp * parameters.rx_window_samps();
        let item = parameters.ranges.len().saturating_mul(echo).max(rx);
        tables.chain([item, self.rows.len()]).max().unwrap_or(0)
    }

    /// The sources of the kernels: those of the stages, of the lag product's spectrum (with
    /// `fdpt`), and of the spectrum of range rates. `shared` is the shared memory in bytes that a
    /// block may ask for.
    pub fn sources(&self, shared: usize) -> Vec<Source> {
        let spectra = [(self.lines.as_ref(), false), (Some(&self.rates), true)];
        let spectra = spectra.into_iter().filter_map(|(spectrum, factors)| {
            let spectrum = spectrum?;
            let options = Shape::new(spectrum, shared).options(spectrum, factors);
            Some(Source {
                name: "spectrum.cu",
                text: concat!(
                    include_str!("complex.cu"),
                    include_str!("fourier.cu"),
                    include_str!("spectrum.cu")
                ),
                options,
            })
        });
        std::iter::once(self.stages()).chain(spectra).collect()
    }

    fn stages(&self) -> Source {
        let parameters = &self.parameters;
        let first_row = self.settings.dc == ZeroFrequency::FirstAcceleration;
        let options = [
            ("PULSES", parameters.n_ipp),
            ("TERMS", parameters.decimated_pulse()),
            ("BANDS", self.rates.bands),
            ("BINS", self.rates.grid.bins),
            ("GATES", parameters.ranges.len()),
            ("STEP", parameters.range_gate_step),
            ("DECIMATION", parameters.decimation),
            ("PULSE", parameters.tx_pulse_samps),
            ("WINDOW", parameters.rx_window_samps()),
            ("LAG", self.lag()),
            ("FINE", self.fine),
            ("PER_GATE", usize::from(self.lines.is_some())),
            ("FIRST_ROW", usize::from(first_row)),
        ];
        Source {
            name: "stages.cu",
            text: concat!(include_str!("complex.cu"), include_str!("stages.cu")),
            options: options
                .map(|(name, value)| format!("-D{name}={value}"))
                .to_vec(),
        }
    }

    /// Pulses between the two that a lag product multiplies.
    fn lag(&self) -> usize {
        self.parameters.dec_tau_samp / self.parameters.decimated_ipp()
    }

    /// How many integrations fill a device.
    pub fn useful(&self) -> usize {
        let units = USEFUL_UNITS.div_ceil(self.parameters.ranges.len());
        units.min(MOST / Lane::item(self).largest.max(1)).max(1)
    }

    /// What integrations need on a device.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn demand(&self, device: &Cuda) -> std::result::Result<Demand, Fault> {
        let item = Lane::item(self);
        Ok(Demand {
            lane: Lane::fixed(self, device)?,
            item: item.device,
            pinned: item.pinned,
            useful: self.useful(),
        })
    }

    /// What a lane has, for up to `room` integrations at once.
    ///
    /// # Errors
    /// Those of the driver and the compiler.
    pub fn lane(
        &self,
        device: &Cuda,
        stream: &Arc<CudaStream>,
        room: usize,
    ) -> std::result::Result<Lane, Fault> {
        Lane::new(self, device, stream, room)
    }

    /// Puts the samples of an integration, as those of
    /// [`Search::integrate`](crate::search::Search::integrate), into place `slot`. Without any,
    /// nothing is computed there.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn pack(
        &self,
        lane: &mut Lane,
        slot: usize,
        tx: &[Sample],
        rx: &[Sample],
    ) -> std::result::Result<(), Fault> {
        let power = power(tx);
        let amplitude = power.sqrt();
        let is_analysed = amplitude > self.settings.min_tx_amplitude;
        let amplitude = if is_analysed { amplitude } else { 0.0 };
        Ok(lane.put(slot, (power, amplitude), tx, rx)?)
    }

    /// Enqueues the search of the slots `0..used`.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn launch(&self, lane: &mut Lane, used: usize) -> std::result::Result<(), Fault> {
        Ok(lane.launch(self, used)?)
    }

    /// What was found in place `slot`, once the stream has been waited for.
    ///
    /// # Errors
    /// When the driver refuses.
    pub fn unpack(&self, lane: &mut Lane, slot: usize) -> std::result::Result<Integration, Fault> {
        let gates = self.parameters.ranges.len();
        let mut result = Integration::not_analysed(lane.power(slot), gates);
        if lane.is_analysed(slot)? {
            lane.take(slot, &mut result)?;
            result.find_peak(&self.parameters);
        }
        Ok(result)
    }
}

/// Sum of squared magnitudes, as the host's search has it.
fn power(tx: &[Sample]) -> f64 {
    tx.iter()
        .map(|z| f64::from(z.re) * f64::from(z.re) + f64::from(z.im) * f64::from(z.im))
        .sum()
}

/// `exp(-2 pi i k / bands)`, then `exp(-2 pi i k / bins)` for `k < fine`, then for multiples of
/// `fine`.
fn turns(rates: &Spectrum, bins: usize, fine: usize) -> Vec<f64> {
    let turn = |k: usize, of: usize| {
        let (sine, cosine) = (-2.0 * PI * k as f64 / of as f64).sin_cos();
        [cosine, sine]
    };
    let bands = (0..rates.bands).map(|k| turn(k, rates.bands));
    let finer = (0..fine).map(|k| turn(k, bins));
    let coarser = (0..=bins / fine).map(|k| turn(k * fine, bins));
    bands.chain(finer).chain(coarser).flatten().collect()
}
