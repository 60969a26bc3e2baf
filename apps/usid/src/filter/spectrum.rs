use std::sync::Arc;

use jobwise_core::Cause;
use num_complex::{Complex, Complex64};
use pulp::Arch;
use realfft::{ComplexToReal, FftNum, RealFftPlanner, RealToComplex};

use super::NoiseFloor;

/// The precision of the transforms.
pub trait Real: FftNum {
    /// Its name, as stored with results.
    const NAME: &str;
    /// The nearest number.
    fn of(number: f64) -> Self;
    /// Puts `numbers` into a buffer of the same length, the nearest ones; what is left of `numbers`
    /// is another buffer of that length.
    fn move_to(buffer: &mut Vec<Self>, numbers: &mut Vec<f64>);
    /// The same number.
    fn wide(self) -> f64;
}

impl Real for f64 {
    const NAME: &str = "f64";

    fn of(number: f64) -> f64 {
        number
    }
    fn move_to(buffer: &mut Vec<f64>, numbers: &mut Vec<f64>) {
        std::mem::swap(buffer, numbers);
    }
    fn wide(self) -> f64 {
        self
    }
}

impl Real for f32 {
    const NAME: &str = "f32";

    fn of(number: f64) -> f32 {
        number as f32
    }
    fn move_to(buffer: &mut Vec<f32>, numbers: &mut Vec<f64>) {
        buffer.clear();
        buffer.extend(numbers.iter().map(|&number| number as f32));
    }
    fn wide(self) -> f64 {
        f64::from(self)
    }
}

/// What is done to the spectrum of a real signal.
#[derive(Clone)]
pub(super) struct Treatment<T> {
    points: usize,
    forward: Arc<dyn RealToComplex<T>>,
    inverse: Arc<dyn ComplexToReal<T>>,
    /// What each bin from zero up is multiplied with.
    mask: Option<Vec<Complex<T>>>,
    floor: Option<NoiseFloor>,
}

/// A lane's buffers.
#[derive(Debug)]
pub struct Buffers<T> {
    signal: Vec<T>,
    spectrum: Vec<Complex<T>>,
    transform: Vec<Complex<T>>,
    squares: Vec<f64>,
}

impl<T: Real> Treatment<T> {
    /// For signals of `points` points: multiply with `mask` (bins from zero to half the sampling
    /// rate), then drop what lies below the noise floor.
    pub(super) fn new(
        points: usize,
        mask: Option<&[Complex64]>,
        floor: Option<NoiseFloor>,
    ) -> Treatment<T> {
        let mut planner = RealFftPlanner::new();
        let narrow = |value: &Complex64| Complex::new(T::of(value.re), T::of(value.im));
        Treatment {
            points,
            forward: planner.plan_fft_forward(points),
            inverse: planner.plan_fft_inverse(points),
            mask: mask.map(|mask| mask.iter().map(narrow).collect()),
            floor,
        }
    }

    pub(super) fn buffers(&self) -> Buffers<T> {
        let longest = self
            .forward
            .get_scratch_len()
            .max(self.inverse.get_scratch_len());
        Buffers {
            signal: self.forward.make_input_vec(),
            spectrum: self.forward.make_output_vec(),
            transform: vec![Complex::new(T::zero(), T::zero()); longest],
            squares: Vec::new(),
        }
    }

    /// Transforms a signal and treats its spectrum; the noise floor, of the spectrum before.
    pub(super) fn analyse(
        &self,
        signal: &mut Vec<f64>,
        buffers: &mut Buffers<T>,
    ) -> Result<Option<f64>, Cause> {
        T::move_to(&mut buffers.signal, signal);
        self.forward.process_with_scratch(
            &mut buffers.signal,
            &mut buffers.spectrum,
            &mut buffers.transform,
        )?;
        let Buffers {
            spectrum, squares, ..
        } = buffers;
        // Products and sums are not fused: the instructions that there are change no bit.
        let floor = self.floor.map(|floor| {
            squares.resize(spectrum.len(), 0.0);
            Arch::new().dispatch(|| {
                for (square_of, bin) in squares.iter_mut().zip(spectrum.iter()) {
                    *square_of = square(bin);
                }
            });
            floor.of(squares, self.points)
        });
        let least = floor.map(|floor| floor * floor);
        Arch::new().dispatch(|| self.pass(spectrum, least));
        Ok(floor)
    }

    /// Multiplies a spectrum with the mask, and drops bins whose squares are below `least`.
    #[inline(always)]
    #[allow(clippy::inline_always)] // only what is inlined gets the instructions that there are
    fn pass(&self, spectrum: &mut [Complex<T>], least: Option<f64>) {
        if let Some(mask) = &self.mask {
            for (bin, &pass) in spectrum.iter_mut().zip(mask) {
                *bin = *bin * pass;
            }
        }
        if let Some(least) = least {
            for bin in spectrum {
                if square(bin) < least {
                    *bin = Complex::new(T::zero(), T::zero());
                }
            }
        }
    }

    /// The signal of the treated spectrum, appended.
    pub(super) fn restore(
        &self,
        buffers: &mut Buffers<T>,
        into: &mut Vec<f64>,
    ) -> Result<(), Cause> {
        // A real signal has no imaginary part there; rounding and a phase may have left one.
        if let Some(zero) = buffers.spectrum.first_mut() {
            zero.im = T::zero();
        }
        if self.points.is_multiple_of(2)
            && let Some(nyquist) = buffers.spectrum.last_mut()
        {
            nyquist.im = T::zero();
        }
        self.inverse.process_with_scratch(
            &mut buffers.spectrum,
            &mut buffers.signal,
            &mut buffers.transform,
        )?;
        let scale = 1.0 / self.points as f64;
        let signal = &buffers.signal;
        Arch::new().dispatch(|| into.extend(signal.iter().map(|x| x.wide() * scale)));
        Ok(())
    }
}

impl<T: Real> Buffers<T> {
    /// A bin of the treated spectrum, from zero up.
    pub(super) fn bin(&self, index: usize) -> Complex64 {
        let bin = self.spectrum[index];
        Complex64::new(bin.re.wide(), bin.im.wide())
    }
}

#[inline(always)]
#[allow(clippy::inline_always)] // as above
fn square<T: Real>(bin: &Complex<T>) -> f64 {
    let (re, im) = (bin.re.wide(), bin.im.wide());
    re * re + im * im
}
