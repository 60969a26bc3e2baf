//! Claims on names in a directory, for processes that share nothing but a file system.
//!
//! An [`Owner`] joins a directory for bookkeeping and gives signs of life there. It claims a name
//! in any directory of the same file system: of all owners that are alive, one at a time has the
//! claim. Claims of owners that died are free again, at once when their process is known to be
//! gone, and after their lease otherwise. Decision 0012 says how and why.
//!
//! ```
//! use std::time::Duration;
//! use jobwise_core::claims::{Answer, Owner, Terms};
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

mod claim;
mod fault;
mod listing;
mod oddities;
mod owner;
pub(crate) mod plain;
mod process;
mod pulse;
mod record;
mod sighting;
mod verdict;
mod watch;

pub use claim::{Answer, Claim, Holder, Standing};
pub(crate) use fault::{at, is_disorder_in};
pub(crate) use oddities::Oddities;
pub use owner::{Leftovers, Owner, Terms, unique_name};
pub use plain::kind;
pub use process::Stat;
pub use sighting::Sign;
pub(crate) use sighting::{Sighted, sighted};
