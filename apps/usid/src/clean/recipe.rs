use std::time::Instant;

use hdf5::Group;
use jobwise_core::{Backend, Cancel, Cluster, Comm, Cpu, Engine, Result as Ended};
#[cfg(feature = "cuda")]
use jobwise_cuda::Cuda;
use jobwise_hdf5::lengths;
#[cfg(feature = "cuda")]
use jobwise_kit::Choice;
use ndarray::Array2;

#[cfg(feature = "cuda")]
use super::Shifts;
use super::Windows;
use super::basis::Basis;
use super::request::{Outline, available_memory};
use super::{Cleaned, Components, FilterDevice, Method, Projection, Request, Selection, Setting};
use super::{ShiftsDevice, components, gram, gram_by_shifts, oriented};
use crate::error::{engine_error, refused};
use crate::format::{Main, SourceRows};
use crate::hash::hash;
use crate::process::{Parameters, Recipe};
use crate::{Error, Result};

impl Recipe for Request {
    type Common<'c> = Setting<'c>;
    type Process<'s> = Cleaned<'s>;

    fn tool(&self) -> &'static str {
        "Image_Cleaning"
    }

    fn parameters(&self, source: &Main) -> Result<Parameters> {
        Ok(self.parameters_of(&self.outline_of(source)?))
    }

    fn plan(&self, source: &Main) -> Result<String> {
        let setting = self.setting_alone(source)?;
        self.plan_of::<Cpu>(&setting)
    }

    /// Every pixel of the cleaned image depends on all of the image.
    fn depends_on(&self, source: &Main) -> Result<Option<u64>> {
        let pixels = SourceRows::of(source)?.read(0..source.positions())?;
        Ok(Some(hash(0, &pixels)))
    }

    /// The image, once on every node.
    fn common<'c>(&self, source: &Main, cluster: &'c dyn Cluster) -> Ended<Setting<'c>> {
        let setting = self.setting(source, cluster)?;
        if cluster.rank() == 0 {
            warn_of_gaps(&setting.outline);
        }
        Ok(setting)
    }

    /// An earlier run left its components: they are taken as they are, so that what is added fits
    /// to the bit.
    fn prepare<'s, B: Backend<Device = Cpu>>(
        &self,
        (source, setting): (&Main, &'s Setting<'_>),
        earlier: Option<&Group>,
        backend: &B,
        cancel: &Cancel,
    ) -> Ended<Cleaned<'s>> {
        self.prepare_with((source, setting), earlier, (backend, backend), cancel)
    }

    const HAS_CUDA: bool = true;

    #[cfg(feature = "cuda")]
    fn prepare_on_cuda<'s, H, B>(
        &self,
        (source, setting): (&Main, &'s Setting<'_>),
        earlier: Option<&Group>,
        (host, devices): (&H, &B),
        cancel: &Cancel,
    ) -> Ended<Cleaned<'s>>
    where
        H: Backend<Device = Cpu>,
        B: Backend<Device = Cuda>,
    {
        self.prepare_with((source, setting), earlier, (host, devices), cancel)
    }

    #[cfg(feature = "cuda")]
    fn plan_on_cuda(&self, source: &Main, choice: Option<&Choice>) -> Ended<String> {
        let setting = self.setting_alone(source).map_err(engine_error)?;
        let plan = self.plan_of::<Cuda>(&setting).map_err(engine_error)?;
        let shifts = Shifts::new(setting.pixels.view(), &setting.outline.windows);
        let devices = choice.map(|choice| choice.plan_on_cuda(&shifts));
        let devices = devices.transpose()?.unwrap_or_default();
        let devices = devices.iter().map(|plan| format!("device       {plan}\n"));
        Ok(plan + &devices.collect::<String>())
    }
}

