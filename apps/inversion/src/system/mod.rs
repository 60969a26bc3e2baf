//! Systems of transmitter and receivers, as their files describe them.
//!
//! | room | what is in it |
//! |---|---|
//! | [`FrequencySystem`] | pairs of coils, one per frequency |

mod frequency;

pub use frequency::{Coils, FrequencySystem, Pair};
