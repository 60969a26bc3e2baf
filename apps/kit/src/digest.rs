use std::fmt;

use sha2::{Digest as _, Sha256};

/// A short name for a set of parameters: equal for equal parameters, different for different ones.
/// What a run stores beside its results, so that it is never resumed with others.
///
/// ```
/// use jobwise_kit::Digest;
/// let digest = |window: f64| Digest::new("clean-image 1").number("window", window).finish();
/// assert_eq!(digest(32.0), digest(32.0));
/// assert_ne!(digest(32.0), digest(32.0 + f64::EPSILON * 32.0));
/// ```
#[derive(Clone)]
pub struct Digest(Sha256);

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest")
    }
}

impl Digest {
    /// A digest of nothing but what is being done, and in which version of its meaning.
    pub fn new(what: &str) -> Self {
        Digest(Sha256::new()).text("what", what)
    }

    /// Adds a text.
    #[must_use]
    pub fn text(mut self, name: &str, value: &str) -> Self {
        // Lengths keep neighbours apart: ("ab", "c") is not ("a", "bc").
        for part in [name, value] {
            self.0.update((part.len() as u64).to_le_bytes());
            self.0.update(part);
        }
        self
    }

    /// Adds a number, bit by bit.
    #[must_use]
    pub fn number(self, name: &str, value: impl Into<f64>) -> Self {
        let bits = value.into().to_bits();
        self.text(name, &format!("{bits:016x}"))
    }

    /// Adds an integer.
    #[must_use]
    pub fn integer(self, name: &str, value: impl Into<i128>) -> Self {
        self.text(name, &value.into().to_string())
    }

    /// The digest: 32 hexadecimal digits.
    pub fn finish(self) -> String {
        let bytes: [u8; 32] = self.0.finalize().into();
        let (half, _) = bytes.split_at(16);
        half.iter().fold(String::new(), |digits, byte| {
            digits + &format!("{byte:02x}")
        })
    }
}