impl Request {
    /// Collective.
    fn prepare_with<'s, H, B>(
        &self,
        (source, setting): (&Main, &'s Setting<'_>),
        earlier: Option<&Group>,
        (host, devices): (&H, &B),
        cancel: &Cancel,
    ) -> Ended<Cleaned<'s>>
    where
        H: Backend<Device = Cpu>,
        B: Backend<Device: ShiftsDevice + FilterDevice>,
    {
        let comm = host.comm();
        let host = Engine::new(host).cancel(cancel);
        let devices = Engine::new(devices).cancel(cancel);
        let (basis, mut on_devices) = match earlier {
            Some(group) => {
                let stored = self.stored(&setting.outline, group).map_err(engine_error);
                (comm.agree(stored)?, Vec::new())
            }
            None => self.decompose(setting, (&host, &devices), comm)?,
        };
        let cleaned = timed("taps", || {
            Cleaned::new(self.clone(), source, setting, basis)
        });
        let mut cleaned = comm.agree(cleaned.map_err(engine_error))?;
        if B::Device::SPEED.is_some() {
            comm.agree(check_room(&cleaned.projection).map_err(engine_error))?;
        }
        if timed("filter", || {
            B::Device::filter(&devices, &mut cleaned.projection)
        })? {
            on_devices.push("filter");
        }
        if B::Device::SPEED.is_some() && on_devices.is_empty() && comm.rank() == 0 {
            log::warn!(
                "--device cuda: processors compute all of this, which gains nothing on a device"
            );
        }
        cleaned.on_devices = on_devices;
        Ok(cleaned)
    }

    /// Root decomposes and tells all ranks, so that they have the same bits on any mixture of
    /// machines. Says too what devices computed.
    fn decompose<H, B>(
        &self,
        setting: &Setting<'_>,
        (host, devices): (&Engine<'_, H>, &Engine<'_, B>),
        comm: &dyn Comm,
    ) -> Ended<(Basis, Vec<&'static str>)>
    where
        H: Backend<Device = Cpu>,
        B: Backend<Device: ShiftsDevice>,
    {
        let (image, windows) = (setting.pixels.view(), &setting.outline.windows);
        let mut on_devices = Vec::new();
        let gram = match Method::cheapest::<B::Device>(image, windows) {
            Method::Shifts if B::Device::SPEED.is_some() => {
                on_devices.push("matrix");
                timed("matrix", || gram_by_shifts(devices, image, windows))?
            }
            method => timed("matrix", || gram(host, image, windows, method))?,
        };
        let found = (comm.rank() == 0).then(|| {
            let found = timed("components", || {
                components(&gram, setting.outline.decomposed)
            })?;
            let (_, rows) = self.rows(&found.singular)?;
            let vectors = found.vectors.select(ndarray::Axis(0), &rows);
            Ok((found.singular, vectors.into_raw_vec_and_offset().0))
        });
        drop(gram);
        let found = comm.agree(found.transpose().map_err(engine_error))?;
        let (singular, vectors): (Vec<f64>, Vec<f64>) = comm.broadcast_value(found)?;
        let basis = self.basis(&setting.outline, singular, vectors);
        let mut basis = comm.agree(basis.map_err(engine_error))?;
        if self.compatible.is_some() {
            let found = Components {
                singular: basis.singular.clone(),
                vectors: basis.vectors,
            };
            basis.vectors = oriented(host, image, windows, found)?.vectors;
        }
        Ok((basis, on_devices))
    }

    /// The components of an earlier run.
    fn stored(&self, outline: &Outline, group: &Group) -> Result<Basis> {
        let numbers = |name: &str, most: usize| -> Result<Vec<f64>> {
            let failed = || refused(group.filename(), format!("{}/{name}", group.name()));
            let dataset = group.dataset(name).map_err(failed())?;
            if dataset.size() > most {
                return Err(misfit(group, name));
            }
            lengths::check_head(&dataset)?;
            dataset.read_raw().map_err(failed())
        };
        let singular = numbers("S", outline.decomposed)?;
        if singular.len() != outline.decomposed {
            return Err(misfit(group, "S"));
        }
        let vectors = numbers("V", outline.decomposed * outline.windows.pixels())?;
        self.basis(outline, singular, vectors)
            .map_err(|_| misfit(group, "V"))
    }

    fn basis(&self, outline: &Outline, singular: Vec<f64>, vectors: Vec<f64>) -> Result<Basis> {
        let (selection, rows) = self.rows(&singular)?;
        let shape = (rows.len(), outline.windows.pixels());
        let vectors = Array2::from_shape_vec(shape, vectors)
            .map_err(|error| Error::Request(error.to_string()))?;
        Ok(Basis {
            kept: selection.indices(singular.len())?,
            selection,
            rows,
            vectors,
            singular,
        })
    }

    /// What is kept, and the components whose vectors are stored.
    fn rows(&self, singular: &[f64]) -> Result<(Selection, Vec<usize>)> {
        let selection = self.kept.selection(singular);
        let rows = match self.compatible {
            Some(_) => (0..singular.len()).collect(),
            None => selection.indices(singular.len())?,
        };
        Ok((selection, rows))
    }
}

fn misfit(group: &Group, name: &str) -> Error {
    Error::Format {
        path: group.filename().into(),
        object: format!("{}/{name}", group.name()),
        problem: "does not hold the components of this image's windows; --override starts a new \
                  results group"
            .into(),
    }
}

/// Says how long a stage took, to who asks for details.
fn timed<T>(stage: &str, compute: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let computed = compute();
    log::debug!("{stage}: {:.3} s", started.elapsed().as_secs_f64());
    computed
}

/// Whether the host has room for what devices filter, as far as that is known.
fn check_room(projection: &Projection<'_>) -> Result<()> {
    let images = projection.filters();
    let needed = images * projection.image().len() * size_of::<f64>();
    match available_memory() {
        Some(there) if needed > there => Err(Error::Request(format!(
            "the {images} images that devices filter need {} MiB of memory, and {} MiB are free: \
             use --device cpu, or leave out --separate",
            needed >> 20,
            there >> 20
        ))),
        _ => Ok(()),
    }
}

/// Pixels in no window become 0, which is seldom wanted.
fn warn_of_gaps(outline: &Outline) {
    let windows = &outline.windows;
    let gaps = |weights: fn(&Windows, usize) -> Vec<f64>| {
        let covered = [&windows.x, &windows.y].map(|axis| {
            let coverage = axis.coverage(&weights(windows, axis.window));
            coverage.iter().filter(|&&weight| weight > 0.0).count()
        });
        windows.x.image * windows.y.image - covered[0] * covered[1]
    };
    let outside = gaps(|_, length| vec![1.0; length]);
    let vanishing = gaps(|windows, length| windows.taper.function(length)) - outside;
    if outside > 0 {
        log::warn!("{outside} pixels are in no window and become 0: --cover-edges adds windows");
    }
    if vanishing > 0 {
        log::warn!(
            "the taper leaves nothing of {vanishing} pixels, which become 0: choose another one, \
             as hamming"
        );
    }
}
