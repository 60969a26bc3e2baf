//! What results say: products of a directory of result files, one sounding in memory at a time.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Results`] | the files of a directory, by line; what cannot be used is told and passed over |
//! | [`Line`] | a file that is closed |
//! | [`LineFile`] | the file of a line: what it is of, and its soundings |
//! | [`Point`] | what a file has of one sounding |
//! | [`Binned`], [`Hitmap`] | counts, and what they say |
//! | [`Profile`] | conductivities by depth: means, percentiles, widths, entropies |
//! | [`Widths`] | opacity and the depth of investigation |
//! | [`Seen`] | a sounding with all of these |
//! | [`Summary`] | a number, with its spread, percentiles and mixing |
//! | [`summarise`] | all of a sounding as JSON |
//! | [`Rank`] | where the truth is among the kept iterations |

mod axis;
mod binned;
mod directory;
mod hitmap;
mod line_file;
mod own;
mod point;
mod profile;
mod rank;
mod seen;
mod stored;
mod summary;
mod trace;
mod widths;

pub use binned::Binned;
pub use directory::{Line, Results};
pub use hitmap::Hitmap;
pub use line_file::{About, LineFile};
pub use own::Own;
pub use point::{Best, Point, Status};
pub use profile::Profile;
pub use rank::Rank;
pub use seen::Seen;
pub use summary::{Summary, summarise};
pub use trace::Trace;
pub use widths::Widths;
