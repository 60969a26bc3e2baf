use std::collections::HashSet;

use super::decoder::Decoder;
use super::encoder::Encoder;
use super::layout::{Layout, Written};
use super::maps::read_entries;
use super::value::Class;
use super::{Map, Object, Time, Timestream};
use crate::archive::{Result, Text};

/// Timestreams by name, in the order in which they were put in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimestreamMap {
    /// Each object is a timestream. Two names can have the same one.
    entries: Vec<(Text, Object)>,
    /// Whether the names are in another order than that of their bytes: most often they are not.
    is_unsorted: bool,
}

impl TimestreamMap {
    /// One without entries.
    pub fn new() -> TimestreamMap {
        TimestreamMap::default()
    }

    /// The timestream of that name.
    pub fn get(&self, name: impl AsRef<[u8]>) -> Option<&Timestream> {
        let index = self.find(name.as_ref())?;
        Some(timestream(&self.entries[index].1))
    }

    /// The same as an object, which shares memory with its copies.
    pub fn object(&self, name: impl AsRef<[u8]>) -> Option<&Object> {
        let index = self.find(name.as_ref())?;
        Some(&self.entries[index].1)
    }

    /// Puts a timestream in: in place of that of the same name, or behind all others.
    pub fn insert(&mut self, name: impl Into<Text>, timestream: Timestream) {
        self.put(name.into(), timestream.into());
    }

    fn put(&mut self, name: Text, object: Object) {
        if let Some(index) = self.find(&name) {
            self.entries[index].1 = object;
            return;
        }
        let is_next = self.entries.last().is_none_or(|(last, _)| *last < name);
        self.is_unsorted |= !is_next;
        self.entries.push((name, object));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Names and timestreams, in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Text, &Timestream)> {
        let entries = self.entries.iter();
        entries.map(|(name, object)| (name, timestream(object)))
    }

    /// The names, in their order.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &Text> {
        self.entries.iter().map(|(name, _)| name)
    }

    /// Names and objects, in their order.
    pub fn objects(&self) -> impl ExactSizeIterator<Item = (&Text, &Object)> {
        self.entries.iter().map(|(name, object)| (name, object))
    }

    fn find(&self, name: &[u8]) -> Option<usize> {
        if self.is_unsorted {
            self.entries.iter().position(|(own, _)| **own == *name)
        } else {
            let found = self.entries.binary_search_by(|(own, _)| (**own).cmp(name));
            found.ok()
        }
    }
}

fn timestream(object: &Object) -> &Timestream {
    object.get().expect("only timestreams are put in")
}

impl<N: Into<Text>> FromIterator<(N, Timestream)> for TimestreamMap {
    fn from_iter<I: IntoIterator<Item = (N, Timestream)>>(entries: I) -> TimestreamMap {
        let mut map = TimestreamMap::new();
        for (name, timestream) in entries {
            map.insert(name, timestream);
        }
        map
    }
}

impl Layout for TimestreamMap {
    const NEWEST: u32 = 3;

    fn read(from: &mut Decoder<'_>, version: u32) -> Result<Self> {
        from.base()?;
        if version < 3 {
            return read_inline(from, version);
        }
        let count = from.count(8 + 8)?;
        let mut map = TimestreamMap::new();
        for _ in 0..count {
            let name = from.shared_text()?;
            let object = from.pointer_to(Some(Timestream::NAME))?;
            let is_timestream = |object: &Object| object.get::<Timestream>().is_ok();
            let Some(object) = object.filter(is_timestream) else {
                return Err(from.refuse(format!("{name} is not a timestream")));
            };
            let is_after = map.entries.last().is_none_or(|(last, _)| *last < name);
            map.is_unsorted |= !is_after;
            map.entries.push((name, object));
        }
        if map.is_unsorted {
            // Of equal names the first one counts.
            let mut seen = HashSet::with_capacity(map.len());
            map.entries.retain(|(name, _)| seen.insert(name.clone()));
        }
        Ok(map)
    }

    fn write(&self, to: &mut Encoder) -> Written {
        to.base();
        to.count(self.len());
        self.objects().try_for_each(|(name, object)| {
            to.text(name);
            to.pointer_to(Some(object), true)
        })
    }
}

/// Before version 3 timestreams lie in the map itself, in the order of their names. In version 1
/// all have one start and one stop.
fn read_inline(from: &mut Decoder<'_>, version: u32) -> Result<TimestreamMap> {
    let map: Map<Timestream> = read_entries(from)?;
    let span: Option<(Time, Time)> = if version < 2 {
        Some((from.object()?, from.object()?))
    } else {
        None
    };
    let entries = map.into_iter().map(|(name, mut timestream)| {
        if let Some((start, stop)) = span {
            timestream.start = start;
            timestream.stop = stop;
        }
        (name, timestream)
    });
    Ok(entries.collect())
}
