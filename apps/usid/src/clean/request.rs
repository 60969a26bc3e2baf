use std::borrow::Borrow;

use jobwise_core::{Cluster, Comm, Result as Ended};
use ndarray::Array2;

use super::{
    Fields, Kept, Method, Pixels, Selection, ShiftsDevice, Taper, Way, WindowSize, Windows,
};
use super::{cheapest, pixels, window_size};
use crate::error::{engine_error, refused};
use crate::format::{Image, Main, Scalar, Value};
use crate::process::Parameters;
use crate::warning::warn;
use crate::{Error, Result};

/// An image's cleaning: its windows, the components that are kept, and what is stored.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools)] // each is a choice of its own
pub struct Request {
    /// Pixels of a window along x and y; `None`: about two periods of the image's lattice.
    pub window: Option<[usize; 2]>,
    /// Pixels from one window to the next, along x and y.
    pub step: [usize; 2],
    /// One more row and column of windows where the others do not reach the edges.
    pub cover_edges: bool,
    /// What windows are multiplied with.
    pub taper: Taper,
    /// Components to be decomposed into; `None`: all, or of windows of more than 2048 pixels as
    /// many as are needed.
    pub num_components: Option<usize>,
    /// The kept ones.
    pub kept: Kept,
    /// Store also every kept component's own image.
    pub separate: bool,
    /// The type of stored pixels; `None`: f64 if the source has 64 bits, else f32.
    pub precision: Option<Scalar>,
    /// Store also the spectra of the cleaned image and of the removed noise.
    pub spectra: bool,
    /// Store also the cleaned image scaled to 0..1, as it is done where the file's attribute
    /// `normalized` is true.
    pub normalize: bool,
    /// Store also windows, with these fields, and their decomposition as other programs do.
    pub compatible: Option<Fields>,
}

/// Above so many pixels of a window only the components that are needed are decomposed, if not told
/// otherwise.
const ALL: usize = 2048;

/// A request for one source: every choice is made that needs no computation.
#[derive(Debug)]
pub struct Setting<'c> {
    pub(super) pixels: Pixels<'c>,
    pub(super) outline: Outline,
}

/// What choices need to know of a source.
#[derive(Clone, Copy, Debug)]
struct Seen {
    /// Pixels along x and y.
    shape: (usize, usize),
    /// The lattice, where one is looked for and found.
    lattice: Option<WindowSize>,
    /// Whether the file says that its image is normalised.
    is_normalized: bool,
}

/// What of it depends on the pixels only where windows or a lattice are looked for in them.
#[derive(Debug)]
pub(super) struct Outline {
    pub(super) windows: Windows,
    /// Width of the point spread function in pixels, where it was looked for.
    pub(super) psf_width: Option<f64>,
    /// Components to be decomposed into.
    pub(super) decomposed: usize,
    pub(super) precision: Scalar,
    pub(super) normalize: bool,
}

