//! The Gram matrix of all windows of an image.

mod along;
#[cfg(feature = "cuda")]
mod device;
mod edges;
mod shifts;
mod stream;
mod sums;
mod total;
mod transforms;

use jobwise_core::{Backend, Cpu, Device, Engine, Kernel, Workload};
use ndarray::{Array2, ArrayView2};

pub use shifts::Shifts;
pub use stream::Stream;

use super::windows::Windows;

/// How the matrix is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// By shifts, without windows: cost independent of the step.
    Shifts,
    /// From blocks of windows: cost proportional to their number.
    Stream,
    /// From Fourier transforms of the rows, where windows are one pixel apart.
    Transforms,
}

impl Method {
    /// The cheapest one where shifts are computed on a device of type `D`, and all else on the
    /// host. Depends on the windows and that type alone.
    pub fn cheapest<D: ShiftsDevice>(image: ArrayView2<'_, f32>, windows: &Windows) -> Method {
        let shifts = Shifts::new(image, windows).cost();
        let mut costs = vec![
            (Method::Shifts, shifts / D::SPEED.unwrap_or(1.0)),
            (Method::Stream, Stream::new(image, windows).cost()),
        ];
        if windows.are_adjacent() {
            costs.push((Method::Transforms, transforms::cost(windows)));
        }
        let cheapest = costs
            .into_iter()
            .min_by(|one, other| one.1.total_cmp(&other.1));
        cheapest.map_or(Method::Shifts, |(method, _)| method)
    }
}

/// `G = M^T M`, `[pixels, pixels]`, where the rows of `M` are the tapered windows of `image`. Same
/// bits for any number of lanes and ranks. Collective.
///
/// # Errors
/// As [`Engine::reduce`].
///
/// # Panics
/// The image is not of the windows' size; or [`Method::Transforms`] is asked for of windows that
/// are more than one pixel apart.
pub fn gram<B: Backend<Device = Cpu>>(
    engine: &Engine<'_, B>,
    image: ArrayView2<'_, f32>,
    windows: &Windows,
    method: Method,
) -> jobwise_core::Result<Array2<f64>> {
    assert_eq!(
        image.dim(),
        (windows.x.image, windows.y.image),
        "the image has another size"
    );
    match method {
        Method::Stream => stream::gram(engine, image, windows),
        Method::Shifts => gram_by_shifts(engine, image, windows),
        Method::Transforms => {
            assert!(windows.are_adjacent(), "windows more than a pixel apart");
            let mut gram = transforms::gram(engine, image, windows)?;
            taper(&mut gram, windows);
            Ok(gram)
        }
    }
}

/// A device that has a kernel for [`Shifts`].
pub trait ShiftsDevice: Device + Sized {
    /// How many times as fast as all processors of a host it is taken to be; `None`: it is the
    /// host.
    const SPEED: Option<f64>;

    /// The kernel.
    type Kernel<'k>: Workload + Kernel<Self, Output = Vec<f64>>;

    /// The kernel for these shifts.
    fn kernel(shifts: Shifts<'_>) -> Self::Kernel<'_>;
}

impl ShiftsDevice for Cpu {
    const SPEED: Option<f64> = None;

    type Kernel<'k> = Shifts<'k>;

    fn kernel(shifts: Shifts<'_>) -> Shifts<'_> {
        shifts
    }
}

#[cfg(feature = "cuda")]
impl ShiftsDevice for jobwise_cuda::Cuda {
    /// An H200 has 16.7 x 10^12 multiply-adds of f64 a second, 128 cores of a host a fourth of
    /// that.
    const SPEED: Option<f64> = Some(4.0);

    type Kernel<'k> = jobwise_cuda::OnCuda<Shifts<'k>>;

    fn kernel(shifts: Shifts<'_>) -> Self::Kernel<'_> {
        jobwise_cuda::OnCuda(shifts)
    }
}

/// The same by shifts, on any device that has a kernel for them. Matrices of processors and of CUDA
/// devices differ by at most 1e-12 of the largest entry. Collective.
///
/// # Errors
/// As [`Engine::reduce`].
///
/// # Panics
/// The image is not of the windows' size.
pub fn gram_by_shifts<B: Backend<Device: ShiftsDevice>>(
    engine: &Engine<'_, B>,
    image: ArrayView2<'_, f32>,
    windows: &Windows,
) -> jobwise_core::Result<Array2<f64>> {
    assert_eq!(
        image.dim(),
        (windows.x.image, windows.y.image),
        "the image has another size"
    );
    let mut gram = Array2::zeros((windows.pixels(), windows.pixels()));
    let shifts = Shifts::new(image, windows);
    for (index, entries) in engine.collect(&B::Device::kernel(shifts))? {
        shifts.place(index, &entries, &mut gram);
    }
    taper(&mut gram, windows);
    Ok(gram)
}

/// From the matrix of windows to that of tapered ones.
fn taper(gram: &mut Array2<f64>, windows: &Windows) {
    let weights = windows.weights();
    for ((p, q), entry) in gram.indexed_iter_mut() {
        *entry *= weights[p] * weights[q];
    }
}
