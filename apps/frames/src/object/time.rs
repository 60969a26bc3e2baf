use super::decoder::Decoder;
use super::encoder::Encoder;
use super::layout::{Layout, Written, whole_objects};
use crate::archive::Result;

/// An instant, in units of 10 ns since 1970-01-01 00:00 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

impl Time {
    /// How many of its units are a second.
    pub const SECOND: i64 = 100_000_000;

    /// Seconds since 1970-01-01 00:00 UTC, to about 0.2 us.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / Time::SECOND as f64
    }
}

impl Layout for Time {
    fn read(from: &mut Decoder<'_>, _: u32) -> Result<Self> {
        from.base()?;
        from.number().map(Time)
    }

    fn write(&self, to: &mut Encoder) -> Written {
        to.base();
        to.number(self.0);
        Ok(())
    }
}

impl Layout for Vec<Time> {
    fn read(from: &mut Decoder<'_>, _: u32) -> Result<Self> {
        from.base()?;
        let count = from.count(8)?;
        if count == 0 {
            return Ok(Vec::new());
        }
        // The words of the class come before the first one only.
        let first = from.object()?;
        let mut times = from.numbers(count - 1)?;
        times.insert(0, first);
        Ok(times)
    }

    fn write(&self, to: &mut Encoder) -> Written {
        to.base();
        to.count(self.len());
        let Some((first, others)) = self.split_first() else {
            return Ok(());
        };
        to.object(first)?;
        to.numbers(others.iter().map(|time| time.0));
        Ok(())
    }
}

whole_objects! {
    Time, 8;
    Vec<Time>, 8;
}

impl crate::archive::Element for Time {
    const WIDTH: usize = 8;

    fn from_little(bytes: &[u8]) -> Self {
        Time(i64::from_little(bytes))
    }

    fn from_big(bytes: &[u8]) -> Self {
        Time(i64::from_big(bytes))
    }

    fn store(self, place: &mut [u8]) {
        self.0.store(place);
    }
}
