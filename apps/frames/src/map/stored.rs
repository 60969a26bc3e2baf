use super::pixels::{FileMap, Values, file_map};
use super::{Error, Layer, Polarization, Result, Sum};
use crate::archive::Text;
use crate::frame::{Frame, FrameType};
use crate::object::{
    CoordinateReference, MapHeader, Object, PolConvention, PolType, SkyMapWeights, Time, Units,
};

/// A map as frames hold it.
#[derive(Clone, Debug)]
pub struct StoredMap {
    /// Its name.
    pub id: Text,
    /// Its values.
    pub sum: Sum,
    /// Whether T, Q and U are multiplied by their weights.
    pub is_weighted: bool,
    /// Whether Q and U are relative to the plane of the map, and not to the sky.
    pub is_pol_flat: bool,
}

impl StoredMap {
    /// The map of a sum of scans.
    pub fn new(id: impl Into<Text>, sum: Sum) -> StoredMap {
        StoredMap {
            id: id.into(),
            sum,
            is_weighted: true,
            is_pol_flat: false,
        }
    }

    /// Reads a Map frame: its maps T, Q, U and H, its weights Wpol or Wunpol, and its times.
    ///
    /// # Errors
    /// There is none of them, one cannot be used, or they do not belong together.
    pub fn read(frame: &Frame) -> Result<StoredMap> {
        let id: &Text = frame.get_as("Id")?;
        let layers = layers(frame)?;
        let Some((_, first_layer, first)) = layers.first() else {
            let problem = "it has no map: none of T, Q, U, H, Wpol and Wunpol";
            return Err(Error::content(frame, problem));
        };
        let named =
            |name: &str, problem: String| Error::content(frame, format!("{name}: {problem}"));
        let geometry = first.geometry().map_err(|why| named("map", why))?;
        let code = first.header().pol_convention;
        let polarization = Polarization::from_code(code.0);
        let polarization =
            polarization.ok_or_else(|| named("map", format!("its polarization is {code}")))?;
        let kinds: Vec<Layer> = layers.iter().map(|(_, layer, _)| *layer).collect();
        let mut sum = Sum::with_layers(geometry, polarization, &kinds);
        let times = times(frame)?;
        let is_of_sky = |layer: Layer| !layer.is_weight() && layer != Layer::H;
        let mut is_weighted = None;
        for (name, layer, map) in &layers {
            let other = map.geometry().map_err(|why| named(name, why))?;
            let header = map.header();
            if other != geometry {
                let why = format!("it has other pixels than {first_layer}: {other}, {geometry}");
                return Err(named(name, why));
            }
            if is_of_sky(*layer) {
                if header.pol_convention != code {
                    let why = format!("its polarization is {}", header.pol_convention);
                    return Err(named(
                        name,
                        format!("{why}, and that of another map {code}"),
                    ));
                }
                sum.note(header.units, times).map_err(|why| why.at(frame))?;
                if *is_weighted.get_or_insert(header.is_weighted) != header.is_weighted {
                    let why = "some maps are multiplied by their weights, and others are not";
                    return Err(named(name, why.into()));
                }
            }
            let values = map.values().map_err(|why| named(name, why))?;
            let outside = (geometry.pixels(), header.overflow);
            sum.add_layer(*layer, values.into_iter().chain([outside]));
        }
        Ok(StoredMap {
            id: id.clone(),
            sum,
            is_weighted: is_weighted.unwrap_or(true),
            is_pol_flat: first.is_pol_flat(),
        })
    }

    /// A Map frame of this map: Id, T, Q, U, Wpol or Wunpol, H where there are hits,
    /// `StartTime` and `StopTime`.
    pub fn to_frame(&self) -> Frame {
        let mut frame = Frame::new(FrameType::MAP);
        frame.put("Id", self.id.clone());
        let sky = [Layer::T, Layer::Q, Layer::U];
        for layer in sky.into_iter().filter(|layer| self.has(*layer)) {
            frame.put(layer.to_string(), self.layer(layer, self.is_weighted));
        }
        self.put_others(&mut frame);
        frame
    }

