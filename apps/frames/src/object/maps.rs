use super::decoder::Decoder;
use super::encoder::Encoder;
use super::layout::{Layout, Part, Written, whole_objects};
use super::map::Map;
use super::value::Class;
use crate::archive::Result;

impl<T: Part> Layout for Map<T>
where
    Map<T>: Class,
{
    fn read(from: &mut Decoder<'_>, _: u32) -> Result<Self> {
        from.base()?;
        read_entries(from)
    }

    fn write(&self, to: &mut Encoder) -> Written {
        to.base();
        write_entries(self, to)
    }
}

/// A map without the words of a class.
pub(super) fn read_entries<T: Part>(from: &mut Decoder<'_>) -> Result<Map<T>> {
    let count = from.count(8 + T::LEAST)?;
    let entries = (0..count).map(|_| Ok((from.shared_text()?, T::read_part(from)?)));
    Ok(Map::from_entries(entries.collect::<Result<_>>()?))
}

pub(super) fn write_entries<T: Part>(map: &Map<T>, to: &mut Encoder) -> Written {
    to.count(map.len());
    map.iter().try_for_each(|(name, value)| {
        to.text(name);
        value.write_part(to)
    })
}

whole_objects! {
    Map<f64>, 8;
}
