use std::io::Read;

use bzip2::read::BzDecoder;

use super::channel_block::{self, Sample};
use super::decoder::Decoder;
use super::encoder::Encoder;
use super::layout::{Layout, Written};
use super::{Samples, Time};
use crate::archive::{Element, Result, Text};

/// The most samples that one array can have: a few bytes can stand for very many samples.
const MOST: u64 = 1 << 30;

/// Samples of many channels at the same instants.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SuperTimestream {
    /// The names of the channels, in any order.
    pub names: Vec<Text>,
    /// The instants. There can be gaps between them.
    pub times: Vec<Time>,
    /// The samples, channel after channel: `names.len() * times.len()` of them.
    pub samples: Samples,
    /// How they lie in files.
    pub storage: SuperStorage,
}

/// How the samples of a super-timestream lie in files.
#[derive(Clone, Debug, PartialEq)]
pub struct SuperStorage {
    /// The effort of FLAC.
    pub flac_level: i8,
    /// The effort of bzip2 for data that repeat themselves.
    pub bzip2_work_factor: i8,
    /// 0: the times lie there as they are; 2: in bzip2.
    pub times_algorithm: i8,
    /// 0: the samples lie there as they are; else 1 for FLAC, 2 for bzip2, 3 for both.
    pub data_algorithm: i8,
    /// For samples that are not whole numbers, and are compressed: of what those of each channel
    /// are multiples.
    pub quanta: Vec<f64>,
    /// In which parts each channel was stored where it was read: 0 as it is, else the sum of 1 for
    /// FLAC, 2 for bzip2, 4 for a constant.
    pub channel_algorithms: Vec<u8>,
    /// 30 numbers that mean nothing, as they were read; else none.
    pub unused: Vec<i64>,
}

impl Default for SuperStorage {
    fn default() -> Self {
        SuperStorage {
            flac_level: 1,
            bzip2_work_factor: 30,
            times_algorithm: 2,
            data_algorithm: 0,
            quanta: Vec::new(),
            channel_algorithms: Vec::new(),
            unused: Vec::new(),
        }
    }
}

impl SuperTimestream {
    /// The samples of a channel; an empty range of them for a channel that is not there.
    pub fn channel(&self, name: impl AsRef<[u8]>) -> Option<std::ops::Range<usize>> {
        let name = name.as_ref();
        let index = self.names.iter().position(|own| **own == *name)?;
        let len = self.times.len();
        Some(index * len..(index + 1) * len)
    }

    fn check(&self) -> Result<(), String> {
        let (names, times, samples) = (self.names.len(), self.times.len(), self.samples.len());
        if names.checked_mul(times) != Some(samples) {
            return Err(format!(
                "{samples} samples for {names} channels and {times} times"
            ));
        }
        Ok(())
    }
}

impl Layout for SuperTimestream {
    const OLDEST: u32 = 0;
    const NEWEST: u32 = 0;

    fn read(from: &mut Decoder<'_>, _: u32) -> Result<Self> {
        from.base()?;
        let mut storage = SuperStorage {
            flac_level: from.number()?,
            bzip2_work_factor: from.number()?,
            times_algorithm: from.number()?,
            ..SuperStorage::default()
        };
        let times = match storage.times_algorithm {
            0 => from.object()?,
            2 => read_times(from)?,
            other => return Err(from.refuse(format!("times are stored in an unknown way {other}"))),
        };
        let names: Vec<Text> = from.object()?;
        let number = from.number::<i64>()?;
        let (dimensions, shape) = (from.number::<i64>()?, from.numbers::<i64>(32)?);
        let length = from.number::<i64>()?;
        storage.unused = shape[2..].to_vec();
        storage.data_algorithm = from.number()?;
        let size = (names.len() as u64, times.len() as u64);
        if dimensions != 2 || (shape[0], shape[1]) != (size.0 as i64, size.1 as i64) {
            let shape = &shape[..2];
            return Err(from.refuse(format!(
                "an array of {dimensions} dimensions {shape:?} for {size:?} channels and times"
            )));
        }
        let count = size.0.checked_mul(size.1).filter(|count| *count <= MOST);
        let Some(count) = count else {
            return Err(from.refuse(format!("more than {MOST} samples")));
        };
        let samples = match number {
            5 => Samples::I32(read_array(from, &mut storage, size)?),
            7 | 9 => Samples::I64(read_array(from, &mut storage, size)?),
            11 => Samples::F32(read_array(from, &mut storage, size)?),
            12 => Samples::F64(read_array(from, &mut storage, size)?),
            _ => return Err(from.refuse(format!("samples of the unknown type {number}"))),
        };
        if length as u64 != count * width(&samples) as u64 {
            return Err(from.refuse(format!("{length} bytes for {count} samples")));
        }
        Ok(SuperTimestream {
            names,
            times,
            samples,
            storage,
        })
    }

