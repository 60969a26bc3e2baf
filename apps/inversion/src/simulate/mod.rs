//! Data of given earths, and of earths drawn from the priors.
//!
//! | room | what is in it |
//! |---|---|
//! | [`draw`] | an earth, errors and a height from the priors of exact chains |

mod draw;

pub use draw::{Drawn, draw};
