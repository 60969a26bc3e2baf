//! Looking at a recording's transmission.

use std::ops::Range;

use super::profile::Profile;
use crate::Result;
use crate::drf::Channel;
use crate::parameters::Timing;

/// Periods that are folded onto each other.
const PULSES: u64 = 8;

/// Samples that are read at one place, unless two periods are more.
const SAMPLES: u64 = 1 << 22;

/// Places at which a pulse is looked for.
const PLACES: u64 = 8;

/// What the transmitted signal shows of its pulses.
#[derive(Debug)]
pub(crate) struct Look {
    profile: Option<(Profile, u64)>,
    reference: u64,
    ipp: u64,
}

impl Look {
    /// Looks at a sub-channel: at the beginning of the stretches and, as long as no pulse stands
    /// out, at further places spread over them. At most 64 periods are read.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(crate) fn new(
        (channel, subchannel): (&Channel, usize),
        stretches: &[Range<u64>],
        timing: &Timing,
    ) -> Result<Look> {
        let ipp = timing.ipp as u64;
        let pulses = (SAMPLES / ipp).clamp(2, PULSES);
        let mut look = Look {
            profile: None,
            reference: stretches.first().map_or(0, |first| first.start),
            ipp,
        };
        let total: u64 = stretches.iter().map(|s| s.end - s.start).sum();
        // Less than a period shows nothing, and a period may be long.
        if total < ipp {
            return Ok(look);
        }
        let mut last = None;
        for place in 0..PLACES {
            let Some(at) = nth(stretches, total / PLACES * place) else {
                break;
            };
            // Short recordings have fewer places.
            if last.is_some_and(|last| at < last + ipp * pulses) {
                continue;
            }
            last = Some(at);
            let phase = (at - look.reference) % ipp;
            let profile = Profile::read((channel, subchannel), at, phase, pulses, timing)?;
            if let Some(strongest) = profile.strongest() {
                look.profile = Some((profile, strongest));
                break;
            }
        }
        Ok(look)
    }

    #[cfg(test)]
    pub(super) fn of(profile: Profile, reference: u64, ipp: u64) -> Look {
        let strongest = profile.strongest();
        Look {
            profile: strongest.map(|strongest| (profile, strongest)),
            reference,
            ipp,
        }
    }

    /// The place of a sample in the period that begins at the reference.
    fn phase(&self, origin: u64) -> u64 {
        let (origin, reference, ipp) = (
            i128::from(origin),
            i128::from(self.reference),
            i128::from(self.ipp),
        );
        (origin - reference).rem_euclid(ipp) as u64
    }

    /// Whether a pulse stands out anywhere.
    pub(crate) fn is_clear(&self) -> bool {
        self.profile.is_some()
    }

    /// Whether the transmission windows hold pulses when periods are counted from `origin`; echoes,
    /// far weaker than the strongest pulse, are none.
    pub(crate) fn holds(&self, origin: u64) -> bool {
        self.holds_share(origin, 0.1)
    }

    /// The same, and nearly nothing of the pulse lies outside.
    pub(crate) fn holds_all(&self, origin: u64) -> bool {
        self.holds_share(origin, 0.9)
    }

    fn holds_share(&self, origin: u64, least: f64) -> bool {
        let phase = self.phase(origin);
        self.profile.as_ref().is_some_and(|(profile, strongest)| {
            profile.holds(phase) && profile.fraction(phase, *strongest) > least
        })
    }

    /// By how many samples the strongest pulses come later than the windows counted from `origin`,
    /// at most a period.
    pub(crate) fn late_by(&self, origin: u64) -> Option<u64> {
        let (_, strongest) = self.profile.as_ref()?;
        Some((strongest + self.ipp - self.phase(origin)) % self.ipp)
    }
}

/// The sample after so many others of the stretches.
fn nth(stretches: &[Range<u64>], mut count: u64) -> Option<u64> {
    for stretch in stretches {
        let length = stretch.end - stretch.start;
        if count < length {
            return Some(stretch.start + count);
        }
        count -= length;
    }
    None
}