    fn write(&self, to: &mut Encoder) -> Written {
        self.check()?;
        let storage = &self.storage;
        to.base();
        to.number(storage.flac_level);
        to.number(storage.bzip2_work_factor);
        to.number(storage.times_algorithm);
        match storage.times_algorithm {
            0 => to.object(&self.times)?,
            2 => write_times(&self.times, to)?,
            other => return Err(format!("there is no algorithm {other} for times")),
        }
        to.object(&self.names)?;
        to.number(match self.samples {
            Samples::I32(_) => 5i64,
            Samples::I64(_) => 7,
            Samples::F32(_) => 11,
            Samples::F64(_) => 12,
        });
        let mut shape = [0; 32];
        shape[0] = self.names.len() as i64;
        shape[1] = self.times.len() as i64;
        for (place, unused) in shape[2..].iter_mut().zip(&storage.unused) {
            *place = *unused;
        }
        to.number(2i64);
        to.numbers(shape.into_iter());
        to.number((self.samples.len() * width(&self.samples)) as i64);
        match &self.samples {
            Samples::I32(samples) => self.write_array(samples, false, to),
            Samples::I64(samples) => self.write_array(samples, false, to),
            Samples::F32(samples) => self.write_array(samples, true, to),
            Samples::F64(samples) => self.write_array(samples, true, to),
        }
    }
}

fn width(samples: &Samples) -> usize {
    match samples {
        Samples::F64(_) | Samples::I64(_) => 8,
        Samples::F32(_) | Samples::I32(_) => 4,
    }
}

fn read_times(from: &mut Decoder<'_>) -> Result<Vec<Time>> {
    let count = from.number::<i32>()?;
    let length = from.number::<u32>()?;
    let stream = from.bytes(length.into())?;
    let Ok(count) = u64::try_from(count) else {
        return Err(from.refuse(format!("{count} times")));
    };
    let mut bytes = Vec::new();
    // One more than there should be, which is then noticed.
    let mut decoder = BzDecoder::new(stream).take(8 * count + 1);
    if let Err(error) = decoder.read_to_end(&mut bytes) {
        return Err(from.refuse(format!("the times in bzip2 are damaged: {error}")));
    }
    if bytes.len() as u64 != 8 * count {
        return Err(from.refuse(format!("the times in bzip2 are not {count}")));
    }
    Ok(bytes.chunks_exact(8).map(Time::from_little).collect())
}

fn write_times(times: &[Time], to: &mut Encoder) -> Written {
    let Ok(count) = i32::try_from(times.len()) else {
        return Err("there are more than 2147483647 times".into());
    };
    let bytes: Vec<u8> = times.iter().flat_map(|time| time.0.to_le_bytes()).collect();
    let stream = channel_block::in_bzip2(&bytes).map_err(|error| error.to_string())?;
    to.number(count);
    to.number(stream.len() as u32);
    to.bytes(&stream);
    Ok(())
}

