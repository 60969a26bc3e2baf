use jobwise_figures::{Axis, Figure, Mark, Panel, Series};

use super::{Found, Picture, Point};

/// A quantity of a point, its unit, and where an optimisation puts it.
struct Quantity {
    title: &'static str,
    /// Of one that is of a path.
    unit: Option<&'static str>,
    value: fn(&Point) -> f64,
    optimised: Option<usize>,
}

const RANGE: Quantity = Quantity {
    title: "Range",
    unit: Some("km"),
    value: |p| p.range,
    optimised: Some(0),
};
const RANGE_RATE: Quantity = Quantity {
    title: "Range rate",
    unit: Some("km/s"),
    value: |p| p.range_rate,
    optimised: Some(1),
};
const ACCELERATION: Quantity = Quantity {
    title: "Acceleration",
    unit: Some("km/s\u{b2}"),
    value: |p| p.acceleration,
    optimised: Some(2),
};
const AMPLITUDE: Quantity = Quantity {
    title: "Amplitude over noise",
    unit: None,
    value: |p| p.snr.sqrt(),
    optimised: None,
};

impl Found {
    /// Range, range rate, acceleration and the square root of the signal-to-noise ratio against
    /// time: detections in colour, the rest in grey, optimised values as crosses.
    pub fn all_picture(&self, title: &str, size: (u32, u32)) -> Picture {
        let panels =
            [RANGE, RANGE_RATE, ACCELERATION, AMPLITUDE].map(|q| self.against_time(&q, true));
        Picture {
            name: "peaks",
            figure: Figure::new(title, size).panels(2, panels),
        }
    }

    /// The same of the detections alone, and range rate and acceleration against range.
    pub fn detections_picture(&self, title: &str, size: (u32, u32)) -> Picture {
        let panels = [
            self.against_time(&RANGE, false),
            self.against_time(&RANGE_RATE, false),
            self.against_range(&RANGE_RATE),
            self.against_time(&AMPLITUDE, false),
            self.against_time(&ACCELERATION, false),
            self.against_range(&ACCELERATION),
        ];
        Picture {
            name: "detections",
            figure: Figure::new(title, size).panels(3, panels),
        }
    }

    /// How an axis names a quantity, and the path that it is of.
    fn label(&self, quantity: &Quantity) -> String {
        match quantity.unit {
            Some(unit) => format!("{} [{unit}]", self.path.titled(quantity.title)),
            None => "\u{221a}SNR".to_owned(),
        }
    }

    fn against_time(&self, quantity: &Quantity, all: bool) -> Panel {
        let axis = Axis::utc("Start of integration (UTC)");
        let mut panel = Panel::new(quantity.title, axis, Axis::linear(&self.label(quantity)));
        let of = |wanted: bool| {
            let points = self
                .points()
                .iter()
                .filter(move |p| self.is_detection(p) == wanted);
            points.map(|p| (p.time, (quantity.value)(p)))
        };
        if all {
            let name = format!("below {} dB", self.limit);
            panel = panel.series(Series::new(&name, Mark::Dot, of(false)).faint());
        }
        let name = format!("{} dB or more", self.limit);
        panel = panel.series(Series::new(&name, Mark::Dot, of(true)));
        self.with_optimised(panel, quantity, |p| p.time)
    }

    fn against_range(&self, quantity: &Quantity) -> Panel {
        let detections = self.points().iter().filter(|p| self.is_detection(p));
        let series = Series::new(
            "",
            Mark::Dot,
            detections.map(|p| (p.range, (quantity.value)(p))),
        );
        let title = format!("{} against range", quantity.title);
        let panel = Panel::new(
            &title,
            Axis::linear(&self.label(&RANGE)),
            Axis::linear(&self.label(quantity)),
        );
        self.with_optimised(panel.series(series), quantity, |p| p.optimised[0])
    }

    /// Adds what an optimisation made of the detections, where there was one.
    fn with_optimised(&self, panel: Panel, quantity: &Quantity, x: fn(&Point) -> f64) -> Panel {
        let Some(index) = quantity.optimised else {
            return panel;
        };
        let detections = self.points().iter().filter(|p| self.is_detection(p));
        let crosses: Vec<(f64, f64)> = detections
            .filter(|p| p.optimised[index].is_finite())
            .map(|p| (x(p), p.optimised[index]))
            .collect();
        if crosses.is_empty() {
            return panel;
        }
        panel.series(Series::new("optimised", Mark::Cross, crosses).colour(1))
    }
}
