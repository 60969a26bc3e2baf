use super::compressed;
use super::decoder::Decoder;
use super::encoder::Encoder;
use super::layout::{Layout, Part, Written};
use super::{Samples, Time, Units};
use crate::archive::Result;

/// Samples at equal distances in time.
#[derive(Clone, Debug, Default)]
pub struct Timestream {
    /// What the samples are measured in.
    pub units: Units,
    /// The instant of the first sample.
    pub start: Time,
    /// The instant of the last sample.
    pub stop: Time,
    /// The samples.
    pub samples: Samples,
    /// How they are compressed in files; `None`: not at all.
    pub compression: Option<Compression>,
    /// How many bytes the compressed samples had where they were read.
    pub(super) compressed_length: Option<usize>,
}

/// How samples are compressed. What FLAC holds are integers: fractions are lost, and samples that
/// are not finite become NaN. It is for samples without units and for counts only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compression {
    /// The effort: 1 to 9.
    pub level: u8,
    /// Bits of a sample: 24 or 32. With 24 bits, `f64` becomes `f32` in a file and `i64` becomes
    /// `i32`. Samples that need more than 24 bits get 32, and those that need more than 32 are not
    /// compressed.
    pub depth: u8,
}

impl Timestream {
    /// Samples from `start` to `stop`, the instants of the first and the last one.
    pub fn new(samples: impl Into<Samples>, units: Units, start: Time, stop: Time) -> Timestream {
        Timestream {
            units,
            start,
            stop,
            samples: samples.into(),
            ..Timestream::default()
        }
    }

    /// How many samples there are.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// Samples per 10 ns; `None` where it cannot be told, with less than two samples or all of them
    /// at one instant.
    pub fn sample_rate(&self) -> Option<f64> {
        let span = self.stop.0.checked_sub(self.start.0)?;
        (self.len() > 1 && span != 0).then(|| (self.len() - 1) as f64 / span as f64)
    }

    /// How many bytes the compressed samples had where they were read.
    pub fn compressed_length(&self) -> Option<usize> {
        self.compressed_length
    }
}

/// Equal in all but where they came from.
impl PartialEq for Timestream {
    fn eq(&self, other: &Timestream) -> bool {
        let own = (self.units, self.start, self.stop, self.compression);
        own == (other.units, other.start, other.stop, other.compression)
            && self.samples == other.samples
    }
}

impl Layout for Timestream {
    const NEWEST: u32 = 4;

    fn read(from: &mut Decoder<'_>, version: u32) -> Result<Self> {
        from.base()?;
        let mut own = Timestream {
            units: Units(from.number()?),
            ..Timestream::default()
        };
        if version >= 2 {
            own.start = from.object()?;
            own.stop = from.object()?;
        }
        let level = from.number::<u8>()?;
        if level == 0 {
            let code = if version < 3 { 0 } else { from.number()? };
            own.samples = read_plain(from, code)?;
            return Ok(own);
        }
        if !compressed::fits(own.units) {
            let units = own.units;
            return Err(from.refuse(format!("FLAC is not for units of {units}")));
        }
        let (depth, code) = if version < 4 {
            (24, 1)
        } else {
            (from.number()?, from.number()?)
        };
        own.compression = Some(Compression { level, depth });
        let (samples, length) = compressed::read(from, code)?;
        own.samples = samples;
        own.compressed_length = Some(length);
        Ok(own)
    }

    fn write(&self, to: &mut Encoder) -> Written {
        to.base();
        to.number(self.units.0);
        to.object(&self.start)?;
        to.object(&self.stop)?;
        if let Some(compression) = self.compression {
            if !compressed::fits(self.units) {
                let units = self.units;
                return Err(format!(
                    "FLAC is for counts and for samples without units, and not for units of {units}"
                ));
            }
            if compressed::write(&self.samples, compression, to)? {
                return Ok(());
            }
        }
        to.number(0u8);
        to.number(self.samples.code());
        match &self.samples {
            Samples::F64(samples) => to.vector(samples),
            Samples::F32(samples) => to.vector(samples),
            Samples::I32(samples) => to.vector(samples),
            Samples::I64(samples) => to.vector(samples),
        }
        Ok(())
    }
}

fn read_plain(from: &mut Decoder<'_>, code: u32) -> Result<Samples> {
    Ok(match code {
        0 => Samples::F64(from.vector()?),
        1 => Samples::F32(from.vector()?),
        2 => Samples::I32(from.vector()?),
        3 => Samples::I64(from.vector()?),
        _ => return Err(from.refuse(format!("samples of the unknown type {code}"))),
    })
}

/// In a map, of versions before 3.
impl Part for Timestream {
    const LEAST: usize = 13;

    fn read_part(from: &mut Decoder<'_>) -> Result<Self> {
        from.object()
    }

    fn write_part(&self, to: &mut Encoder) -> Written {
        to.object(self)
    }
}