fn read_array<T: Sample + Default>(
    from: &mut Decoder<'_>,
    storage: &mut SuperStorage,
    (channels, times): (u64, u64),
) -> Result<Vec<T>> {
    let (channels, times) = (channels as usize, times as usize);
    if storage.data_algorithm == 0 {
        let bytes = from.bytes((channels * times * T::WIDTH) as u64)?;
        storage.channel_algorithms = vec![0; channels];
        return Ok(bytes.chunks_exact(T::WIDTH).map(T::from_little).collect());
    }
    if !(1..=3).contains(&storage.data_algorithm) {
        let algorithm = storage.data_algorithm;
        return Err(from.refuse(format!("samples are stored in an unknown way {algorithm}")));
    }
    storage.quanta = from.vector()?;
    let offsets = from.vector::<i32>()?;
    let length = from.number::<i32>()?;
    let payload = from.bytes(u64::try_from(length).unwrap_or(u64::MAX))?;
    let quanta = storage.quanta.len();
    if offsets.len() != channels + 1 || (quanta != 0 && quanta != channels) {
        let offsets = offsets.len();
        return Err(from.refuse(format!(
            "{offsets} offsets and {quanta} quanta for {channels} channels"
        )));
    }
    let mut samples = Vec::new();
    for (channel, bounds) in offsets.windows(2).enumerate() {
        let bounds = usize::try_from(bounds[0])
            .ok()
            .zip(usize::try_from(bounds[1]).ok());
        let block = bounds.and_then(|(start, end)| payload.get(start..end));
        let Some(block) = block else {
            return Err(from.refuse(format!("the bounds of channel {channel} cannot be")));
        };
        storage
            .channel_algorithms
            .push(block.first().copied().unwrap_or(0));
        let quantum = storage.quanta.get(channel).copied().unwrap_or(1.0);
        let start = samples.len();
        samples.resize(start + times, T::default());
        channel_block::decode(block, quantum, &mut samples[start..])
            .map_err(|problem| from.refuse(format!("channel {channel}: {problem}")))?;
    }
    Ok(samples)
}

impl SuperTimestream {
    fn write_array<T: Sample>(&self, samples: &[T], has_quanta: bool, to: &mut Encoder) -> Written {
        let blocks = match self.storage.data_algorithm {
            0 => None,
            1..=3 => self.blocks(samples, has_quanta)?,
            other => return Err(format!("there is no algorithm {other} for samples")),
        };
        let Some(blocks) = blocks else {
            to.number(0i8);
            to.numbers(samples.iter().copied());
            return Ok(());
        };
        to.number(self.storage.data_algorithm);
        to.vector(if has_quanta {
            &self.storage.quanta
        } else {
            &[]
        });
        let mut offsets = vec![0i32];
        let mut end = 0;
        for block in &blocks {
            end += block.len();
            let Ok(offset) = i32::try_from(end) else {
                return Err("the compressed samples are longer than 2 GiB; split the array".into());
            };
            offsets.push(offset);
        }
        to.vector(&offsets);
        to.number(end as i32);
        for block in &blocks {
            to.bytes(block);
        }
        Ok(())
    }

    /// The compressed channels; `None` when one cannot be compressed.
    fn blocks<T: Sample>(
        &self,
        samples: &[T],
        has_quanta: bool,
    ) -> Result<Option<Vec<Vec<u8>>>, String> {
        let channels = self.names.len();
        let quanta = &self.storage.quanta;
        if has_quanta && quanta.len() != channels {
            let quanta = quanta.len();
            return Err(format!("{quanta} quanta for {channels} channels"));
        }
        let level = self.storage.flac_level.clamp(0, 8) as u32;
        let times = self.times.len();
        let mut blocks = Vec::with_capacity(channels);
        for channel in 0..channels {
            let samples = &samples[channel * times..(channel + 1) * times];
            let quantum = has_quanta.then(|| quanta[channel]);
            // Floats that stood as they are need not be whole numbers of quanta.
            if let Some(quantum) = quantum
                && self.storage.channel_algorithms.get(channel) == Some(&0)
                && !channel_block::is_exact(samples, quantum)
            {
                return Ok(None);
            }
            let block = channel_block::encode(samples, quantum, level);
            match block.map_err(|error| error.to_string())? {
                Some(block) => blocks.push(block),
                None => return Ok(None),
            }
        }
        Ok(Some(blocks))
    }
}
