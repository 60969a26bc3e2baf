use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jobwise_inversion::evaluations::{Evaluation, Ready};
use jobwise_inversion::forward::{Formula, FrequencyDomain, TimeDomain};
use jobwise_inversion::model::{Model, Place};
use jobwise_inversion::system::System;

use super::{Flags, Jacobian};

/// What is to be computed, model by model, and system by system of each.
pub(super) struct Wishes {
    pub(super) systems: Vec<Ready>,
    pub(super) all: Vec<Evaluation>,
    /// The files of the systems of each model.
    pub(super) files: Vec<Vec<PathBuf>>,
    /// Where the system of a file is.
    places: BTreeMap<PathBuf, usize>,
    digitise: u32,
}

impl Wishes {
    /// Reads the systems that models need.
    ///
    /// # Errors
    /// A model cannot be computed: which, and a sentence.
    pub(super) fn new(flags: &Flags, models: &[Model]) -> Result<Wishes, (usize, String)> {
        let mut wishes = Wishes {
            systems: Vec::new(),
            all: Vec::new(),
            files: Vec::new(),
            places: BTreeMap::new(),
            digitise: flags.digitise,
        };
        for (index, model) in models.iter().enumerate() {
            let files = wishes.add(flags, index, model);
            wishes
                .files
                .push(files.map_err(|problem| (index, problem))?);
        }
        Ok(wishes)
    }

    fn add(&mut self, flags: &Flags, index: usize, model: &Model) -> Result<Vec<PathBuf>, String> {
        match (model.place, &model.system) {
            (Place::Altitude(_), _) => self.in_frequency(flags, index, model),
            (Place::Geometry(_), Some(name)) => {
                let directory = flags.models.parent().unwrap_or(Path::new(""));
                self.in_time(flags, index, model, directory.join(name))
            }
            (Place::Geometry(_), None) => match &flags.system[..] {
                [path] => self.in_time(flags, index, model, path.clone()),
                _ => Err("which system? Give one --system, or \"system\" in the model".into()),
            },
        }
    }

    fn in_frequency(
        &mut self,
        flags: &Flags,
        index: usize,
        model: &Model,
    ) -> Result<Vec<PathBuf>, String> {
        if flags.system.is_empty() {
            return Err("a model with an altitude needs --system".into());
        }
        model.layers().map_err(|error| error.to_string())?;
        for path in &flags.system {
            let system = self.ready(path)?;
            if !matches!(self.systems[system], Ready::Frequency(_)) {
                return Err(format!(
                    "{}: a time-domain system needs a geometry, not an altitude",
                    path.display()
                ));
            }
            self.wish(index, system, None);
            for (formula, _) in flags.jacobian.formulas() {
                self.wish(index, system, Some(*formula));
            }
        }
        Ok(flags.system.clone())
    }

    fn in_time(
        &mut self,
        flags: &Flags,
        index: usize,
        model: &Model,
        path: PathBuf,
    ) -> Result<Vec<PathBuf>, String> {
        model.layers().map_err(|error| error.to_string())?;
        let jacobian =
            match flags.jacobian {
                Jacobian::None => None,
                Jacobian::Peer => return Err(
                    "geobipy has no derivatives of its own in the time domain: --jacobian correct"
                        .into(),
                ),
                _ => Some(Formula::Correct),
            };
        let system = self.ready(&path)?;
        if !matches!(self.systems[system], Ready::Time(_)) {
            return Err(format!(
                "{}: a frequency-domain system needs an altitude, not a geometry",
                path.display()
            ));
        }
        self.wish(index, system, jacobian);
        Ok(vec![path])
    }

    fn wish(&mut self, model: usize, system: usize, jacobian: Option<Formula>) {
        self.all.push(Evaluation {
            model,
            system,
            wanted: jacobian.into(),
        });
    }

    /// The system of a file, which is read once.
    fn ready(&mut self, path: &Path) -> Result<usize, String> {
        if let Some(place) = self.places.get(path) {
            return Ok(*place);
        }
        let ready = match System::read(path).map_err(|error| error.to_string())? {
            System::Frequency(system) => Ready::Frequency(FrequencyDomain::new(&system)),
            System::Time(system) => {
                let system = system.digitised(self.digitise);
                let system = system.map_err(|error| error.to_string())?;
                let passed = system.passed_at_nyquist();
                if !system.low_pass.is_empty() && passed > 0.1 {
                    log::warn!(
                        "{}: the low-pass filters let {:.0} % through at half the digitising \
                         frequency, so windows depend \
                         on it by up to some per cent: --digitise 8 makes it finer",
                        path.display(),
                        100.0 * passed
                    );
                }
                Ready::Time(Box::new(TimeDomain::new(&system)))
            }
        };
        let place = self.systems.len();
        self.systems.push(ready);
        self.places.insert(path.to_path_buf(), place);
        Ok(place)
    }
}

impl Wishes {
    /// The files of a model's systems, each with its system.
    pub(super) fn of(&self, model: usize) -> impl Iterator<Item = (&Path, &Ready)> {
        let files = self.files[model].iter();
        files.map(|path| (path.as_path(), &self.systems[self.places[path]]))
    }
}