    /// The same with the weights taken out of T, Q and U. Pixels without weight, or whose weights
    /// say too little, are NaN.
    ///
    /// # Errors
    /// There is no memory for all pixels.
    pub fn to_unweighted_frame(&self) -> Result<Frame> {
        if !self.is_weighted {
            return Ok(self.to_frame());
        }
        let mut frame = Frame::new(FrameType::MAP);
        frame.put("Id", self.id.clone());
        for (i, layer) in [Layer::T, Layer::Q, Layer::U].into_iter().enumerate() {
            if self.has(layer) {
                let mut values = self.nothing()?;
                for (pixel, sky) in self.sum.unweighted() {
                    values[pixel as usize] = sky[i];
                }
                let header = self.header(layer, false, 0.0);
                let geometry = self.sum.geometry();
                let map = file_map(geometry, header, self.is_pol_flat, Values::Dense(values));
                frame.put(layer.to_string(), map);
            }
        }
        self.put_others(&mut frame);
        Ok(frame)
    }

    /// A value for each pixel.
    fn nothing(&self) -> Result<Vec<f64>> {
        let pixels = self.sum.geometry().pixels();
        let mut values = Vec::new();
        match values.try_reserve_exact(pixels as usize) {
            Ok(()) => {
                values.resize(pixels as usize, f64::NAN);
                Ok(values)
            }
            Err(_) => Err(Error::Content {
                at: String::new(),
                problem: format!("{}: there is no memory for {pixels} pixels", self.id),
            }),
        }
    }

    fn has(&self, layer: Layer) -> bool {
        self.sum.layers().contains(&layer)
    }

    fn put_others(&self, frame: &mut Frame) {
        let weight = |layer| self.has(layer).then(|| self.layer(layer, true));
        let weights = SkyMapWeights {
            tt: weight(Layer::TT),
            tq: weight(Layer::TQ),
            tu: weight(Layer::TU),
            qq: weight(Layer::QQ),
            qu: weight(Layer::QU),
            uu: weight(Layer::UU),
        };
        if weights.is_polarized() {
            frame.put("Wpol", weights);
        } else if weights.tt.is_some() {
            frame.put("Wunpol", weights);
        }
        if self.has(Layer::H) {
            frame.put("H", self.layer(Layer::H, false));
        }
        if let Some((start, stop)) = self.sum.times() {
            frame.put("StartTime", Time(start));
            frame.put("StopTime", Time(stop));
        }
    }

    fn header(&self, layer: Layer, is_weighted: bool, overflow: f64) -> MapHeader {
        let units = self.sum.units().unwrap_or_default();
        MapHeader {
            coordinates: CoordinateReference(self.sum.geometry().coordinates.code()),
            units: if layer == Layer::H {
                Units::NONE
            } else {
                units
            },
            overflow,
            pol_type: PolType(layer.pol_type()),
            is_weighted,
            pol_convention: PolConvention(self.sum.polarization().code()),
        }
    }

    fn layer(&self, layer: Layer, is_weighted: bool) -> Object {
        let header = self.header(layer, is_weighted, self.sum.outside(layer));
        let mut values = self.sum.values(layer);
        let values = Values::Sparse(&mut values);
        file_map(self.sum.geometry(), header, self.is_pol_flat, values)
    }
}

/// The maps of a frame: the name of the object, the layer that it is, the map.
fn layers(frame: &Frame) -> Result<Vec<(String, Layer, FileMap<'_>)>> {
    let mut found = Vec::new();
    let map = |name: &str, object| {
        let problem = |why: crate::object::Error| Error::content(frame, format!("{name}: {why}"));
        FileMap::of(object).map_err(problem)
    };
    for layer in [Layer::T, Layer::Q, Layer::U, Layer::H] {
        let name = layer.to_string();
        if let Some(object) = frame.get(&name) {
            found.push((name.clone(), layer, map(&name, object)?));
        }
    }
    for weights in ["Wpol", "Wunpol"] {
        let Some(object) = frame.find_as::<SkyMapWeights>(weights)? else {
            continue;
        };
        for (name, part) in object.parts() {
            let mut weights_layers = Layer::ALL.into_iter().filter(|one| one.is_weight());
            let layer = weights_layers.find(|layer| layer.to_string() == name);
            if let (Some(layer), Some(object)) = (layer, part) {
                let name = format!("{weights}.{name}");
                found.push((name.clone(), layer, map(&name, object)?));
            }
        }
    }
    let mut kinds: Vec<Layer> = found.iter().map(|(_, layer, _)| *layer).collect();
    kinds.sort();
    if kinds.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Error::content(frame, "it has both Wpol and Wunpol"));
    }
    Ok(found)
}

fn times(frame: &Frame) -> Result<Option<(i64, i64)>> {
    let start: Option<&Time> = frame.find_as("StartTime")?;
    let stop: Option<&Time> = frame.find_as("StopTime")?;
    Ok(start.zip(stop).map(|(start, stop)| (start.0, stop.0)))
}
