use jobwise_core::{Error as CoreError, Result as CoreResult, Wire};

use super::contribution::Contribution;
use super::tiles::Tiles;
use super::{Error, Layer, Polarization, Weights};
use crate::object::Units;
use crate::sky::Geometry;

/// The sum of contributions to a map, and of other sums.
///
/// T, Q and U are weighted: they are sums of samples times weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Sum {
    geometry: Geometry,
    polarization: Polarization,
    layers: Vec<Layer>,
    units: Option<Units>,
    times: Option<(i64, i64)>,
    tiles: Tiles,
}

impl Sum {
    /// Nothing yet, for contributions to a map of these pixels.
    pub fn new(geometry: Geometry, polarization: Polarization) -> Sum {
        Sum::with_layers(geometry, polarization, polarization.layers())
    }

    /// The same with other layers.
    ///
    /// # Panics
    /// There is no layer, or one is there twice.
    pub fn with_layers(geometry: Geometry, polarization: Polarization, layers: &[Layer]) -> Sum {
        let mut sorted = layers.to_vec();
        sorted.sort();
        sorted.dedup();
        assert!(!sorted.is_empty() && sorted.len() == layers.len());
        Sum {
            geometry,
            polarization,
            layers: sorted,
            units: None,
            times: None,
            tiles: Tiles::new(layers.len()),
        }
    }

    /// Adds what a scan gives.
    ///
    /// # Errors
    /// The unit of its samples is another than that of the scans before.
    ///
    /// # Panics
    /// It was made for a map with other layers.
    pub fn add(&mut self, scan: Contribution) -> Result<(), Error> {
        assert_eq!(scan.tiles.width(), self.layers.len(), "layers of a scan");
        self.note_units(Some(scan.units))?;
        self.note_times(Some((scan.start, scan.stop)));
        self.tiles.add(scan.tiles);
        Ok(())
    }

    /// Adds another sum.
    ///
    /// # Errors
    /// It has other pixels, layers or units.
    pub fn merge(&mut self, other: Sum) -> Result<(), Error> {
        self.check(&other)?;
        self.note_units(other.units)?;
        self.note_times(other.times);
        self.tiles.add(other.tiles);
        Ok(())
    }

    /// Adds values of a layer, each to its pixel. The pixel behind the last one is the outside.
    ///
    /// # Panics
    /// There is no such layer, or no such pixel.
    pub fn add_layer(&mut self, layer: Layer, values: impl IntoIterator<Item = (u64, f64)>) {
        let place = self.place(layer).expect("the sum has this layer");
        for (pixel, value) in values {
            assert!(pixel <= self.geometry.pixels(), "no pixel {pixel}");
            // Zeros make no tile.
            if value != 0.0 {
                self.tiles.record_mut(pixel)[place] += value;
            }
        }
    }

    /// Notes the unit and the times of what [`add_layer`](Self::add_layer) adds.
    ///
    /// # Errors
    /// The unit is another than that of what was added before.
    pub fn note(&mut self, units: Units, times: Option<(i64, i64)>) -> Result<(), Error> {
        self.note_units(Some(units))?;
        self.note_times(times);
        Ok(())
    }

    /// Multiplies T, Q and U by the weights, of a map where that was not done.
    pub fn apply_weights(&mut self) {
        let places = Layer::ALL.map(|layer| self.place(layer));
        for record in self.tiles.records_mut() {
            let all = places.map(|place| place.map_or(0.0, |place| record[place]));
            let weighted = weights_of(&all).apply([all[0], all[1], all[2]]);
            for (place, value) in places.iter().zip(weighted) {
                if let Some(place) = *place {
                    record[place] = value;
                }
            }
        }
    }

    fn check(&self, other: &Sum) -> Result<(), Error> {
        if self.geometry != other.geometry {
            let text = |geometry: &Geometry| format!("{geometry} {geometry:?}");
            let [mut before, mut now] = [self, other].map(|sum| sum.geometry.to_string());
            if before == now {
                [before, now] = [self, other].map(|sum| text(&sum.geometry));
            }
            return Err(Error::Geometry { before, now });
        }
        if self.polarization != other.polarization {
            return Err(Error::Polarization {
                before: self.polarization,
                now: other.polarization,
            });
        }
        if self.layers != other.layers {
            let names = |layers: &[Layer]| {
                let names: Vec<String> = layers.iter().map(Layer::to_string).collect();
                names.join(", ")
            };
            return Err(Error::Layers {
                before: names(&self.layers),
                now: names(&other.layers),
            });
        }
        Ok(())
    }

    fn note_units(&mut self, now: Option<Units>) -> Result<(), Error> {
        match (self.units, now) {
            (Some(before), Some(now)) if before != now => Err(Error::Units { before, now }),
            (before, now) => {
                self.units = before.or(now);
                Ok(())
            }
        }
    }

