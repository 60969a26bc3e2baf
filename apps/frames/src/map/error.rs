use super::Polarization;

/// Why maps cannot be added.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The samples have another unit than those before.
    #[error("the units of samples change from {before} to {now} (numbers as in the files)")]
    Units {
        /// The unit of what was added before.
        before: u32,
        /// The unit of what was to be added.
        now: u32,
    },
    /// The maps have other pixels.
    #[error("the pixels of maps differ: {before} and {now}")]
    Geometry {
        /// The pixels of the map so far.
        before: String,
        /// The pixels of what was to be added.
        now: String,
    },
    /// The maps have other layers, or mean something else by them.
    #[error("one map has {before}, another {now}")]
    Layers {
        /// The layers of the map so far.
        before: String,
        /// The layers of what was to be added.
        now: String,
    },
    /// The maps do not agree what Q and U are.
    #[error("the polarization of one map is {before}, of another {now}")]
    Polarization {
        /// Of the map so far.
        before: Polarization,
        /// Of what was to be added.
        now: Polarization,
    },
}
