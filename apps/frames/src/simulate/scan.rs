use super::noise::Noise;
use super::{AMPLITUDE, BEGIN, CENTER, NOISE, Observation, POLARIZED, REACH, STEP, WIDTH};
use crate::archive::Text;
use crate::frame::{Frame, FrameType};
use crate::object::{
    BolometerProperties, ChannelMapping, Compression, Coupling, Map, Quat, Time, Timestream,
    TimestreamMap, TimestreamQuat, Units,
};

/// A degree in rad.
const DEGREE: f64 = std::f64::consts::PI / 180.0;
/// Raw counts per K.
const COUNTS: f64 = 100_000.0;

impl Observation {
    /// The name of a detector.
    pub(super) fn name(detector: usize) -> Text {
        format!("det{detector:04}").into()
    }

    /// Observation, Wiring.
    pub(super) fn shared(&self) -> [Frame; 2] {
        let mut observation = Frame::new(FrameType::OBSERVATION);
        observation.put("SourceName", Text::from("simulated"));
        observation.put("ObservationID", 1i64);
        observation.put("ObservationStart", BEGIN);
        observation.put("ObservationStop", self.time(self.scans, 0));
        let mut wiring = Frame::new(FrameType::WIRING);
        let channel = |detector: usize| {
            let mapping = ChannelMapping {
                module: (detector / 64) as i32,
                channel: (detector % 64) as i32,
                ..ChannelMapping::default()
            };
            (Observation::name(detector), mapping)
        };
        let channels = (0..self.detectors).map(channel).collect();
        wiring.put("WiringMap", Map::from_entries(channels));
        [observation, wiring]
    }

    /// Calibration: where detectors look, and how they weigh.
    pub(super) fn calibration(&self) -> Frame {
        let mut calibration = Frame::new(FrameType::CALIBRATION);
        let properties = (0..self.detectors)
            .map(|detector| (Observation::name(detector), self.properties(detector)));
        let weights = (0..self.detectors).map(|detector| {
            (
                Observation::name(detector),
                1.0 + (detector % 4) as f64 / 4.0,
            )
        });
        let factors =
            (0..self.detectors).map(|detector| (Observation::name(detector), 1.0 / COUNTS));
        calibration.put(
            "BolometerProperties",
            Map::from_entries(properties.collect()),
        );
        calibration.put("TodWeights", Map::from_entries(weights.collect()));
        calibration.put("CalFactor", Map::from_entries(factors.collect()));
        calibration
    }

    /// Detectors look at a square of half a degree, with four angles of polarization.
    fn properties(&self, detector: usize) -> BolometerProperties {
        let side = (self.detectors as f64).sqrt().ceil().max(1.0);
        let place = |index: f64| (index + 0.5) / side - 0.5;
        let row = (detector as f64 / side).floor();
        BolometerProperties {
            physical_name: format!("w0_{detector}").into(),
            x_offset: 0.5 * DEGREE * place(detector as f64 - row * side),
            y_offset: 0.5 * DEGREE * place(row),
            band: 1500.0,
            pol_angle: (detector % 4) as f64 * 45.0 * DEGREE,
            pol_efficiency: 1.0,
            wafer: "w0".into(),
            coupling: Coupling::OPTICAL,
            ..BolometerProperties::default()
        }
    }

    /// A scan.
    pub(super) fn scan(&self, scan: usize) -> Frame {
        let mut frame = Frame::new(FrameType::SCAN);
        let (start, stop) = (self.time(scan, 0), self.time(scan, self.samples - 1));
        let boresight: Vec<(f64, f64)> = (0..self.samples)
            .map(|sample| self.boresight(scan, sample))
            .collect();
        let (mut raw, mut calibrated) = (TimestreamMap::new(), TimestreamMap::new());
        for detector in 0..self.detectors {
            let signal = self.signal(scan, detector, &boresight);
            let counts: Vec<i32> = signal
                .iter()
                .map(|signal| (signal * COUNTS).round() as i32)
                .collect();
            let kelvin: Vec<f32> = counts
                .iter()
                .map(|count| (f64::from(*count) / COUNTS) as f32)
                .collect();
            let mut counts = Timestream::new(counts, Units::COUNTS, start, stop);
            counts.compression = self.is_compressed.then_some(Compression {
                level: 5,
                depth: 32,
            });
            raw.insert(Observation::name(detector), counts);
            calibrated.insert(
                Observation::name(detector),
                Timestream::new(kelvin, Units::TCMB, start, stop),
            );
        }
        frame.put("ScanNumber", scan as i64);
        frame.put("SourceName", Text::from("simulated"));
        frame.put("ObservationID", 1i64);
        frame.put("Turnaround", Observation::is_turnaround(scan));
        frame.put("RawTimestreams_I", raw);
        frame.put("CalTimestreams", calibrated);
        let quats = boresight
            .iter()
            .map(|(alpha, delta)| Quat::rotation(alpha * DEGREE, delta * DEGREE));
        let quats = quats.collect();
        frame.put("OnlineRaDecRotation", TimestreamQuat { quats, start, stop });
        frame
    }

    fn time(&self, scan: usize, sample: usize) -> Time {
        Time(BEGIN.0 + (scan * self.samples + sample) as i64 * STEP)
    }

    /// Where the telescope looks, in degrees.
    fn boresight(&self, scan: usize, sample: usize) -> (f64, f64) {
        let part = 2.0 * sample as f64 / (self.samples.max(2) - 1) as f64 - 1.0;
        let part = if scan.is_multiple_of(2) { part } else { -part };
        let rise = 2.0 * (scan as f64 + 0.5) / self.scans as f64 - 1.0;
        let delta = CENTER.1 + REACH * rise;
        (CENTER.0 + REACH * part / (delta * DEGREE).cos(), delta)
    }

    /// What a detector measures, in K.
    fn signal(&self, scan: usize, detector: usize, boresight: &[(f64, f64)]) -> Vec<f64> {
        let noise = Noise { seed: self.seed };
        let properties = self.properties(detector);
        let offset = Quat::offset(properties.x_offset, properties.y_offset);
        let center = Quat::direction(CENTER.0 * DEGREE, CENTER.1 * DEGREE);
        let (sin, cos) = (2.0 * properties.pol_angle).sin_cos();
        let polarized = 1.0 + POLARIZED.0 * cos + POLARIZED.1 * sin;
        let sample = |(sample, &(alpha, delta)): (usize, &(f64, f64))| {
            let rotation = Quat::rotation(alpha * DEGREE, delta * DEGREE);
            let looks = rotation * offset * rotation.conjugate();
            let along = looks.b * center.b + looks.c * center.c + looks.d * center.d;
            let angle = along.clamp(-1.0, 1.0).acos() / DEGREE;
            let source = AMPLITUDE * (-0.5 * (angle / WIDTH).powi(2)).exp();
            let drift = 0.3 * (detector as f64 / self.detectors as f64)
                + sample as f64 / self.samples as f64;
            source * polarized
                + drift
                + NOISE * noise.normal(scan as u32, detector as u32, sample as u32)
        };
        boresight.iter().enumerate().map(sample).collect()
    }
}
