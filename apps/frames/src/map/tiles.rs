use std::collections::BTreeMap;

use jobwise_core::{Error, Result, Wire};

/// Pixels of a tile.
pub(super) const PIXELS: u64 = 256;

/// Records of so many numbers for the pixels of a map, in tiles that exist where something was
/// added; a record of zeros elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tiles {
    width: usize,
    tiles: BTreeMap<u64, Box<[f64]>>,
}

/// The numbers of a tile with records of this width.
pub(super) fn empty_tile(width: usize) -> Box<[f64]> {
    vec![0.0; PIXELS as usize * width].into_boxed_slice()
}

impl Tiles {
    pub(super) fn new(width: usize) -> Tiles {
        Tiles {
            width,
            tiles: BTreeMap::new(),
        }
    }

    pub(super) fn of(width: usize, tiles: impl IntoIterator<Item = (u64, Box<[f64]>)>) -> Tiles {
        Tiles {
            width,
            tiles: tiles.into_iter().collect(),
        }
    }

    /// The numbers of a record.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The record of a pixel, made if need be.
    pub(super) fn record_mut(&mut self, pixel: u64) -> &mut [f64] {
        let make = || empty_tile(self.width);
        let tile = self.tiles.entry(pixel / PIXELS).or_insert_with(make);
        let at = (pixel % PIXELS) as usize * self.width;
        &mut tile[at..at + self.width]
    }

    /// The record of a pixel, where something was added to its tile.
    pub(super) fn record(&self, pixel: u64) -> Option<&[f64]> {
        let tile = self.tiles.get(&(pixel / PIXELS))?;
        let at = (pixel % PIXELS) as usize * self.width;
        Some(&tile[at..at + self.width])
    }

    /// The records that are not zero, in order of pixels.
    pub(super) fn records(&self) -> impl Iterator<Item = (u64, &[f64])> {
        self.tiles.iter().flat_map(|(&tile, values)| {
            let records = values.chunks_exact(self.width).enumerate();
            let of_tile = records.map(move |(at, record)| (tile * PIXELS + at as u64, record));
            of_tile.filter(|(_, record)| record.iter().any(|&value| value != 0.0))
        })
    }

    /// All records of the tiles that are there.
    pub(super) fn records_mut(&mut self) -> impl Iterator<Item = &mut [f64]> {
        let width = self.width;
        let tiles = self.tiles.values_mut();
        tiles.flat_map(move |values| values.chunks_exact_mut(width))
    }

    /// Adds the records of others.
    pub(super) fn add(&mut self, others: Tiles) {
        for (tile, values) in others.tiles {
            match self.tiles.get_mut(&tile) {
                Some(sum) => {
                    for (sum, value) in sum.iter_mut().zip(&values) {
                        *sum += value;
                    }
                }
                None => {
                    self.tiles.insert(tile, values);
                }
            }
        }
    }
}

impl Wire for Tiles {
    /// The numbers of a tile, and of its records those that are not zero, as a mask says.
    fn put(&self, out: &mut Vec<u8>) {
        self.width.put(out);
        self.tiles.len().put(out);
        for (tile, values) in &self.tiles {
            tile.put(out);
            let mut mask = [0u64; PIXELS as usize / 64];
            for (at, record) in values.chunks_exact(self.width).enumerate() {
                let is_there = record.iter().any(|&value| value != 0.0);
                mask[at / 64] |= u64::from(is_there) << (at % 64);
            }
            for word in mask {
                word.put(out);
            }
            for (at, record) in values.chunks_exact(self.width).enumerate() {
                if mask[at / 64] >> (at % 64) & 1 == 1 {
                    for value in record {
                        value.put(out);
                    }
                }
            }
        }
    }

    fn take(input: &mut &[u8]) -> Result<Tiles> {
        let width = usize::take(input)?;
        if !(1..=super::Layer::ALL.len()).contains(&width) {
            return Err(Error::Malformed(format!("{width} layers of a map")));
        }
        let mut tiles = Tiles::new(width);
        for _ in 0..usize::take(input)? {
            let tile = u64::take(input)?;
            let mut mask = [0u64; PIXELS as usize / 64];
            for word in &mut mask {
                *word = u64::take(input)?;
            }
            let mut values = empty_tile(width);
            for (at, record) in values.chunks_exact_mut(width).enumerate() {
                if mask[at / 64] >> (at % 64) & 1 == 1 {
                    for value in record {
                        *value = f64::take(input)?;
                    }
                }
            }
            tiles.tiles.insert(tile, values);
        }
        Ok(tiles)
    }
}
