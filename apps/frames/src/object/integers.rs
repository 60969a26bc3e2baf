use super::decoder::Decoder;
use super::encoder::Encoder;
use super::layout::{Layout, Written};
use super::map::Map;
use crate::archive::{Element, Result};

/// How many bits the integers of a container get: the least of 8, 16, 32 and 64 that all fit in.
pub fn store_bits<'a>(numbers: impl IntoIterator<Item = &'a i64>) -> u32 {
    let signs_apart = |number: i64| (number ^ (number >> 63)) as u64;
    let used = numbers
        .into_iter()
        .fold(0, |used, number| used | signs_apart(*number));
    let bits = 65 - used.leading_zeros();
    bits.next_power_of_two().max(8)
}

fn read_bits(from: &mut Decoder<'_>) -> Result<usize> {
    match from.number::<i32>()? {
        bits @ (8 | 16 | 32 | 64) => Ok(bits as usize / 8),
        other => Err(from.refuse(format!("integers of {other} bits"))),
    }
}

fn read_one(from: &mut Decoder<'_>, width: usize) -> Result<i64> {
    Ok(match width {
        1 => from.number::<i8>()?.into(),
        2 => from.number::<i16>()?.into(),
        4 => from.number::<i32>()?.into(),
        _ => from.number()?,
    })
}

fn read_vector(from: &mut Decoder<'_>, width: usize) -> Result<Vec<i64>> {
    fn wide<T: Element + Into<i64>>(numbers: Vec<T>) -> Vec<i64> {
        numbers.into_iter().map(T::into).collect()
    }
    Ok(match width {
        1 => wide(from.vector::<i8>()?),
        2 => wide(from.vector::<i16>()?),
        4 => wide(from.vector::<i32>()?),
        _ => from.vector()?,
    })
}

fn write_one(to: &mut Encoder, bits: u32, number: i64) {
    match bits {
        8 => to.number(number as i8),
        16 => to.number(number as i16),
        32 => to.number(number as i32),
        _ => to.number(number),
    }
}

fn write_vector(to: &mut Encoder, numbers: &[i64]) {
    let bits = store_bits(numbers);
    to.number(bits as i32);
    to.count(numbers.len());
    match bits {
        8 => to.numbers(numbers.iter().map(|number| *number as i8)),
        16 => to.numbers(numbers.iter().map(|number| *number as i16)),
        32 => to.numbers(numbers.iter().map(|number| *number as i32)),
        _ => to.numbers(numbers.iter().copied()),
    }
}

/// Version 1 has 32 bits and does not say so.
impl Layout for Vec<i64> {
    const NEWEST: u32 = 2;

    fn read(from: &mut Decoder<'_>, version: u32) -> Result<Self> {
        from.base()?;
        let width = if version < 2 { 4 } else { read_bits(from)? };
        read_vector(from, width)
    }

    fn write(&self, to: &mut Encoder) -> Written {
        to.base();
        write_vector(to, self);
        Ok(())
    }
}

impl Layout for Map<i64> {
    const NEWEST: u32 = 2;

    fn read(from: &mut Decoder<'_>, version: u32) -> Result<Self> {
        from.base()?;
        let width = if version < 2 { 4 } else { read_bits(from)? };
        let count = from.count(8 + width)?;
        let entries = (0..count).map(|_| Ok((from.shared_text()?, read_one(from, width)?)));
        Ok(Map::from_entries(entries.collect::<Result<_>>()?))
    }

    fn write(&self, to: &mut Encoder) -> Written {
        to.base();
        let bits = store_bits(self.values());
        to.number(bits as i32);
        to.count(self.len());
        for (name, number) in self.iter() {
            to.text(name);
            write_one(to, bits, *number);
        }
        Ok(())
    }
}

/// Each entry has its own width, and the count is one of 32 bits.
impl Layout for Map<Vec<i64>> {
    const NEWEST: u32 = 2;

    fn read(from: &mut Decoder<'_>, version: u32) -> Result<Self> {
        from.base()?;
        let count = if version < 2 {
            from.count(16)?
        } else {
            from.short_count(20)?
        };
        let entries = (0..count).map(|_| {
            let name = from.shared_text()?;
            let width = if version < 2 { 4 } else { read_bits(from)? };
            Ok((name, read_vector(from, width)?))
        });
        Ok(Map::from_entries(entries.collect::<Result<_>>()?))
    }

    fn write(&self, to: &mut Encoder) -> Written {
        to.base();
        let Ok(count) = u32::try_from(self.len()) else {
            return Err("it has more than 4294967295 entries".into());
        };
        to.number(count);
        for (name, numbers) in self.iter() {
            to.text(name);
            write_vector(to, numbers);
        }
        Ok(())
    }
}
