/// What is wrong with an archive, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at byte {at}: {problem}")]
pub struct Error {
    /// The offset within the archive.
    pub at: usize,
    /// What is wrong there.
    pub problem: Problem,
}

/// What can be wrong with an archive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// The first byte is neither 0 nor 1.
    #[error("the order of bytes is {0}, which is neither 0 nor 1")]
    Order(u8),
    /// A number, or the bytes of a text, are not all there.
    #[error("{wanted} bytes are needed and {left} are left")]
    End {
        /// How many bytes were to be read.
        wanted: u64,
        /// How many there are.
        left: usize,
    },
    /// A count is more than the bytes that are left can hold.
    #[error("a count of {count} is more than {left} bytes can hold")]
    Count {
        /// The count.
        count: u64,
        /// How many bytes are left.
        left: usize,
    },
    /// A class has a version that is not known.
    #[error("{class} has version {found}; versions {oldest} to {newest} can be read")]
    Version {
        /// The class.
        class: &'static str,
        /// The version in the archive.
        found: u32,
        /// The oldest that can be read.
        oldest: u32,
        /// The newest that can be read.
        newest: u32,
    },
    /// The number of a name, or of an object, is neither one that occurred nor the next.
    #[error("a pointer to {what} {id}, where {count} occurred before")]
    Pointer {
        /// A name or an object.
        what: &'static str,
        /// Its number.
        id: u32,
        /// How many occurred before.
        count: usize,
    },
    /// A value cannot be what it is.
    #[error("{0}")]
    Value(String),
}

/// A result of reading an archive.
pub type Result<T, E = Error> = std::result::Result<T, E>;
