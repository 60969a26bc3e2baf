use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::file::ObservationFile;
use super::scan::Scan;
use super::source::Source;
use super::survey::{Follower, Observation, survey};
use super::{Error, Result, Telescope};
use crate::archive::Text;
use crate::map::Polarization;

/// What is written of which scans.
#[derive(Clone, Debug)]
pub struct Export {
    /// The timestreams of a scan: a map of them, or an array with names.
    pub timestreams: Text,
    /// The rotation of the boresight in a scan, a quaternion per sample, equatorial.
    pub pointing: Text,
    /// What the Calibration frame says of detectors.
    pub properties: Text,
    /// Which way angles of polarization are counted; detectors are turned by them.
    pub polarization: Polarization,
    /// What samples are measured in, if not in the base units of spt3g.
    pub units: Option<String>,
    /// What took the data.
    pub telescope: Telescope,
}

/// An observation that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its file.
    pub path: PathBuf,
    /// How many detectors it has.
    pub detectors: usize,
    /// How many scans it has.
    pub scans: usize,
    /// How many samples each detector has.
    pub samples: usize,
}

/// A file, and how many of its scans are written.
struct Open {
    file: ObservationFile,
    written: usize,
}

impl Export {
    /// Writes `<observation>.h5` into a directory for each observation of a source. All files
    /// appear at the end, one after the other; the directory is made where it is not there.
    ///
    /// # Errors
    /// A file cannot be read or written; a scan is not what an observation needs; or the scans of
    /// an observation do not belong together. Then no file was written, unless the disk refused one
    /// after others got their names.
    pub fn write(&self, source: &mut dyn Source, directory: &Path) -> Result<Vec<Written>> {
        let observations = survey(source, self)?;
        std::fs::create_dir_all(directory).map_err(jobwise_hdf5::Error::io(directory))?;
        let path = |name: &str| directory.join(format!("{name}.h5"));
        let mut open = BTreeMap::new();
        for (name, observation) in &observations {
            let file = ObservationFile::new(&path(name), observation, self)?;
            open.insert(name.as_str(), Open { file, written: 0 });
        }
        let mut follower = Follower::default();
        source.each(&mut |frame| {
            let Some(name) = follower.see(frame, self)? else {
                return Ok(());
            };
            let scan = Scan::read(frame, self)?;
            if scan.span.samples == 0 {
                return Ok(());
            }
            let changed = || Error::scan(frame, "the file changed while it was read");
            let observation = observations.get(&name).ok_or_else(changed)?;
            let open = open.get_mut(name.as_str()).ok_or_else(changed)?;
            let number = *observation.order.get(open.written).ok_or_else(changed)?;
            if observation.scans[number] != scan.span {
                return Err(changed());
            }
            open.written += 1;
            open.file.write(observation.first_sample(number), &scan)
        })?;
        if let Some((name, _)) = open
            .iter()
            .find(|(name, open)| open.written < observations[**name].order.len())
        {
            let problem = "its files changed while they were read";
            return Err(Error::observation(name, problem));
        }
        for (_, Open { file, .. }) in open {
            file.commit()?;
        }
        let written = |observation: &Observation| Written {
            path: path(&observation.name),
            detectors: observation.detectors.len(),
            scans: observation.scans.len(),
            samples: observation.samples(),
        };
        Ok(observations.values().map(written).collect())
    }
}