impl Request {
    /// Settles what the request leaves open. Rank 0 reads the source, for all. Collective.
    pub(super) fn setting<'c>(
        &self,
        source: &Main,
        cluster: &'c dyn Cluster,
    ) -> Ended<Setting<'c>> {
        let comm: &dyn Comm = cluster;
        let read = (comm.rank() == 0).then(|| self.read(source)).transpose();
        let read = comm.agree(read.map_err(engine_error))?;
        let told = read.as_ref().map(|(seen, _)| seen.words());
        let seen = Seen::of_words(comm.broadcast_value(told)?);
        let outline = self.fitting(source, seen).map_err(engine_error);
        Ok(Setting {
            outline: comm.agree(outline)?,
            pixels: Pixels::of_root(read.map(|(_, image)| image), seen.shape, cluster)?,
        })
    }

    /// The same on one rank, for a plan.
    pub(super) fn setting_alone(&self, source: &Main) -> Result<Setting<'static>> {
        let (seen, image) = self.read(source)?;
        Ok(Setting {
            outline: self.fitting(source, seen)?,
            pixels: Pixels::Own(image),
        })
    }

    /// What choices need to know, and the pixels; warns of what these lose.
    fn read(&self, source: &Main) -> Result<(Seen, Array2<f32>)> {
        let Image {
            pixels: image,
            losses,
            ..
        } = Image::of(source)?;
        let stored = pixels(&image)?;
        if !losses.is_none() {
            warn(source.path(), &format!("pixels: {losses}"));
        }
        if let Some(share) = rounding(&image, &stored).filter(|&share| share > COARSE) {
            let what = format!(
                "images are cleaned in 32-bit floats, which round these pixels by up to \
                 {share:.1e} of their range: \
                 subtract what is common to all first"
            );
            warn(source.path(), &what);
        }
        let seen = Seen {
            shape: image.dim(),
            lattice: self.lattice(|| Ok(&image))?,
            is_normalized: is_normalized(source)?,
        };
        Ok((seen, stored))
    }

    /// The same without the pixels, which are not read where nothing is looked for in them.
    pub(super) fn outline_of(&self, source: &Main) -> Result<Outline> {
        let seen = Seen {
            shape: Image::shape_of(source)?,
            lattice: self.lattice(|| Ok(Image::of(source)?.pixels))?,
            is_normalized: is_normalized(source)?,
        };
        self.outline(source, seen)
    }

    /// Looks for the lattice of an image where it is needed.
    fn lattice<I: Borrow<Array2<f64>>>(
        &self,
        image: impl FnOnce() -> Result<I>,
    ) -> Result<Option<WindowSize>> {
        match (self.window, self.compatible) {
            (None, _) => window_size(image()?.borrow()).map(Some),
            // Other programs always look; where there is no lattice, it is left out.
            (Some(_), Some(_)) => Ok(window_size(image()?.borrow()).ok()),
            (Some(_), None) => Ok(None),
        }
    }

    fn outline(&self, source: &Main, seen: Seen) -> Result<Outline> {
        let suggested = seen.lattice.map_or(0, |found| found.size);
        let windows = Windows::new(
            [seen.shape.0, seen.shape.1],
            self.window.unwrap_or([suggested; 2]),
            self.step,
            self.cover_edges,
        )?
        .tapered(self.taper);
        Ok(Outline {
            decomposed: self.decomposed(&windows)?,
            precision: self.precision.unwrap_or(match source.element().size() {
                8 => Scalar::F64,
                _ => Scalar::F32,
            }),
            normalize: self.normalize || seen.is_normalized,
            psf_width: seen.lattice.map(|found| found.psf_width),
            windows,
        })
    }

    /// An outline that has room on this machine, as far as that is known.
    fn fitting(&self, source: &Main, seen: Seen) -> Result<Outline> {
        let outline = self.outline(source, seen)?;
        let (needed, windows) = (self.bytes(&outline), &outline.windows);
        match available_memory() {
            Some(there) if needed > there => Err(Error::Request(format!(
                "windows of {} x {} pixels need about {} MiB of memory to find their components, \
                 and {} MiB are free: choose smaller ones (--window)",
                windows.x.window,
                windows.y.window,
                needed >> 20,
                there >> 20
            ))),
            _ => Ok(outline),
        }
    }

    fn decomposed(&self, windows: &Windows) -> Result<usize> {
        let rank = windows.rank();
        let reach = self.kept.reach(rank)?;
        let Some(wanted) = self.num_components else {
            return Ok(if windows.pixels() > ALL { reach } else { rank });
        };
        if matches!(self.kept, Kept::Variance(_)) && wanted < rank {
            return Err(Error::Request(format!(
                "a fraction of the variance needs all {rank} components, not {wanted}: leave out \
                 --num-components, or give a number"
            )));
        }
        let enough = match self.kept {
            Kept::Selected(Selection::All) | Kept::Elbow => 1,
            _ => reach,
        };
        if wanted < enough {
            return Err(Error::Request(format!(
                "{enough} components are needed for those that are kept, but {wanted} are \
                 decomposed: raise --num-components"
            )));
        }
        Ok(wanted.min(rank))
    }

    pub(super) fn parameters_of(&self, outline: &Outline) -> Parameters {
        let Windows { x, y, taper } = &outline.windows;
        let parameters = Parameters::new("Image_Cleaning 1")
            .with("win_x", x.window as i64)
            .with("win_y", y.window as i64)
            .with("win_step_x", x.step as i64)
            .with("win_step_y", y.step as i64)
            .with("image_x", x.image as i64)
            .with("image_y", y.image as i64)
            .with("fft_mode", self.compatible.unwrap_or(Fields::Data).mode())
            .with("num_components", outline.decomposed as i64)
            .own("cover_edges", self.cover_edges)
            .own("window_taper", taper.name())
            .own("components", self.kept.to_string())
            .own("separate", self.separate)
            .own("bytes_per_pixel", outline.precision.size() as i64)
            .own("spectra", self.spectra)
            .own("normalized", outline.normalize)
            .own("compatible", self.compatible.is_some())
            .note("svd_method", EXACT);
        match outline.psf_width {
            Some(width) => parameters.note("psf_width", width),
            None => parameters,
        }
    }

    /// How it will be computed, in words.
    pub(super) fn plan_of<D: ShiftsDevice>(&self, setting: &Setting<'_>) -> Result<String> {
        let (outline, windows) = (&setting.outline, &setting.outline.windows);
        let method = Method::cheapest::<D>(setting.pixels.view(), windows);
        let on = |is_there: bool| match D::SPEED {
            Some(_) if is_there => ", on devices",
            Some(_) => ", on processors",
            None => "",
        };
        let matrix_on = on(method == Method::Shifts);
        let method = match method {
            Method::Shifts => "by shifts, without windows",
            Method::Stream => "from windows, block by block",
            Method::Transforms => "by Fourier transforms of the rows",
        };
        let kept = self.kept.reach(windows.rank())?.min(outline.decomposed);
        let way = cheapest(windows, kept);
        let image_on = match on(way == Way::Filter) {
            ", on devices" => ", on devices, with edges on processors",
            other => other,
        };
        let way = match way {
            Way::Filter => "as one filter",
            Way::Direct => "window by window",
            Way::Transforms => "by Fourier transforms of the rows",
        };
        Ok(format!(
            "windows      {} x {} = {} of {} x {} pixels\n\
             matrix       of {} x {} products, {method}{matrix_on}\n\
             image        {way} (if {kept} components are kept){image_on}\n\
             memory       about {} MiB on each rank\n",
            windows.x.count(),
            windows.y.count(),
            windows.count(),
            windows.x.window,
            windows.y.window,
            windows.pixels(),
            windows.pixels(),
            self.bytes(outline).div_ceil(1 << 20),
        ))
    }

    /// Bytes in memory at most, about: the matrix is held twice while it is decomposed, beside its
    /// vectors.
    fn bytes(&self, outline: &Outline) -> usize {
        let windows = &outline.windows;
        let (pixels, image) = (windows.pixels(), windows.x.image * windows.y.image);
        let vectors = outline.decomposed * pixels;
        let whole = if self.spectra { 48 } else { 24 };
        8 * (3 * pixels * pixels + 2 * vectors) + whole * image
    }
}

