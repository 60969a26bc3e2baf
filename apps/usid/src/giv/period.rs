use super::model::Model;
use super::random::Stream;
use super::resistance::{Moments, moments_of};
use super::segment::Segment;
use crate::{Error, Result};

/// A period of the bias, and all that follows from it before a current is known.
///
/// The sine starts at zero; from a quarter of a period on it falls through the first half,
/// *reverse*, and rises through the second, *forward*. Bias and current of the reverse half are
/// negated, so that both halves rise.
#[derive(Clone, Debug)]
pub struct Period {
    model: Model,
    forward: Segment,
    reverse: Segment,
    /// Current per nanofarad that the correction takes away, at each time, nanoampere.
    displacement: Vec<f64>,
    x: Vec<f64>,
}

/// What one period of current says.
#[derive(Clone, Debug, Default)]
pub struct Inference {
    /// Resistance over [`Period::x`].
    pub resistance: Vec<Moments>,
    /// Capacitances, forward and reverse, nanofarad: twice the physical ones, as [`Segment::new`]
    /// tells.
    pub capacitance: [f64; 2],
    /// The current without the part of the capacitance, nanoampere, one per time.
    pub corrected: Vec<f64>,
    /// The current that follows from the posterior mean, nanoampere, one per time.
    pub reconstructed: Vec<f64>,
}

/// What one thread needs to infer.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    mean: Vec<f64>,
    moments: Vec<Moments>,
}

/// The parts of the physical capacitance of which the model's is made.
pub(super) const PHYSICAL_FACTOR: f64 = 0.5;

const FORWARD: u32 = 0;
const REVERSE: u32 = 1;

impl Period {
    /// Prepares the inference for this bias: one period of a sine (volt) of that frequency (hertz).
    ///
    /// # Errors
    /// When the frequency is not positive, the number of times odd or below 8, when `model` has a
    /// number that cannot be used, or as [`Segment::new`].
    pub fn new(bias: &[f64], frequency: f64, model: &Model) -> Result<Self> {
        model.validate()?;
        if !(frequency.is_finite() && frequency > 0.0) {
            return Err(Error::Request(format!(
                "a bias of {frequency} Hz: its frequency must be positive"
            )));
        }
        let times = bias.len();
        if times < 8 || times % 2 == 1 {
            return Err(Error::Request(format!(
                "a period of {times} points: their number must be even and at least 8; \
                 cut the rows into whole periods first"
            )));
        }
        let points = model.num_x_steps / 2;
        let half = |direction| -> Vec<f64> { half_of(bias, direction).collect() };
        let forward = Segment::new(&half(FORWARD), frequency, points, model)?;
        let reverse = Segment::new(&half(REVERSE), frequency, points, model)?;
        let duration = 1.0 / (frequency * times as f64);
        let displacement = (0..times)
            .map(|time| {
                let from = time.min(times - 2);
                (bias[from + 1] - bias[from]) / duration + 2.0 * model.r_extra * bias[time]
            })
            .collect();
        let falling = reverse.x().iter().map(|bias| -bias);
        Ok(Self {
            model: model.clone(),
            x: forward.x().iter().copied().chain(falling).collect(),
            forward,
            reverse,
            displacement,
        })
    }

    /// Biases of the resistances, volt: forward ascending, then reverse descending.
    pub fn x(&self) -> &[f64] {
        &self.x
    }

    /// Times of the period.
    pub fn times(&self) -> usize {
        self.displacement.len()
    }

    /// Replaces `inference` by what this period of current (nanoampere) says.
    ///
    /// It depends on the current, `seed` and `position` alone.
    ///
    /// # Panics
    /// When there are not as many currents as times.
    pub fn infer(
        &self,
        current: &[f64],
        seed: u64,
        position: u64,
        scratch: &mut Scratch,
        inference: &mut Inference,
    ) {
        assert_eq!(current.len(), self.times(), "currents");
        inference.resistance.clear();
        inference.reconstructed.clear();
        inference.reconstructed.resize(current.len(), 0.0);
        for (direction, segment) in [(FORWARD, &self.forward), (REVERSE, &self.reverse)] {
            segment.infer(half_of(current, direction), &mut scratch.mean);
            let (conductance, capacitance) = scratch.mean.split_at(segment.x().len());
            moments_of(
                conductance,
                segment.deviations(),
                &self.model,
                Stream::new(seed, position, direction),
                &mut scratch.moments,
            );
            inference.resistance.extend_from_slice(&scratch.moments);
            inference.capacitance[direction as usize] = capacitance[0];
            let places = half_places(current.len(), direction);
            for (place, value) in places.zip(segment.current(&scratch.mean)) {
                inference.reconstructed[place] = sign(direction) * value;
            }
        }
        let [forward, reverse] = inference.capacitance;
        let physical = PHYSICAL_FACTOR * 0.5 * (forward + reverse);
        let corrected = current.iter().zip(&self.displacement);
        inference.corrected.clear();
        inference
            .corrected
            .extend(corrected.map(|(current, displacement)| current - physical * displacement));
    }
}

/// Places of a half within a period, in the order of time.
fn half_places(times: usize, direction: u32) -> impl ExactSizeIterator<Item = usize> {
    let start = times / 4 + if direction == FORWARD { times / 2 } else { 0 };
    (0..times / 2).map(move |time| (start + time) % times)
}

fn half_of(period: &[f64], direction: u32) -> impl ExactSizeIterator<Item = f64> {
    half_places(period.len(), direction).map(move |place| sign(direction) * period[place])
}

/// Of bias and current within a segment.
fn sign(direction: u32) -> f64 {
    if direction == FORWARD { 1.0 } else { -1.0 }
}
