//! Runs jobwise kernels on the calling thread ([`Serial`]) or on a pool of threads ([`Threads`]).

#![forbid(unsafe_code)]

mod grain;
mod serial;
mod threads;

pub use serial::Serial;
pub use threads::Threads;
