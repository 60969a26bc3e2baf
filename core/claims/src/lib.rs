//! Claims on names in a directory, for processes that share nothing but a file system.
//!
//! An [`Owner`] joins a directory for bookkeeping and gives signs of life there. It claims a name
//! in any directory of the same file system: of all owners that are alive, one at a time has the
//! claim. Claims of owners that died are free again, at once when their process is known to be
//! gone, and after their lease otherwise. Decision 0012 says how and why.
//!
//! ```
//! use std::time::Duration;
//! use jobwise_claims::{Answer, Owner, Terms};
//!
//! # let root = std::env::temp_dir().join(format!("claims-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&root)?;
//! let owner = Owner::join(&root.join(".bookkeeping"), &Terms::new("job 17"))?;
//! match owner.claim(&root, "block-0")? {
//!     Answer::Won(claim) => {
//!         // Look again whether the work is still to be done, do it, record that it is done, and then:
//!         claim.release()?;
//!     }
//!     Answer::Held(by) => println!("{by} is at it"),
//! }
//! # drop(owner);
//! # std::fs::remove_dir_all(&root)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | room | what is in it |
//! |---|---|
//! | [`Owner`], [`Terms`] | who takes part |
//! | [`Claim`], [`Answer`], [`Holder`], [`Standing`] | who has a name |
//! | [`Overview`], [`remove_marks`] | all names of a directory at once, and which are done |
//! | [`inspection`], [`Inspection`], [`Sign`] | a look without taking part |
//! | [`Process`], [`Stat`] | whether a process is alive: the one answer for the whole workspace |
//! | [`regular`] | regular files, opened as such or not at all |
//! | [`Warnings`] | what was odd, each told once |

#![forbid(unsafe_code)]

mod attempt;
mod claim;
mod error;
mod holder;
mod inspection;
mod listing;
mod overview;
mod owner;
mod process;
mod pulse;
mod record;
pub mod regular;
mod survey;
mod unlink;
mod verdict;
mod warnings;
mod watch;

pub use claim::{Answer, Claim};
pub use error::{Error, Result};
pub use holder::Holder;
pub use inspection::{Inspection, Sign, inspection};
pub use overview::{Overview, remove_marks};
pub use owner::{Leftovers, Owner, Terms, unique_name};
pub use process::{Process, Stat};
pub use regular::kind;
pub use survey::Standing;
pub use warnings::Warnings;
