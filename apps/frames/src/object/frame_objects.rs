use super::decoder::Decoder;
use super::encoder::Encoder;
use super::layout::{Layout, Written};
use super::map::Map;
use super::{Object, Time};
use crate::archive::Result;

/// Objects one after the other. Those that are copies of one object stay so.
impl Layout for Vec<Object> {
    fn read(from: &mut Decoder<'_>, _: u32) -> Result<Self> {
        from.base()?;
        let count = from.count(4)?;
        let objects = (0..count).map(|_| {
            let object = from.pointer_to(None)?;
            object.ok_or_else(|| from.refuse("a pointer to nothing"))
        });
        objects.collect()
    }

    fn write(&self, to: &mut Encoder) -> Written {
        to.base();
        to.count(self.len());
        self.iter()
            .try_for_each(|object| to.pointer_to(Some(object), false))
    }
}

/// Each object is an archive of its own: those of unknown classes can be passed on.
impl Layout for Map<Object> {
    fn read(from: &mut Decoder<'_>, _: u32) -> Result<Self> {
        from.base()?;
        let count = from.short_count(16)?;
        let entries = (0..count).map(|_| Ok((from.shared_text()?, from.nested()?)));
        Ok(Map::from_entries(entries.collect::<Result<_>>()?))
    }

    fn write(&self, to: &mut Encoder) -> Written {
        to.base();
        let Ok(count) = u32::try_from(self.len()) else {
            return Err("it has more than 4294967295 entries".into());
        };
        to.number(count);
        self.iter().try_for_each(|(name, object)| {
            to.text(name);
            to.nested(object)
        })
    }
}

/// Vectors by name, with a value per instant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimesampleMap {
    /// The instants.
    pub times: Vec<Time>,
    /// The vectors: of numbers, integers, truth values or texts, one for each instant.
    pub columns: Map<Object>,
}

impl TimesampleMap {
    fn check(&self) -> Result<(), String> {
        let rows = self.times.len();
        for (name, column) in self.columns.iter() {
            let value = column
                .value()
                .map_err(|error| format!("column {name}: {error}"))?;
            let length = match value {
                super::Value::VectorDouble(column) => column.len(),
                super::Value::VectorInt(column) => column.len(),
                super::Value::VectorBool(column) => column.len(),
                super::Value::VectorString(column) => column.len(),
                other => {
                    return Err(format!(
                        "column {name} is a {}, and not a vector of numbers, integers, truth \
                         values or texts",
                        other.class()
                    ));
                }
            };
            if length != rows {
                return Err(format!(
                    "column {name} has {length} values for {rows} times"
                ));
            }
        }
        Ok(())
    }
}

impl Layout for TimesampleMap {
    const OLDEST: u32 = 0;
    const NEWEST: u32 = 0;

    fn read(from: &mut Decoder<'_>, _: u32) -> Result<Self> {
        let columns = from.object()?;
        let times = from.object()?;
        let map = TimesampleMap { times, columns };
        map.check().map_err(|problem| from.refuse(problem))?;
        Ok(map)
    }

    fn write(&self, to: &mut Encoder) -> Written {
        self.check()?;
        to.object(&self.columns)?;
        to.object(&self.times)
    }
}
