//! What describes an analysis: read by one rank, known to all.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jobwise_core::{Comm, Error as Ended, Result as Received, Wire};

use super::Request;
use super::pointing::Pointing;
use super::source::Source;
use crate::dmd::MetadataProperties;
use crate::drf::{Channel, Properties, Recording};
use crate::experiment::Experiment;
use crate::ini;
use crate::settings::Settings;
use crate::{Error, Result};

/// Everything that is said about a recording and its analysis, beside the samples.
#[derive(Debug)]
pub(super) struct Described {
    pub(super) settings: Settings,
    pub(super) experiment: Experiment,
    pub(super) source: Source,
    pub(super) pointing: Option<Pointing>,
}

/// What the small files say, on its way between ranks.
struct Told {
    configuration: String,
    metadata: String,
    rx: Properties,
    /// `None` where one channel holds both signals.
    tx: Option<Properties>,
    pointing: Option<MetadataProperties>,
}

impl Described {
    /// Rank 0 reads the configuration, the experiment and the properties of the channels, and
    /// checks them; no other rank opens a file. Collective.
    ///
    /// # Errors
    /// On every rank when one of them cannot be read, is wrong or does not fit the others.
    pub(super) fn shared(request: &Request, comm: &dyn Comm) -> jobwise_core::Result<Described> {
        let failed = |error: Error| Ended::Program(error.into());
        let told = comm.compute_at_root(|| Told::read(request).map_err(failed))?;
        Described::of(told, request).map_err(failed)
    }

    fn of(told: Told, request: &Request) -> Result<Described> {
        let mut settings = Settings::parse(&told.configuration, &request.config)?;
        settings.gmf_method = request.method.unwrap_or(settings.gmf_method);
        let experiment = Experiment::parse(&told.metadata, &metadata_of(request))?;
        let open = |(recording, channel): &(PathBuf, String), properties| {
            let directory = recording.join(channel);
            let inputs = Arc::clone(&request.inputs);
            Arc::new(Channel::described(&directory, properties, inputs))
        };
        let rate = told.rx.rate;
        let experiment = experiment.sampled_at(rate, &request.rx.1)?;
        let rx = open(&request.rx, told.rx);
        let tx = told
            .tx
            .map_or_else(|| Arc::clone(&rx), |told| open(&request.tx, told));
        let (received, transmitted) = request.subchannels;
        let received = received.unwrap_or(0);
        let same = if Arc::ptr_eq(&rx, &tx) { received } else { 0 };
        let source = Source {
            rx,
            tx,
            subchannels: (received, transmitted.unwrap_or(same)),
            missing: settings.missing,
        };
        let recording = &request.rx.0;
        let pointing = told
            .pointing
            .map(|told| Pointing::described(recording, told, rate, &request.inputs));
        Ok(Described {
            settings,
            experiment,
            source,
            pointing,
        })
    }
}

fn metadata_of(request: &Request) -> PathBuf {
    request.rx.0.join("metadata.ini")
}

/// Whether two names are those of one directory.
fn is_same(one: &Path, other: &Path) -> bool {
    let canonical = |path: &Path| path.canonicalize().ok();
    one == other || canonical(one).is_some_and(|one| canonical(other) == Some(one))
}

impl Told {
    fn read(request: &Request) -> Result<Told> {
        let configuration = ini::text(&request.config)?;
        let settings = Settings::parse(&configuration, &request.config)?;
        let method = request.method.unwrap_or(settings.gmf_method);
        let unused = Settings::unused(&configuration, &request.config, method)?;
        if !unused.is_empty() {
            log::warn!(
                "{}: {}: not used by the method {}",
                request.config.display(),
                unused.join(", "),
                method.name()
            );
        }
        let path = metadata_of(request);
        let metadata = Experiment::text(&path)?;
        let experiment = Experiment::parse(&metadata, &path)?;
        let open = |(directory, name): &(PathBuf, String)| {
            Recording::open(directory)?.channel_with(name, Arc::clone(&request.inputs))
        };
        let (rx, tx) = (open(&request.rx)?, open(&request.tx)?);
        if rx.properties().rate != tx.properties().rate {
            return Err(Error::Format {
                path: tx.directory().to_path_buf(),
                problem: format!(
                    "is sampled at {}, the received signal at {}; both must be the same",
                    tx.properties().rate,
                    rx.properties().rate
                ),
            });
        }
        experiment.sampled_at(rx.properties().rate, &request.rx.1)?;
        rx.choice_of(request.subchannels.0)?;
        tx.choice_of(request.subchannels.1)?;
        let tx = (!is_same(rx.directory(), tx.directory())).then(|| tx.properties().clone());
        Ok(Told {
            configuration,
            metadata,
            pointing: Pointing::properties(&request.rx.0, &request.inputs)?,
            rx: rx.properties().clone(),
            tx,
        })
    }
}

impl Wire for Told {
    fn put(&self, out: &mut Vec<u8>) {
        self.configuration.put(out);
        self.metadata.put(out);
        self.rx.put(out);
        self.tx.put(out);
        self.pointing.put(out);
    }

    fn take(input: &mut &[u8]) -> Received<Self> {
        Ok(Told {
            configuration: Wire::take(input)?,
            metadata: Wire::take(input)?,
            rx: Wire::take(input)?,
            tx: Wire::take(input)?,
            pointing: Wire::take(input)?,
        })
    }
}
