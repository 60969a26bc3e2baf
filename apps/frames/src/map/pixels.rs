//! Between the maps of files and pixels with values.

use std::collections::BTreeMap;

use crate::object::{
    Column, FlatSkyMap, FlatSkyProjection, FlatValues, HealpixSkyMap, HealpixValues, MapHeader,
    Object, ProjectionCode, SparseMap,
};
use crate::pointing::Coordinates;
use crate::sky::{Flat, Geometry, Grid, Healpix, Order, Projection};

/// A map of a file.
#[derive(Clone, Copy, Debug)]
pub(super) enum FileMap<'a> {
    Flat(&'a FlatSkyMap),
    Healpix(&'a HealpixSkyMap),
}

/// The most pixels of a map that is added to others.
const MOST_PIXELS: u64 = 1 << 32;

impl<'a> FileMap<'a> {
    /// The map that an object is.
    pub(super) fn of(object: &'a Object) -> Result<FileMap<'a>, crate::object::Error> {
        match object.get::<HealpixSkyMap>() {
            Ok(map) => Ok(FileMap::Healpix(map)),
            Err(_) => object.get().map(FileMap::Flat),
        }
    }

    pub(super) fn header(self) -> &'a MapHeader {
        match self {
            FileMap::Flat(map) => &map.header,
            FileMap::Healpix(map) => &map.header,
        }
    }

    /// Whether Q and U are relative to the plane.
    pub(super) fn is_pol_flat(self) -> bool {
        matches!(self, FileMap::Flat(map) if map.is_pol_flat)
    }

    pub(super) fn geometry(self) -> Result<Geometry, String> {
        let code = self.header().coordinates;
        let coordinates = Coordinates::from_code(code.0);
        let coordinates = coordinates.ok_or_else(|| format!("its coordinates are {code}"))?;
        let grid = match self {
            FileMap::Flat(map) => Grid::Flat(flat(&map.projection)?),
            FileMap::Healpix(map) => {
                let order = if map.is_nested {
                    Order::Nested
                } else {
                    Order::Ring
                };
                Grid::Healpix(Healpix::new(map.nside, order)?)
            }
        };
        let geometry = Geometry { coordinates, grid };
        if geometry.pixels() > MOST_PIXELS {
            return Err(format!("it has more than {MOST_PIXELS} pixels"));
        }
        Ok(geometry)
    }

    /// The values that are not zero, with their pixels, in any order.
    pub(super) fn values(self) -> Result<Vec<(u64, f64)>, String> {
        let map = match self {
            FileMap::Flat(map) => return Ok(map.nonzero().collect()),
            FileMap::Healpix(map) => map,
        };
        let not_zero = |&(_, value): &(u64, f64)| value != 0.0;
        Ok(match &map.values {
            HealpixValues::Empty => Vec::new(),
            HealpixValues::Indexed(values) => values.iter().copied().filter(not_zero).collect(),
            HealpixValues::Dense(values) => {
                let all = (0..).zip(values.iter().copied());
                all.filter(not_zero).collect()
            }
            HealpixValues::Rings(rings) => {
                let ring_order = Healpix::new(map.nside, Order::Ring)?;
                let there = rings.iter().filter(|(_, _, value)| *value != 0.0);
                let pixel = |(ring, at, value)| {
                    let pixel = pixel_in_ring(map, &ring_order, ring, at);
                    pixel.map(|pixel| (pixel, value))
                };
                there.map(pixel).collect::<Result<_, _>>()?
            }
        })
    }
}

fn pixel_in_ring(
    map: &HealpixSkyMap,
    ring_order: &Healpix,
    ring: u64,
    at: u64,
) -> Result<u64, String> {
    let is_ring = (1..4 * map.nside).contains(&ring);
    let count = if is_ring {
        ring_order.ring_size(ring).0
    } else {
        0
    };
    if at >= count {
        return Err(format!(
            "it has a value at {at} of the {count} pixels of ring {ring}"
        ));
    }
    let at = if map.is_shifted {
        (at + count / 2) % count
    } else {
        at
    };
    let pixel = ring_order.ring_start(ring) + at;
    Ok(if map.is_nested {
        ring_order.ring_to_nested(pixel)
    } else {
        pixel
    })
}

fn flat(projection: &FlatSkyProjection) -> Result<Flat, String> {
    let code = projection.projection;
    let kind = Projection::from_code(code.0);
    let kind = kind.ok_or_else(|| format!("its projection is {code}"))?;
    if projection.pixels().is_none() {
        return Err("it has more pixels than can be counted".into());
    }
    Ok(Flat {
        projection: kind,
        width: projection.x_len,
        height: projection.y_len,
        alpha_center: projection.alpha_center,
        delta_center: projection.delta_center,
        x_res: projection.x_res,
        y_res: projection.y_res,
        x_center: projection.x_center,
        y_center: projection.y_center,
    })
}

/// The values of a new map.
pub(super) enum Values<'a> {
    /// Those that are not zero, with ascending pixels.
    Sparse(&'a mut dyn Iterator<Item = (u64, f64)>),
    /// All of them.
    Dense(Vec<f64>),
}

/// A map for a file.
pub(super) fn file_map(
    geometry: &Geometry,
    header: MapHeader,
    is_pol_flat: bool,
    values: Values<'_>,
) -> Object {
    match &geometry.grid {
        Grid::Flat(flat) => {
            let projection = FlatSkyProjection {
                x_len: flat.width,
                y_len: flat.height,
                projection: ProjectionCode(flat.projection.code()),
                alpha_center: flat.alpha_center,
                delta_center: flat.delta_center,
                x_res: flat.x_res,
                y_res: flat.y_res,
                x_center: flat.x_center,
                y_center: flat.y_center,
            };
            let mut map = FlatSkyMap::new(header, projection);
            map.is_pol_flat = is_pol_flat;
            map.values = match values {
                Values::Sparse(values) => FlatValues::Sparse(columns(flat, values)),
                Values::Dense(values) => FlatValues::Dense(values),
            };
            Object::new(map)
        }
        Grid::Healpix(healpix) => {
            let mut map = HealpixSkyMap::new(header, healpix.nside());
            map.is_nested = healpix.order() == Order::Nested;
            map.values = match values {
                Values::Sparse(values) => HealpixValues::Indexed(values.collect()),
                Values::Dense(values) => HealpixValues::Dense(values),
            };
            Object::new(map)
        }
    }
}

/// Values by columns, between the first and the last that are not zero.
fn columns(flat: &Flat, values: &mut dyn Iterator<Item = (u64, f64)>) -> SparseMap {
    let mut columns: BTreeMap<u64, Column> = BTreeMap::new();
    for (pixel, value) in values {
        let (x, y) = (pixel % flat.width, (pixel / flat.width) as u32);
        let column = columns.entry(x).or_default();
        if column.values.is_empty() {
            column.first = y;
        }
        column.values.resize((y - column.first) as usize, 0.0);
        column.values.push(value);
    }
    let first = columns.first_key_value().map_or(0, |(x, _)| *x);
    let end = columns.last_key_value().map_or(0, |(x, _)| x + 1);
    let all = (first..end).map(|x| columns.remove(&x).unwrap_or_default());
    let all: Vec<Column> = all.collect();
    SparseMap::new(flat.width, flat.height, first, all)
        .expect("pixels of the map lie in its columns and rows")
}
