//! What is done about results of earlier runs.

use jobwise_core::Comm;

use super::earlier::{self, Earlier, Found, Same};
use super::{Parameters, Policy, Recipe, Settings, fingerprint};
use crate::error::refused;
use crate::format::Main;
use crate::{Error, Result};

/// What rank 0 decided about earlier results.
#[derive(Clone, Debug)]
pub(super) enum Decision {
    /// A new results group.
    New,
    /// All is done in this group.
    Complete(String),
    /// This group is continued.
    Continue(String),
}

/// What rank 0 found out before anything is written.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) found: Found,
    pub(super) decision: Decision,
    /// The digest of what the source says of its rows and columns.
    pub(super) fingerprint: String,
    /// What of the source cannot be read, beside its rows.
    pub(super) problems: Vec<String>,
}

impl Look {
    /// Looks for earlier results and decides about them.
    pub(super) fn new<R: Recipe>(
        recipe: &R,
        settings: &Settings,
        source: &Main,
        parameters: &Parameters,
    ) -> Result<Look> {
        let rows = recipe.depends_on(source)?;
        let (fingerprint, problems) = fingerprint::of(source, rows);
        let same = Same {
            source,
            fingerprint: &fingerprint,
            parameters,
            cancel: &settings.cancel,
        };
        let parent = target_path(settings, source)?;
        let found = match group(source, &parent) {
            // What is there is no matter.
            _ if settings.policy == Policy::Override => Found::default(),
            Ok(parent) => earlier::search(&parent, recipe.tool(), &same)?,
            // It will be made.
            Err(_) => Found::default(),
        };
        let decision = decide(&settings.policy, &found)?;
        Ok(Look {
            found,
            decision,
            fingerprint,
            problems,
        })
    }

    /// The earlier run that is continued.
    pub(super) fn continued(&self) -> Option<&Earlier> {
        match &self.decision {
            Decision::Continue(path) => self.found.groups.iter().find(|group| group.path == *path),
            _ => None,
        }
    }

    /// Tells what the user would not expect; how many parts of the source cannot be read.
    pub(super) fn tell(&self) -> usize {
        let mut problems = self.problems.len();
        for (path, other) in &self.found.others {
            if other.is_told {
                log::warn!("{path} is not taken: {}", other.reason);
            } else {
                log::info!("{path}: not the same: {}", other.reason);
            }
        }
        for problem in &self.problems {
            log::warn!("{problem}");
        }
        let (Decision::Complete(taken) | Decision::Continue(taken)) = &self.decision else {
            return problems;
        };
        for group in self
            .found
            .groups
            .iter()
            .filter(|group| group.path == *taken)
        {
            if let Some(first) = group.damaged.runs().next() {
                log::warn!(
                    "{taken}: the results of {} positions are damaged since they were written (the \
                     first is {}): they are \
                     computed again",
                    group.damaged.len(),
                    first.start
                );
            }
            if group.unchecked > 0 {
                log::warn!(
                    "{taken}: {} positions were done by a program that keeps no digests: whether \
                     they and their source are \
                     as they were then cannot be told (--override computes anew)",
                    group.unchecked
                );
            }
            if group.unreadable > 0 {
                problems += 1;
                log::warn!(
                    "{taken}: the source of {} positions, which are done, can no longer be read",
                    group.unreadable
                );
            }
        }
        problems
    }
}

fn decide(policy: &Policy, found: &Found) -> Result<Decision> {
    let go_on = |group: &Earlier| {
        if group.is_complete() {
            Decision::Complete(group.path.clone())
        } else {
            Decision::Continue(group.path.clone())
        }
    };
    Ok(match policy {
        Policy::Override => Decision::New,
        Policy::Resume => found.best().map_or(Decision::New, go_on),
        Policy::Continue(wanted) => {
            let path = format!("/{}", wanted.trim_matches('/'));
            let chosen = found.groups.iter().find(|group| group.path == path);
            let why = found.others.iter().find(|(other, _)| *other == path);
            go_on(chosen.ok_or_else(|| {
                Error::Request(match why {
                    Some((_, other)) => format!("{path} cannot be continued: {}", other.reason),
                    None => format!("{path} is no results group of this source and tool"),
                })
            })?)
        }
    })
}

/// The group that holds the results groups.
pub(super) fn target_path(settings: &Settings, source: &Main) -> Result<String> {
    match &settings.target {
        Some(target) => Ok(format!("/{}", target.trim_matches('/'))),
        None => Ok(source.parent()?.name()),
    }
}

/// A group of the source's file.
pub(super) fn group(source: &Main, path: &str) -> Result<hdf5::Group> {
    let failed = refused(source.dataset().filename(), path);
    let file = source.dataset().file().map_err(&failed)?;
    file.group(path).map_err(&failed)
}

/// Root's decision and the number of its `problems`, on every rank.
pub(super) fn agree_on(
    comm: &dyn Comm,
    mine: Option<&Look>,
    problems: usize,
) -> jobwise_core::Result<(Decision, usize)> {
    let mine = mine.map(|look| {
        let (code, path) = match &look.decision {
            Decision::New => (0u8, String::new()),
            Decision::Complete(path) => (1, path.clone()),
            Decision::Continue(path) => (2, path.clone()),
        };
        (code, (path, problems))
    });
    let (code, (path, problems)) = comm.broadcast_value(mine)?;
    let decision = match code {
        0 => Decision::New,
        1 => Decision::Complete(path),
        _ => Decision::Continue(path),
    };
    Ok((decision, problems))
}
