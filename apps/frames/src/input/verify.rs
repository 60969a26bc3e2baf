//! Whether inputs are whole.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::error::{Error, Problem};
use super::frames::{Input, Tally};
use super::index::Index;
use super::open::open;
use super::options::Options;
use crate::frame::Frame;
use crate::object::{self, Object, Value};

/// What is looked at, besides the form of files, and the lengths and checksums of frames.
#[derive(Clone, Debug, Default)]
pub struct Checks {
    /// Every object of a known class is decoded.
    pub decodes: bool,
    /// How inputs are read. Where it is strict, bytes behind an object are an error too.
    pub options: Options,
}

/// What was found in one input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The input.
    pub file: PathBuf,
    /// Good frames before the damage, or all.
    pub frames: u64,
    /// Their bytes, before compression.
    pub bytes: u64,
    /// What is unusual, and no damage.
    pub tally: Tally,
    /// The first damage.
    pub damage: Option<Found>,
}

/// A damage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What is wrong, where: one line.
    pub text: String,
    /// The frame, where it is one that is damaged.
    pub frame: Option<u64>,
    /// Where it begins, in bytes before compression.
    pub offset: Option<u64>,
}

/// Looks at all of some inputs, on so many threads. The reports are in the order of the names, and
/// do not depend on the number of threads.
pub fn verify(names: &[PathBuf], checks: &Checks, threads: usize) -> Vec<Report> {
    let threads = threads.max(1);
    // Several threads share a file only where there is more to do than to read it.
    if checks.decodes && names.len() < threads {
        return names
            .iter()
            .map(|name| one(name, checks, threads))
            .collect();
    }
    let next = AtomicUsize::new(0);
    let reports = Mutex::new(vec![None; names.len()]);
    thread::scope(|scope| {
        for _ in 0..threads.min(names.len()) {
            scope.spawn(|| {
                while let Some((place, name)) = {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    names.get(place).map(|name| (place, name))
                } {
                    let report = one(name, checks, 1);
                    locked(&reports)[place] = Some(report);
                }
            });
        }
    });
    let reports = reports.into_inner().unwrap_or_else(PoisonError::into_inner);
    reports.into_iter().flatten().collect()
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Whoever panicked left it whole, and the panic goes on when the threads are joined.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn one(name: &Path, checks: &Checks, threads: usize) -> Report {
    let mut report = Report {
        file: name.to_path_buf(),
        frames: 0,
        bytes: 0,
        tally: Tally::default(),
        damage: None,
    };
    let input = match open(name, &checks.options) {
        Ok(input) => Mutex::new(input),
        Err(error) => {
            report.damage = Some(found(&error));
            return report;
        }
    };
    let first = Mutex::new(None);
    let work = || {
        while let Some(damage) = step(&input, checks, &first) {
            let mut first = locked(&first);
            let is_first = first
                .as_ref()
                .is_none_or(|other: &Found| damage.frame < other.frame);
            if is_first {
                *first = Some(damage);
            }
        }
    };
    if threads > 1 && checks.decodes {
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(work);
            }
        });
    } else {
        work();
    }
    let input = input.into_inner().unwrap_or_else(PoisonError::into_inner);
    report.tally = input.tally();
    (report.frames, report.bytes) = (report.tally.frames, report.tally.bytes);
    report.damage = first.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(Found {
        frame: Some(frame),
        offset: Some(offset),
        ..
    }) = report.damage
        && !checks.options.skips_damage
    {
        (report.frames, report.bytes) = (frame, offset);
    }
    if report.damage.is_none() {
        report.damage = against_index(name, &report);
    }
    report
}

/// The damage of the next frames that have one; `None` at the end, and where there is nothing more
/// to look for.
fn step(input: &Mutex<Input>, checks: &Checks, first: &Mutex<Option<Found>>) -> Option<Found> {
    loop {
        if locked(first).is_some() {
            return None;
        }
        // The lock is held while the frame is read, and not while it is decoded.
        let next = locked(input).next();
        let frame = match next? {
            Ok(frame) => frame,
            Err(error) => return Some(found(&error)),
        };
        if checks.decodes
            && let Some(damage) = in_objects(&frame, checks.options.is_strict)
        {
            return Some(damage);
        }
    }
}

fn found(error: &Error) -> Found {
    let place = error.place.as_ref();
    // A file without frames has none that is damaged.
    let place = place.filter(|_| !matches!(error.problem, Problem::Empty));
    Found {
        text: error.to_string(),
        frame: place.map(|place| place.frame),
        offset: place.map(|place| place.offset),
    }
}

fn in_objects(frame: &Frame, is_strict: bool) -> Option<Found> {
    let place = frame.place();
    let mut objects = frame.iter();
    let text = objects.find_map(|(name, object)| {
        let problem = in_object(object, is_strict)?;
        let place = place.map(|place| format!("{place}: ")).unwrap_or_default();
        Some(format!("{place}{name}: {problem}"))
    })?;
    Some(Found {
        text,
        frame: place.map(|place| place.frame),
        offset: place.map(|place| place.offset),
    })
}

/// What is wrong with an object, or one within it. Classes that are not known have nothing wrong.
fn in_object(object: &Object, is_strict: bool) -> Option<String> {
    let value = match object.value() {
        Ok(value) => value,
        Err(object::Error::Unknown(_)) => return None,
        Err(error) => return Some(error.to_string()),
    };
    if is_strict && let Ok(count @ 1..) = object.trailing() {
        return Some(format!("{count} bytes stand behind the object"));
    }
    let mut inner = match value {
        Value::MapFrameObject(map) => map.values().collect::<Vec<_>>().into_iter(),
        Value::TimesampleMap(map) => map.columns.values().collect::<Vec<_>>().into_iter(),
        Value::VectorFrameObject(objects) => objects.iter().collect::<Vec<_>>().into_iter(),
        _ => return None,
    };
    inner.find_map(|object| in_object(object, is_strict))
}

fn against_index(name: &Path, report: &Report) -> Option<Found> {
    let damage = |text| Found {
        text,
        frame: None,
        offset: None,
    };
    let index = match Index::beside(name) {
        Ok(index) => index?,
        Err(error) => return Some(damage(error.to_string())),
    };
    let counts = (index.frames.len() as u64, index.bytes);
    if report.tally.damaged > 0 || counts == (report.frames, report.bytes) {
        return None;
    }
    Some(damage(format!(
        "{}: has {} frames of {} bytes, and its index tells of {} of {}: it was cut or changed, or \
         the index is of an earlier time",
        name.display(),
        report.frames,
        report.bytes,
        counts.0,
        counts.1,
    )))
}
