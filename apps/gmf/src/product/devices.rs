//! What computed a file.

use std::fmt;
use std::ops::BitOr;

/// The sorts of devices that computed the integrations of a file. Results of different sorts agree
/// to a tolerance (the decision 0040), and a run may be continued on another, so a file may have
/// several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Devices(u8);

impl Devices {
    /// Not known: of files of other programs and older versions.
    pub const UNKNOWN: Devices = Devices(0);
    /// The processors of a machine.
    pub const CPU: Devices = Devices(1);
    /// CUDA devices.
    pub const CUDA: Devices = Devices(2);

    const NAMES: [(Devices, &'static str); 2] = [(Devices::CPU, "cpu"), (Devices::CUDA, "cuda")];

    /// The sorts that a text names; words that are none are passed over.
    pub(super) fn named(text: &str) -> Devices {
        let named = |word: &str| Self::NAMES.into_iter().find(|(_, name)| *name == word);
        let sorts = text.split(' ').filter_map(named);
        sorts.fold(Devices::UNKNOWN, |all, (one, _)| all | one)
    }
}

impl BitOr for Devices {
    type Output = Devices;

    fn bitor(self, other: Devices) -> Devices {
        Devices(self.0 | other.0)
    }
}

impl fmt::Display for Devices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has = |one: Devices| self.0 & one.0 != 0;
        let names = Self::NAMES.iter().filter(|(one, _)| has(*one));
        let names: Vec<&str> = names.map(|(_, name)| *name).collect();
        f.write_str(&names.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let both = Devices::CPU | Devices::CUDA;
        for (devices, text) in [
            (Devices::UNKNOWN, ""),
            (Devices::CPU, "cpu"),
            (Devices::CUDA, "cuda"),
            (both, "cpu cuda"),
        ] {
            assert_eq!(devices.to_string(), text);
            assert_eq!(Devices::named(text), devices);
        }
        assert_eq!(Devices::named("cuda abacus"), Devices::CUDA);
    }
}
