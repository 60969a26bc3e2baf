use super::contribution::Contribution;
use super::tiles::{PIXELS, Tiles, empty_tile};
use super::{Polarization, Response};
use crate::object::Units;
use crate::sky::Geometry;
use crate::vectors;

/// Adds the samples of a scan to a map, detector by detector. One per lane.
#[derive(Debug)]
pub struct Binner {
    polarization: Polarization,
    /// The record of what falls outside.
    outside: u64,
    /// Which tile of `tiles` holds these 256 pixels.
    slots: Vec<u32>,
    tiles: Vec<(u64, Box<[f64]>)>,
}

/// There is no tile of these pixels.
const EMPTY: u32 = u32::MAX;

impl Binner {
    /// Adds to a map of these pixels.
    pub fn new(geometry: &Geometry, polarization: Polarization) -> Binner {
        let outside = geometry.pixels();
        let tiles = outside / PIXELS + 1;
        Binner {
            polarization,
            outside,
            slots: vec![EMPTY; tiles as usize],
            tiles: Vec::new(),
        }
    }

    /// Adds the samples of a detector, which lie in these pixels. Samples that are not finite do
    /// not count; those outside ([`OUTSIDE`](crate::sky::OUTSIDE)) have a record of their own.
    ///
    /// # Panics
    /// There are more samples than pixels, or a pixel is none of the map.
    pub fn add(&mut self, response: &Response, samples: &[f64], pixels: &[i64]) {
        match self.polarization {
            Polarization::None => self.bin(response.intensity_record(), samples, pixels),
            _ => self.bin(response.polarized_record(), samples, pixels),
        }
    }

    fn bin<const N: usize>(
        &mut self,
        [times_value, by_itself]: [[f64; N]; 2],
        samples: &[f64],
        pixels: &[i64],
    ) {
        let pixels = &pixels[..samples.len()];
        vectors::run(
            #[inline(always)]
            || {
                for (&sample, &pixel) in samples.iter().zip(pixels) {
                    if !sample.is_finite() {
                        continue;
                    }
                    let record = self.record::<N>(pixel);
                    for part in 0..N {
                        record[part] += times_value[part] * sample + by_itself[part];
                    }
                }
            },
        );
    }

    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn record<const N: usize>(&mut self, pixel: i64) -> &mut [f64; N] {
        let pixel = u64::try_from(pixel).unwrap_or(self.outside);
        assert!(pixel <= self.outside, "no pixel {pixel} in this map");
        let tile = (pixel / PIXELS) as usize;
        if self.slots[tile] == EMPTY {
            self.make::<N>(tile);
        }
        let values = &mut self.tiles[self.slots[tile] as usize].1;
        &mut values.as_chunks_mut::<N>().0[(pixel % PIXELS) as usize]
    }

    #[cold]
    fn make<const N: usize>(&mut self, tile: usize) {
        self.slots[tile] = self.tiles.len() as u32;
        self.tiles.push((tile as u64, empty_tile(N)));
    }

    /// What was added since the last call: the contribution of a scan with this unit, from `start`
    /// to `stop`.
    pub fn take(&mut self, units: Units, (start, stop): (i64, i64)) -> Contribution {
        for (tile, _) in &self.tiles {
            self.slots[*tile as usize] = EMPTY;
        }
        let width = self.polarization.layers().len();
        Contribution {
            units,
            start,
            stop,
            tiles: Tiles::of(width, self.tiles.drain(..)),
        }
    }
}
