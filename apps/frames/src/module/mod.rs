//! Modules that every pipeline may need.
//!
//! | module | what it does |
//! |---|---|
//! | [`read`] | frames of files; further on in a pipeline, in front of the first frame |
//! | [`Write`] | frames into a file |
//! | [`WriteParts`] | frames into several files, each with the metadata so far |
//! | [`Deduplicate`] | drops metadata that are there already |
//! | [`DropOrphans`] | drops metadata that no data follow |
//! | [`Delete`], [`Keep`], [`Rename`] | takes objects out of frames, or gives them other names |
//! | [`Show`] | prints frames |
//! | [`Inject`] | puts a frame in front of all others |
//! | [`abort_after`] | ends a pipeline with an error |

mod abort;
mod deduplicate;
mod delete;
mod inject;
mod keep;
mod orphans;
mod read;
mod rename;
mod show;
#[cfg(test)]
mod tests;
mod write;
mod write_parts;

pub use abort::abort_after;
pub use deduplicate::Deduplicate;
pub use delete::Delete;
pub use inject::Inject;
pub use keep::Keep;
pub use orphans::DropOrphans;
pub use read::read;
pub use rename::Rename;
pub use show::Show;
pub use write::Write;
pub use write_parts::WriteParts;

use std::collections::BTreeSet;

use crate::frame::FrameType;

/// Of which types frames are concerned: these, or all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Types(Option<BTreeSet<FrameType>>);

impl Types {
    /// All types.
    pub fn all() -> Types {
        Types::default()
    }

    /// These types.
    pub fn only(types: impl IntoIterator<Item = FrameType>) -> Types {
        Types(Some(types.into_iter().collect()))
    }

    /// Whether frames of this type are concerned. Frames that end a pipeline are not.
    pub fn contains(&self, kind: FrameType) -> bool {
        !kind.is_end() && self.0.as_ref().is_none_or(|types| types.contains(&kind))
    }
}