impl Seen {
    /// For a message.
    fn words(&self) -> ((usize, usize), Option<(usize, f64)>, bool) {
        let lattice = self.lattice.map(|found| (found.size, found.psf_width));
        (self.shape, lattice, self.is_normalized)
    }

    /// From a message.
    fn of_words(
        (shape, lattice, is_normalized): ((usize, usize), Option<(usize, f64)>, bool),
    ) -> Seen {
        let lattice = lattice.map(|(size, psf_width)| WindowSize { size, psf_width });
        Seen {
            shape,
            lattice,
            is_normalized,
        }
    }
}

/// The rounding to 32 bits, as a share of the range of pixels, above which it is told: that of
/// noise in most images.
const COARSE: f64 = 1e-4;

/// By how much pixels are rounded at most, as a share of their range; `None` where all are equal.
fn rounding(image: &Array2<f64>, stored: &Array2<f32>) -> Option<f64> {
    let pairs = image.iter().zip(stored);
    let most = pairs.fold(0.0, |most: f64, (&x, &y)| {
        most.max((x - f64::from(y)).abs())
    });
    let least = image.iter().copied().fold(f64::INFINITY, f64::min);
    let range = image.iter().copied().fold(f64::NEG_INFINITY, f64::max) - least;
    (range > 0.0).then(|| most / range)
}

/// Bytes that programs can have without swapping, where the system tells.
pub(super) fn available_memory() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: usize = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes << 10)
}

/// The attribute `svd_method` of our decompositions.
pub(super) const EXACT: &str = "exact-gram";

/// Whether the file says that its image is normalised: at its root, or else in a group above the
/// source.
fn is_normalized(source: &Main) -> Result<bool> {
    let file = source
        .dataset()
        .file()
        .map_err(refused(source.dataset().filename(), "/"))?;
    if let Some(Value::Flag(flag)) = Value::find(&file, "normalized")? {
        return Ok(flag);
    }
    let number = source.experiment_number("normalized")?;
    Ok(number.is_some_and(|number| number != 0.0))
}
