use jobwise_core::{Cause, CpuKernel, Signature, Workload};
use ndarray::{Array2, ArrayView2};
use num_complex::Complex64;

use super::spectrum::Fft2;
use super::windows::Windows;

/// What is stored of every pixel of a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fields {
    /// The pixel.
    #[default]
    Data,
    /// The magnitude of the window's spectrum, zero frequency in the middle.
    Magnitude,
    /// Both.
    DataMagnitude,
    /// The pixel and the spectrum's real and imaginary parts.
    DataComplex,
}

impl Fields {
    /// Reads the names of the attribute `fft_mode`; None for any other.
    pub fn parse(mode: &str) -> Option<Fields> {
        [
            Fields::Data,
            Fields::Magnitude,
            Fields::DataMagnitude,
            Fields::DataComplex,
        ]
        .into_iter()
        .find(|fields| fields.mode() == mode)
    }

    /// The value of the attribute `fft_mode`.
    pub fn mode(self) -> &'static str {
        match self {
            Fields::Data => "data",
            Fields::Magnitude => "abs",
            Fields::DataMagnitude => "data+abs",
            Fields::DataComplex => "data+complex",
        }
    }

    /// The members of the compound type, each an f32.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Fields::Data => &["Image Data"],
            Fields::Magnitude => &["FFT Magnitude"],
            Fields::DataMagnitude => &["Image Data", "FFT Magnitude"],
            Fields::DataComplex => &["Image Data", "FFT Real", "FFT Imag"],
        }
    }

    fn put(self, pixel: f64, spectrum: Complex64, row: &mut Vec<f32>) {
        match self {
            Fields::Data => row.push(pixel as f32),
            Fields::Magnitude => row.push(spectrum.norm() as f32),
            Fields::DataMagnitude => row.extend([pixel as f32, spectrum.norm() as f32]),
            Fields::DataComplex => {
                row.extend([pixel as f32, spectrum.re as f32, spectrum.im as f32]);
            }
        }
    }
}

/// The windows of an image for a file: item `i` is window `i`, the fields of its pixels in C order.
/// Tapers come before the transform.
#[derive(Debug)]
pub struct Rows<'a> {
    image: ArrayView2<'a, f32>,
    windows: &'a Windows,
    fields: Fields,
    weights: Vec<f64>,
}

/// One lane's plans and buffers.
#[derive(Debug)]
pub struct Scratch {
    fft: Fft2,
    window: Vec<f64>,
    spectrum: Array2<Complex64>,
}

impl<'a> Rows<'a> {
    /// Of an image of the windows' size.
    ///
    /// # Panics
    /// The image has another size.
    pub fn new(image: ArrayView2<'a, f32>, windows: &'a Windows, fields: Fields) -> Rows<'a> {
        assert_eq!(
            image.dim(),
            (windows.x.image, windows.y.image),
            "the image has another size"
        );
        Rows {
            image,
            windows,
            fields,
            weights: windows.weights(),
        }
    }
}

impl Signature for Rows<'_> {
    type Item<'t>
        = ()
    where
        Self: 't;
    type Output = Vec<f32>;
}

impl Workload for Rows<'_> {
    fn len(&self) -> usize {
        self.windows.count()
    }

    fn read(&self, _: usize) -> Result<(), Cause> {
        Ok(())
    }
}

impl CpuKernel for Rows<'_> {
    type Scratch = Scratch;

    fn scratch(&self) -> Result<Scratch, Cause> {
        let (nx, ny) = (self.windows.x.window, self.windows.y.window);
        Ok(Scratch {
            fft: Fft2::new(nx, ny),
            window: vec![0.0; nx * ny],
            spectrum: Array2::zeros((nx, ny)),
        })
    }

    fn compute(&self, index: usize, (): (), scratch: &mut Scratch) -> Result<Vec<f32>, Cause> {
        let Scratch {
            fft,
            window,
            spectrum,
        } = scratch;
        self.windows.cut(self.image, &self.weights, index, window);
        let (nx, ny) = spectrum.dim();
        if self.fields != Fields::Data {
            for (to, from) in spectrum.iter_mut().zip(&*window) {
                *to = Complex64::from(*from);
            }
            fft.forward(spectrum);
        }
        let mut row = Vec::with_capacity(window.len() * self.fields.names().len());
        for (place, &pixel) in window.iter().enumerate() {
            // Zero frequency goes to the middle.
            let u = (place / ny + nx.div_ceil(2)) % nx;
            let v = (place % ny + ny.div_ceil(2)) % ny;
            self.fields.put(pixel, spectrum[[u, v]], &mut row);
        }
        Ok(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_read_as_they_are_written() {
        for mode in ["data", "abs", "data+abs", "data+complex"] {
            let fields = Fields::parse(mode).unwrap();
            assert_eq!(fields.mode(), mode);
            assert_eq!(
                fields.names().len(),
                1 + mode.matches('+').count() + usize::from(mode.ends_with("complex"))
            );
        }
        assert_eq!(Fields::parse("phase"), None);
    }

    #[test]
    fn zero_frequency_is_in_the_middle() {
        let image = Array2::from_elem((5, 4), 2.0);
        let windows = Windows::new([5, 4], [5, 4], [1, 1], false).unwrap();
        let rows = Rows::new(image.view(), &windows, Fields::Magnitude);
        let row = rows.compute(0, (), &mut rows.scratch().unwrap()).unwrap();
        let expected: Vec<f32> = (0..20)
            .map(|place| if place == 10 { 40.0 } else { 0.0 })
            .collect();
        assert!(
            row.iter()
                .zip(expected)
                .all(|(ours, e)| (ours - e).abs() < 1e-5),
            "{row:?}"
        );
    }
}
