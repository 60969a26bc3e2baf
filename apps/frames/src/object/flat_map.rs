use super::decoder::Decoder;
use super::encoder::Encoder;
use super::layout::{Layout, Written};
use super::sky_map::{self, MapHeader, OldValues};
use super::{FlatSkyProjection, ProjectionCode, SparseMap};
use crate::archive::Result;

/// A map of a part of the sky that is laid on a plane. Pixel `x + y * x_len` is column x of row y.
#[derive(Clone, Debug, PartialEq)]
pub struct FlatSkyMap {
    /// What it shows.
    pub header: MapHeader,
    /// Its size, and where it lies.
    pub projection: FlatSkyProjection,
    /// Its values.
    pub values: FlatValues,
    /// Whether Q and U are relative to the plane, and not to the sky.
    pub is_pol_flat: bool,
}

/// The values of a flat map.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum FlatValues {
    /// All are 0.
    #[default]
    Empty,
    /// By columns, without most zeros.
    Sparse(SparseMap),
    /// By rows, all of them.
    Dense(Vec<f64>),
}

impl FlatSkyMap {
    /// A map in which all is 0.
    pub fn new(header: MapHeader, projection: FlatSkyProjection) -> FlatSkyMap {
        FlatSkyMap {
            header,
            projection,
            values: FlatValues::Empty,
            is_pol_flat: false,
        }
    }

    /// The values that are there and not 0, with their pixels; by rows where all values are there,
    /// else by columns.
    pub fn nonzero(&self) -> Box<dyn Iterator<Item = (u64, f64)> + '_> {
        let x_len = self.projection.x_len;
        match &self.values {
            FlatValues::Empty => Box::new(std::iter::empty()),
            FlatValues::Sparse(map) => {
                let values = map.iter().map(move |(x, y, value)| (x + y * x_len, value));
                Box::new(values.filter(|(_, value)| *value != 0.0))
            }
            FlatValues::Dense(values) => {
                let values = (0..).zip(values.iter().copied());
                Box::new(values.filter(|(_, value)| *value != 0.0))
            }
        }
    }

    /// Whether the values are those of a map of this size.
    fn check(&self) -> Result<(), String> {
        let (x_len, y_len) = (self.projection.x_len, self.projection.y_len);
        let pixels = self.projection.pixels();
        let is_right = match &self.values {
            FlatValues::Empty => pixels.is_some(),
            FlatValues::Sparse(map) => {
                pixels.is_some() && (map.x_len(), map.y_len()) == (x_len, y_len)
            }
            FlatValues::Dense(values) => pixels == Some(values.len() as u64),
        };
        if is_right {
            Ok(())
        } else {
            Err(format!(
                "the values are not those of {x_len} x {y_len} pixels"
            ))
        }
    }
}

const DENSE: &str = "DenseMapData";

fn read_dense(from: &mut Decoder<'_>, size: (u64, u64)) -> Result<Vec<f64>> {
    from.version(DENSE, 1, 1)?;
    let (x_len, y_len) = (from.number::<u64>()?, from.number::<u64>()?);
    if (x_len, y_len) != size {
        let (x, y) = size;
        return Err(from.refuse(format!("{x_len} x {y_len} values for {x} x {y} pixels")));
    }
    from.vector()
}

/// Version 1 says itself where it lies.
fn read_projection(from: &mut Decoder<'_>, old: Option<&OldValues>) -> Result<FlatSkyProjection> {
    let (x_len, y_len) = old.map_or((0, 0), |old| (old.x_len, old.y_len));
    let projection = ProjectionCode(from.number()?);
    let (alpha_center, delta_center) = (from.number()?, from.number()?);
    let (y_res, x_res) = (from.number()?, from.number()?);
    let mut projection = FlatSkyProjection {
        x_len,
        y_len,
        projection,
        alpha_center,
        delta_center,
        x_res,
        y_res,
        x_center: f64::NAN,
        y_center: f64::NAN,
    };
    projection.settle();
    Ok(projection)
}

impl Layout for FlatSkyMap {
    const NEWEST: u32 = 4;

    fn read(from: &mut Decoder<'_>, version: u32) -> Result<Self> {
        from.base()?;
        let (header, old) = sky_map::read(from)?;
        let projection = if version < 2 {
            read_projection(from, old.as_ref())?
        } else {
            from.object()?
        };
        let mut own = FlatSkyMap::new(header, projection);
        let size = (own.projection.x_len, own.projection.y_len);
        if version >= 3 {
            let found = (from.number::<u64>()?, from.number::<u64>()?);
            if found != size {
                let problem = format!("the map has {found:?} pixels, its projection {size:?}");
                return Err(from.refuse(problem));
            }
            own.values = match from.number::<i32>()? {
                0 => FlatValues::Empty,
                1 => FlatValues::Sparse(SparseMap::read(from)?),
                2 => FlatValues::Dense(read_dense(from, size)?),
                other => return Err(from.refuse(format!("the unknown form {other} of values"))),
            };
        } else if let Some(old) = old.filter(|old| !old.values.is_empty()) {
            own.values = FlatValues::Dense(old.values);
        }
        if version >= 4 {
            own.is_pol_flat = from.number()?;
        }
        own.check().map_err(|problem| from.refuse(problem))?;
        Ok(own)
    }

    fn write(&self, to: &mut Encoder) -> Written {
        self.check()?;
        to.base();
        sky_map::write(&self.header, to);
        to.object(&self.projection)?;
        to.number(self.projection.x_len);
        to.number(self.projection.y_len);
        match &self.values {
            FlatValues::Empty => to.number(0i32),
            FlatValues::Sparse(map) => {
                to.number(1i32);
                map.write(to);
            }
            FlatValues::Dense(values) => {
                to.number(2i32);
                to.version(DENSE, 1);
                to.number(self.projection.x_len);
                to.number(self.projection.y_len);
                to.vector(values);
            }
        }
        to.number(self.is_pol_flat);
        Ok(())
    }
}
