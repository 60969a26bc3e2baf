//! What the HDF5 library reads and writes through our driver.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What the library takes for a file. Addresses and lengths are bytes from its start.
pub(super) trait Storage: Send {
    /// Fills `into` from `address`. What lies beyond the end of a file that is written is zeros;
    /// of one that is only read it is an error.
    ///
    /// # Errors
    /// The system's answer; the storage of a file that is written keeps it.
    fn read(&mut self, address: u64, into: &mut [u8]) -> io::Result<()>;

    /// Takes `bytes` as what is at `address`.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    fn write(&mut self, address: u64, bytes: &[u8]) -> io::Result<()>;

    /// The end of the space that the library uses.
    fn allocated(&self) -> u64;

    /// The library uses the space up to `end`.
    fn allocate(&mut self, end: u64);

    /// The end of the file.
    fn length(&self) -> u64;

    /// Whether the library keeps metadata that lie side by side together. It crashes over that in
    /// damaged files, and gains nothing by it where it only reads.
    fn accumulates(&self) -> bool {
        true
    }

    /// The library has closed the file and asks for nothing more.
    fn close(&mut self) {}
}

/// A storage that the library's callbacks use, and that its owner asks afterwards.
pub(super) type Shared = Arc<Mutex<dyn Storage>>;

/// The storage, also after a panic elsewhere: each of its own steps is complete or noted as failed.
pub(super) fn lock<S: ?Sized>(storage: &Mutex<S>) -> MutexGuard<'_, S> {
    storage.lock().unwrap_or_else(PoisonError::into_inner)
}
