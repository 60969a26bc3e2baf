/// The bit that marks a name or an object that has not occurred before.
pub(super) const NEW: u32 = 0x8000_0000;

/// The number of a name, of an object that is exactly what its pointer is declared to point to.
pub(super) const DECLARED: u32 = 0x4000_0000;

/// A pointer in an archive. Numbers of objects count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pointer<'a> {
    /// To nothing.
    Null,
    /// To an object that follows.
    New {
        /// Its class; `None` for the declared one.
        class: Option<&'a [u8]>,
        /// Its number.
        id: u32,
    },
    /// To an object that occurred before.
    Known {
        /// Its class; `None` for the declared one.
        class: Option<&'a [u8]>,
        /// Its number.
        id: u32,
    },
}
