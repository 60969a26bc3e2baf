use super::decoder::Decoder;
use super::encoder::Encoder;
use super::layout::{Layout, Written};
use super::{Object, Value};
use crate::archive::Result;

/// The weights of a map: the upper half of a symmetric matrix per pixel. Each is a map, a
/// [`FlatSkyMap`](super::FlatSkyMap) or a [`HealpixSkyMap`](super::HealpixSkyMap). Without
/// polarization there is only `tt`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SkyMapWeights {
    /// T with T.
    pub tt: Option<Object>,
    /// T with Q.
    pub tq: Option<Object>,
    /// T with U.
    pub tu: Option<Object>,
    /// Q with Q.
    pub qq: Option<Object>,
    /// Q with U.
    pub qu: Option<Object>,
    /// U with U.
    pub uu: Option<Object>,
}

impl SkyMapWeights {
    /// The maps with their names, in the order of files.
    pub fn parts(&self) -> [(&'static str, Option<&Object>); 6] {
        [
            ("TT", self.tt.as_ref()),
            ("TQ", self.tq.as_ref()),
            ("TU", self.tu.as_ref()),
            ("QQ", self.qq.as_ref()),
            ("QU", self.qu.as_ref()),
            ("UU", self.uu.as_ref()),
        ]
    }

    /// Whether there are weights of the polarized maps.
    pub fn is_polarized(&self) -> bool {
        self.parts()[1..].iter().any(|(_, map)| map.is_some())
    }
}

/// A map behind a pointer.
pub(super) fn read_map(from: &mut Decoder<'_>) -> Result<Option<Object>> {
    let object = from.pointer_to(None)?;
    let is_map = |object: &Object| {
        let value = object.value();
        matches!(value, Ok(Value::FlatSkyMap(_) | Value::HealpixSkyMap(_)))
    };
    match object {
        Some(object) if !is_map(&object) => Err(from.refuse("what should be a map is none")),
        other => Ok(other),
    }
}

/// In version 2 the number behind the maps that says that they are not polarized.
const UNPOLARIZED: u32 = 4;

impl Layout for SkyMapWeights {
    const NEWEST: u32 = 3;

    fn read(from: &mut Decoder<'_>, version: u32) -> Result<Self> {
        from.base()?;
        let own = SkyMapWeights {
            tt: read_map(from)?,
            tq: read_map(from)?,
            tu: read_map(from)?,
            qq: read_map(from)?,
            qu: read_map(from)?,
            uu: read_map(from)?,
        };
        if version == 2 && from.number::<u32>()? == UNPOLARIZED {
            let tt = own.tt;
            return Ok(SkyMapWeights {
                tt,
                ..SkyMapWeights::default()
            });
        }
        Ok(own)
    }

    fn write(&self, to: &mut Encoder) -> Written {
        to.base();
        self.parts()
            .iter()
            .try_for_each(|(_, map)| to.pointer_to(*map, false))
    }
}
