use super::{Binner, Contribution, Error, Polarization, Response, Result};
use crate::archive::Text;
use crate::filter::Polynomial;
use crate::frame::Frame;
use crate::object::{BolometerProperties, Map, Quat, Timestream};
use crate::pointing::{Boresight, Directions};
use crate::sky::Geometry;

/// How the samples of scans become a map: which objects of the frames say what.
#[derive(Clone, Debug)]
pub struct Binning {
    /// The timestreams, in Scan frames.
    pub timestreams: Text,
    /// The rotation of the boresight per sample, in Scan frames.
    pub pointing: Text,
    /// The weight of each detector, in the Scan frame, or else in the Calibration frame. All have
    /// weight 1 where there is no name.
    pub weights: Option<Text>,
    /// Offset and polarization of each detector, in the Calibration frame.
    pub properties: Text,
    /// What is taken from each timestream first.
    pub polynomial: Option<Polynomial>,
    /// The pixels of the map.
    pub geometry: Geometry,
    /// Whether the map has Q and U.
    pub polarization: Polarization,
}

/// What a lane needs for it.
#[derive(Debug)]
pub struct Scratch {
    binner: Binner,
    polynomial: Option<Polynomial>,
    samples: Vec<f64>,
    directions: Directions,
    pixels: Vec<i64>,
}

/// Samples whose directions lie near together in memory.
const BLOCK: usize = 1024;

impl Binning {
    /// The scratch of a lane.
    pub fn scratch(&self) -> Scratch {
        Scratch {
            binner: Binner::new(&self.geometry, self.polarization),
            polynomial: self.polynomial.clone(),
            samples: Vec::new(),
            directions: Directions::default(),
            pixels: Vec::new(),
        }
    }

    /// What a scan adds to the map, with the newest Calibration frame before it. `None` for a scan
    /// that is to be left out (`Turnaround`), or has no timestreams.
    ///
    /// Samples that are not finite do not count, and detectors of weight 0 neither. A timestream
    /// with too few samples for the polynomial is zero, and there is a warning.
    ///
    /// # Errors
    /// An object is missing or cannot be used, or they do not belong together; a detector has no
    /// weight, or no properties. The message says where the frame was read.
    pub fn contribution(
        &self,
        scan: &Frame,
        calibration: Option<&Frame>,
        scratch: &mut Scratch,
    ) -> Result<Option<Contribution>> {
        if scan.find_as::<bool>("Turnaround")? == Some(&true) {
            return Ok(None);
        }
        let timestreams = scan.timestreams(&self.timestreams)?;
        let Some((_, first)) = timestreams.iter().next() else {
            return Ok(None);
        };
        let detectors = Detectors {
            properties: self.properties(scan, calibration)?,
            weights: self.weights(scan, calibration)?,
            is_polarized: self.polarization != Polarization::None,
        };
        let boresight = Boresight::of(scan, &self.pointing)?;
        let mut times = (first.start.0, first.stop.0);
        let mut too_short = 0;
        for (name, timestream) in timestreams.iter() {
            let added = detectors.get(name).and_then(|detector| {
                if timestream.units != first.units {
                    let before = first.units;
                    return Err(format!(
                        "its units are {}, and not {before}",
                        timestream.units
                    ));
                }
                let Some((offset, response)) = detector else {
                    return Ok(true);
                };
                self.add(&boresight, timestream, offset, &response, scratch)
            });
            let added = added.map_err(|problem| {
                Error::content(scan, format!("{}: {name}: {problem}", self.timestreams))
            });
            match added {
                Ok(true) => {}
                Ok(false) => too_short += 1,
                Err(error) => {
                    // The next scan begins with nothing.
                    scratch.binner.take(first.units, times);
                    return Err(error);
                }
            }
            times.0 = times.0.min(timestream.start.0);
            times.1 = times.1.max(timestream.stop.0);
        }
        if too_short > 0 {
            let name = &self.timestreams;
            let warning = format!(
                "{name}: {too_short} timestreams have too few samples for the polynomial: they \
                 are zero"
            );
            log::warn!("{}", Error::content(scan, warning));
        }
        Ok(Some(scratch.binner.take(first.units, times)))
    }

    /// Adds a timestream; false where it has too few samples to be filtered.
    fn add(
        &self,
        boresight: &Boresight,
        timestream: &Timestream,
        offset: Quat,
        response: &Response,
        scratch: &mut Scratch,
    ) -> Result<bool, String> {
        let (samples, looks) = (timestream.len(), boresight.len());
        if samples != looks {
            let pointing = &self.pointing;
            return Err(format!(
                "it has {samples} samples, and {pointing} has {looks}"
            ));
        }
        let Scratch {
            binner,
            polynomial,
            samples,
            directions,
            pixels,
        } = scratch;
        timestream.samples.copy_to(samples);
        let is_filtered = match polynomial {
            Some(polynomial) => polynomial.filter(samples),
            None => true,
        };
        for start in (0..looks).step_by(BLOCK) {
            let block = start..looks.min(start + BLOCK);
            boresight.look(block.clone(), offset, self.geometry.coordinates, directions);
            self.geometry.pixels_of(directions, pixels);
            binner.add(response, &samples[block], pixels);
        }
        Ok(is_filtered)
    }

    fn properties<'f>(
        &self,
        scan: &Frame,
        calibration: Option<&'f Frame>,
    ) -> Result<&'f Map<BolometerProperties>> {
        let name = &self.properties;
        let calibration = calibration.ok_or_else(|| {
            let problem =
                format!("there is no Calibration frame before it, which should have {name}");
            Error::content(scan, problem)
        })?;
        Ok(calibration.get_as(name)?)
    }

    fn weights<'f>(
        &self,
        scan: &'f Frame,
        calibration: Option<&'f Frame>,
    ) -> Result<Option<&'f Map<f64>>> {
        let Some(name) = &self.weights else {
            return Ok(None);
        };
        if let Some(weights) = scan.find_as(name)? {
            return Ok(Some(weights));
        }
        let of_calibration = calibration.map(|frame| frame.find_as(name)).transpose()?;
        let nowhere = || {
            let problem = format!("neither it nor the Calibration frame before it has {name}");
            Error::content(scan, problem)
        };
        of_calibration.flatten().map(Some).ok_or_else(nowhere)
    }
}

struct Detectors<'f> {
    properties: &'f Map<BolometerProperties>,
    weights: Option<&'f Map<f64>>,
    is_polarized: bool,
}

impl Detectors<'_> {
    /// Direction and response of a detector; `None` where its samples do not count.
    fn get(&self, name: &Text) -> Result<Option<(Quat, Response)>, String> {
        let weight = match self.weights {
            None => 1.0,
            Some(weights) => *weights.get(name).ok_or("it has no weight")?,
        };
        let properties = self.properties.get(name).ok_or("it has no properties")?;
        if !weight.is_finite() {
            return Err(format!("its weight is {weight}"));
        }
        if weight == 0.0 {
            return Ok(None);
        }
        let offset = Quat::offset(properties.x_offset, properties.y_offset);
        if !self.is_polarized {
            return Ok(Some((offset, Response::of_intensity(weight))));
        }
        let (angle, efficiency) = (properties.pol_angle, properties.pol_efficiency);
        let is_possible = angle.is_finite() && (0.0..2.0).contains(&efficiency);
        if !is_possible {
            return Err(format!(
                "its polarization has the angle {angle} and the efficiency {efficiency}; a map \
                 without polarization needs none, and detectors of weight 0 neither"
            ));
        }
        Ok(Some((
            offset,
            Response::polarized(weight, angle, efficiency),
        )))
    }
}
