use hdf5::Group;
use jobwise_core::{Backend, Cancel, Comm, Cpu, Engine, Result as Ended};
use jobwise_hdf5::lengths;
use ndarray::Array2;

use super::basis::Basis;
use super::request::Setting;
use super::{Cleaned, Components, Method, Request, Selection, components, gram, oriented};
use crate::error::refused;
use crate::format::{Main, SourceRows};
use crate::hash::hash;
use crate::process::{Parameters, Recipe};
use crate::{Error, Result};

impl Recipe for Request {
    type Process = Cleaned;

    fn tool(&self) -> &'static str {
        "Image_Cleaning"
    }

    fn parameters(&self, source: &Main) -> Result<Parameters> {
        Ok(self.parameters_of(&self.setting(source)?))
    }

    fn plan(&self, source: &Main) -> Result<String> {
        self.plan_of(&self.setting(source)?)
    }

    /// Every pixel of the cleaned image depends on all of the image.
    fn depends_on(&self, source: &Main) -> Result<Option<u64>> {
        let pixels = SourceRows::of(source)?.read(0..source.positions())?;
        Ok(Some(hash(0, &pixels)))
    }

    /// An earlier run left its components: they are taken as they are, so that what is added fits
    /// to the bit.
    fn prepare<B: Backend<Device = Cpu>>(
        &self,
        source: &Main,
        earlier: Option<&Group>,
        backend: &B,
        cancel: &Cancel,
    ) -> Ended<Cleaned> {
        let comm = backend.comm();
        let setting = comm.agree(self.setting(source).map_err(engine_error))?;
        if comm.rank() == 0 {
            warn_of_gaps(&setting);
        }
        let engine = Engine::new(backend).cancel(cancel);
        let basis = match earlier {
            Some(group) => comm.agree(self.stored(&setting, group).map_err(engine_error))?,
            None => self.decompose(&setting, &engine, comm)?,
        };
        comm.agree(Cleaned::new(self.clone(), source, setting, basis).map_err(engine_error))
    }
}

impl Request {
    /// Root decomposes and tells all ranks, so that they have the same bits on any mixture of
    /// machines.
    fn decompose<B: Backend<Device = Cpu>>(
        &self,
        setting: &Setting,
        engine: &Engine<'_, B>,
        comm: &dyn Comm,
    ) -> Ended<Basis> {
        let (image, windows) = (&setting.image, &setting.windows);
        let gram = gram(engine, image, windows, Method::cheapest(image, windows))?;
        let found = (comm.rank() == 0).then(|| {
            let found = components(&gram, setting.decomposed)?;
            let (_, rows) = self.rows(&found.singular)?;
            let vectors = found.vectors.select(ndarray::Axis(0), &rows);
            Ok((found.singular, vectors.into_raw_vec_and_offset().0))
        });
        drop(gram);
        let found = comm.agree(found.transpose().map_err(engine_error))?;
        let (singular, vectors): (Vec<f64>, Vec<f64>) = comm.broadcast_value(found)?;
        let basis = self.basis(setting, singular, vectors);
        let mut basis = comm.agree(basis.map_err(engine_error))?;
        if self.compatible.is_some() {
            let found = Components {
                singular: basis.singular.clone(),
                vectors: basis.vectors,
            };
            basis.vectors = oriented(engine, image, windows, found)?.vectors;
        }
        Ok(basis)
    }

    /// The components of an earlier run.
    fn stored(&self, setting: &Setting, group: &Group) -> Result<Basis> {
        let numbers = |name: &str, most: usize| -> Result<Vec<f64>> {
            let failed = || refused(group.filename(), format!("{}/{name}", group.name()));
            let dataset = group.dataset(name).map_err(failed())?;
            if dataset.size() > most {
                return Err(misfit(group, name));
            }
            lengths::check_head(&dataset)?;
            dataset.read_raw().map_err(failed())
        };
        let singular = numbers("S", setting.decomposed)?;
        if singular.len() != setting.decomposed {
            return Err(misfit(group, "S"));
        }
        let vectors = numbers("V", setting.decomposed * setting.windows.pixels())?;
        self.basis(setting, singular, vectors)
            .map_err(|_| misfit(group, "V"))
    }

    fn basis(&self, setting: &Setting, singular: Vec<f64>, vectors: Vec<f64>) -> Result<Basis> {
        let (selection, rows) = self.rows(&singular)?;
        let shape = (rows.len(), setting.windows.pixels());
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
        problem: "does not hold the components of this image's windows; --override starts a new results group".into(),
    }
}

fn engine_error(error: Error) -> jobwise_core::Error {
    jobwise_core::Error::Program(error.into())
}

/// Pixels in no window become 0, which is seldom wanted.
fn warn_of_gaps(setting: &Setting) {
    let windows = &setting.windows;
    let gaps = |weights: fn(&Setting, usize) -> Vec<f64>| {
        let covered = [&windows.x, &windows.y].map(|axis| {
            let coverage = axis.coverage(&weights(setting, axis.window));
            coverage.iter().filter(|&&weight| weight > 0.0).count()
        });
        setting.image.len() - covered[0] * covered[1]
    };
    let outside = gaps(|_, length| vec![1.0; length]);
    let vanishing = gaps(|setting, length| setting.windows.taper.function(length)) - outside;
    if outside > 0 {
        log::warn!("{outside} pixels are in no window and become 0: --cover-edges adds windows");
    }
    if vanishing > 0 {
        log::warn!(
            "the taper leaves nothing of {vanishing} pixels, which become 0: choose another one, as hamming"
        );
    }
}
