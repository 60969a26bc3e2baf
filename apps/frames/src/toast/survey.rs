//! What there is to export: all scans of all observations, before anything is written.

use std::collections::{BTreeMap, BTreeSet};

use super::scan::{Scan, Span};
use super::source::Source;
use super::{Error, Export, Result};
use crate::accumulate;
use crate::archive::Text;
use crate::frame::{Frame, FrameType};
use crate::object::{Object, Units};

/// An observation: its scans and detectors.
#[derive(Debug)]
pub(super) struct Observation {
    pub(super) name: String,
    /// In the order of their names.
    pub(super) detectors: BTreeSet<Text>,
    pub(super) units: Units,
    /// What is known of detectors.
    pub(super) properties: Object,
    /// In the order of time.
    pub(super) scans: Vec<Span>,
    /// For each scan in the order of reading, its number in the order of time.
    pub(super) order: Vec<usize>,
}

impl Observation {
    /// The sample with which a scan begins.
    pub(super) fn first_sample(&self, scan: usize) -> usize {
        self.scans[..scan].iter().map(|span| span.samples).sum()
    }

    /// The number of samples.
    pub(super) fn samples(&self) -> usize {
        self.first_sample(self.scans.len())
    }

    /// Samples per second.
    pub(super) fn sample_rate(&self) -> Option<f64> {
        let steps = self.scans.iter().filter(|span| span.samples > 1);
        let seconds = |span: &Span| span.step().unwrap_or_default() * (span.samples - 1) as f64;
        let (count, total) = steps.fold((0, 0.0), |(count, total), span| {
            (count + span.samples - 1, total + seconds(span))
        });
        (total > 0.0).then(|| count as f64 / total)
    }

    /// Brings the scans into the order of time.
    fn sort(&mut self) -> Result<()> {
        let mut numbers: Vec<usize> = (0..self.scans.len()).collect();
        numbers.sort_by_key(|&number| self.scans[number].start);
        self.order = vec![0; numbers.len()];
        for (place, &number) in numbers.iter().enumerate() {
            self.order[number] = place;
        }
        self.scans.sort_by_key(|span| span.start);
        let overlap = self
            .scans
            .windows(2)
            .position(|two| two[0].stop >= two[1].start);
        match overlap {
            None => Ok(()),
            Some(at) => {
                let start = self.scans[at + 1].start.seconds();
                let problem = format!(
                    "a scan begins at {start} s, when the one before it has not ended: give each \
                     scan once"
                );
                Err(Error::observation(&self.name, problem))
            }
        }
    }
}

/// The scans of frames in turn, with the observation and what is known of detectors at each.
#[derive(Debug, Default)]
pub(super) struct Follower {
    observation: accumulate::Observation,
    properties: Option<Object>,
}

impl Follower {
    /// Looks at a frame: of a scan, the name of its observation.
    pub(super) fn see(&mut self, frame: &Frame, export: &Export) -> Result<Option<String>> {
        self.observation.see(frame);
        if frame.kind() == FrameType::CALIBRATION {
            let found = frame.get(&export.properties).cloned();
            self.properties = found.or(self.properties.take());
        }
        if frame.kind() != FrameType::SCAN {
            return Ok(None);
        }
        let name = self.observation.name(frame);
        let name = name.map_err(|error| Error::scan(frame, error.to_string()))?;
        if name.is_empty() {
            let problem = "neither the scan nor an Observation frame before it has SourceName or \
                           ObservationID: which observation it belongs to is not known";
            return Err(Error::scan(frame, problem));
        }
        if name.contains(['/', '\0']) {
            let problem = format!("the observation {name:?} cannot be the name of a file");
            return Err(Error::scan(frame, problem));
        }
        Ok(Some(name))
    }
}

/// All observations of a source, by their names.
pub(super) fn survey(
    source: &mut dyn Source,
    export: &Export,
) -> Result<BTreeMap<String, Observation>> {
    let mut found: BTreeMap<String, Observation> = BTreeMap::new();
    let mut follower = Follower::default();
    let mut changed = BTreeSet::new();
    source.each(&mut |frame| {
        let Some(name) = follower.see(frame, export)? else {
            return Ok(());
        };
        let Some(properties) = &follower.properties else {
            let key = &export.properties;
            let problem = format!("no Calibration frame before the scan has {key}");
            return Err(Error::scan(frame, problem));
        };
        let scan = Scan::read(frame, export)?;
        if scan.span.samples == 0 {
            let at = frame.at();
            log::warn!("{at}the scan has no samples: it is left out");
            return Ok(());
        }
        let observation = found.entry(name).or_insert_with_key(|name| Observation {
            name: name.clone(),
            detectors: BTreeSet::new(),
            units: scan.units,
            properties: properties.clone(),
            scans: Vec::new(),
            order: Vec::new(),
        });
        if observation.units != scan.units {
            let (before, now) = (observation.units, scan.units);
            let problem = format!("the units change from {before} to {now}");
            return Err(Error::scan(frame, problem));
        }
        if !is_same(&observation.properties, properties) && changed.insert(observation.name.clone())
        {
            let (name, key) = (&observation.name, &export.properties);
            log::warn!("observation {name}: {key} changes; the first one is used for all scans");
        }
        for detector in scan.detectors() {
            if !detector.is_ascii() || detector.contains(&0) {
                let problem = format!("TOAST has no detectors with names such as {detector}");
                return Err(Error::scan(frame, problem));
            }
            if !observation.detectors.contains(detector) {
                observation.detectors.insert(detector.clone());
            }
        }
        observation.scans.push(scan.span);
        Ok(())
    })?;
    found.values_mut().try_for_each(Observation::sort)?;
    Ok(found)
}

fn is_same(one: &Object, other: &Object) -> bool {
    one.is_same(other) || matches!((one.blob(), other.blob()), (Ok(one), Ok(other)) if one == other)
}