    fn note_times(&mut self, now: Option<(i64, i64)>) {
        let both =
            |(before, now): ((i64, i64), (i64, i64))| (before.0.min(now.0), before.1.max(now.1));
        self.times = self.times.zip(now).map(both).or(self.times).or(now);
    }

    /// The pixels.
    pub fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// Whether there are Q and U, and which way U turns.
    pub fn polarization(&self) -> Polarization {
        self.polarization
    }

    /// The layers, in their order.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The unit of samples; `None` where nothing was added.
    pub fn units(&self) -> Option<Units> {
        self.units
    }

    /// The times of the first and of the last sample; `None` where nothing was added.
    pub fn times(&self) -> Option<(i64, i64)> {
        self.times
    }

    fn place(&self, layer: Layer) -> Option<usize> {
        self.layers.iter().position(|&one| one == layer)
    }

    /// The pixels of a layer that are not zero, ascending; none of a layer that is not there.
    pub fn values(&self, layer: Layer) -> impl Iterator<Item = (u64, f64)> {
        let place = self.place(layer);
        let pixels = self.geometry.pixels();
        let records = self.tiles.records();
        let values = records.filter_map(move |(pixel, record)| Some((pixel, record[place?])));
        values.filter(move |&(pixel, value)| pixel < pixels && value != 0.0)
    }

    /// The pixels with a value in any layer, ascending.
    pub fn seen(&self) -> impl Iterator<Item = u64> {
        let pixels = self.geometry.pixels();
        let all = self.tiles.records().map(|(pixel, _)| pixel);
        all.filter(move |&pixel| pixel < pixels)
    }

    /// A pixel of a layer; zero where nothing was added, or the layer is not there.
    pub fn value(&self, layer: Layer, pixel: u64) -> f64 {
        let record = self.tiles.record(pixel);
        let place = self.place(layer);
        record
            .zip(place)
            .map_or(0.0, |(record, place)| record[place])
    }

    /// All pixels of a layer.
    pub fn dense(&self, layer: Layer) -> Vec<f64> {
        let mut all = vec![0.0; self.geometry.pixels() as usize];
        for (pixel, value) in self.values(layer) {
            all[pixel as usize] = value;
        }
        all
    }

    /// The sum of what fell outside of the map.
    pub fn outside(&self, layer: Layer) -> f64 {
        self.value(layer, self.geometry.pixels())
    }

    /// T, Q and U without weights, of the pixels that were hit, ascending; Q and U are zero without
    /// polarization. NaN where the weights say too little: that is what all other pixels are.
    pub fn unweighted(&self) -> impl Iterator<Item = (u64, [f64; 3])> {
        let places = Layer::ALL.map(|layer| self.place(layer));
        let pixels = self.geometry.pixels();
        let is_polarized = self.place(Layer::QQ).is_some();
        let records = self.tiles.records().filter(move |record| record.0 < pixels);
        records.map(move |(pixel, record)| {
            let all = places.map(|place| place.map_or(0.0, |place| record[place]));
            let values = if is_polarized {
                weights_of(&all).remove([all[0], all[1], all[2]])
            } else {
                [all[0] / all[3], 0.0, 0.0]
            };
            (pixel, values)
        })
    }
}

/// The weights of a record with all layers.
fn weights_of(record: &[f64; 10]) -> Weights {
    let [_, _, _, tt, tq, tu, qq, qu, uu, _] = *record;
    Weights {
        tt,
        tq,
        tu,
        qq,
        qu,
        uu,
    }
}

impl Wire for Sum {
    fn put(&self, out: &mut Vec<u8>) {
        self.geometry.put(out);
        self.polarization.code().put(out);
        let layers: Vec<u8> = self.layers.iter().map(|layer| layer.number()).collect();
        layers.put(out);
        (self.units.map(|units| units.0), self.times).put(out);
        self.tiles.put(out);
    }

    fn take(input: &mut &[u8]) -> CoreResult<Sum> {
        let wrong = |what: &str| CoreError::Malformed(what.to_owned());
        let geometry = Geometry::take(input)?;
        let polarization = Polarization::from_code(u32::take(input)?);
        let polarization = polarization.ok_or_else(|| wrong("no polarization"))?;
        let numbers = Vec::<u8>::take(input)?;
        let layer = |&number: &u8| Layer::ALL.get(usize::from(number)).copied();
        let layers: Option<Vec<Layer>> = numbers.iter().map(layer).collect();
        let layers = layers.filter(|layers| layers.is_sorted_by(|a, b| a < b));
        let layers = layers.ok_or_else(|| wrong("no layers of a map"))?;
        let (units, times): (Option<u32>, _) = Wire::take(input)?;
        let tiles = Tiles::take(input)?;
        if tiles.width() != layers.len() {
            return Err(wrong("records that are not of these layers"));
        }
        Ok(Sum {
            geometry,
            polarization,
            layers,
            units: units.map(Units),
            times,
            tiles,
        })
    }
}
