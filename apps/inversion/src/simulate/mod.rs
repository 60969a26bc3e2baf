//! Data of given earths, and of earths drawn from the priors.
//!
//! | room | what is in it |
//! |---|---|
//! | [`draw`] | an earth, errors and a height from the priors of exact chains |
//! | [`Simulation`] | systems over given earths: data and their noise, as a survey |
//! | [`prior`] | soundings from the priors |

mod draw;
mod noise;
mod priors;
mod simulation;

pub use draw::{Drawn, draw};
pub use noise::add_noise;
pub use priors::prior;
pub use simulation::{LINE, Simulation, systems};
