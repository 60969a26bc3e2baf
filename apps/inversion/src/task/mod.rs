//! From options to soundings that chains can run on.
//!
//! | room | what is in it |
//! |---|---|
//! | [`Task`] | options, systems and a survey that fit each other |
//! | [`Systems`] | systems, read and prepared once |
//! | `settings` | what chains are asked for |
//! | `channels` | whether data are of these systems |
//! | `limits` | what options ask for and chains do not do |

mod channels;
mod limits;
mod settings;
mod systems;
mod whole;

pub use settings::settings;
pub use systems::Systems;
pub use whole::Task;
