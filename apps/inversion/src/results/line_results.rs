use jobwise_kit::Digest;

use crate::inference::Quantity;
use crate::model::Place;
use crate::options::DataType;
use crate::survey::{Line, Sounding};
use crate::task::Task;

/// What the file of a line is about.
#[derive(Clone, Copy, Debug)]
pub struct LineResults<'a> {
    /// What is computed.
    pub task: &'a Task,
    /// The texts of the files of the systems, one per system.
    pub systems: &'a [String],
    /// The line of the task's survey.
    pub line: &'a Line,
}

impl<'a> LineResults<'a> {
    /// The name of the file: the line as Python writes it.
    pub fn file_name(&self) -> String {
        format!("{:?}.h5", self.line.number)
    }

    /// All soundings of the line, by fiducial.
    pub fn soundings(&self) -> &'a [Sounding] {
        &self.task.survey.soundings[self.line.soundings.clone()]
    }

    /// The quantities that statistics are about, in the order in which chains give them.
    pub(super) fn quantities(&self) -> Vec<Quantity> {
        Quantity::all(&self.task.settings, &self.task.options.depths)
    }

    /// The number of data of a sounding.
    pub(super) fn channels(&self) -> usize {
        self.task.survey.channels.len()
    }

    /// m, one per sounding, as the file of data has them.
    pub(super) fn heights(&self) -> Vec<f64> {
        self.soundings().iter().map(height).collect()
    }

    /// What geobipy calls data, and their unit.
    pub(super) fn data_name(&self) -> (&'static str, &'static str) {
        match self.task.options.data_type {
            DataType::Fdem => ("Frequency domain data", "ppm"),
            DataType::Tdem | DataType::Tempest => ("Data", r"$\frac{V}{m^{2}}$"),
        }
    }

    /// A digest of all that is measured, and with what: two runs may share a file where it is the
    /// same.
    pub(super) fn digest(&self) -> String {
        let digest = Digest::new("soundings of a line 1").number("line", self.line.number);
        let systems = self.systems.iter();
        let mut digest = systems.fold(digest, |digest, text| digest.text("system", text));
        for sounding in self.soundings() {
            digest = digest
                .number("fiducial", sounding.fiducial)
                .number("x", sounding.x)
                .number("y", sounding.y)
                .number("elevation", sounding.elevation);
            let place = match &sounding.place {
                Place::Altitude(height) => vec![*height],
                Place::Geometry(g) => vec![
                    g.tx_height,
                    g.tx_roll,
                    g.tx_pitch,
                    g.tx_yaw,
                    g.txrx_dx,
                    g.txrx_dy,
                    g.txrx_dz,
                    g.rx_roll,
                    g.rx_pitch,
                    g.rx_yaw,
                ],
            };
            let numbers = place.into_iter().chain(sounding.primary);
            let numbers = numbers.chain(sounding.data.iter().copied());
            for number in numbers.chain(sounding.deviations.iter().flatten().copied()) {
                digest = digest.number("", number);
            }
        }
        digest.finish()
    }
}

/// m above the ground, as the file of data has it.
pub(super) fn height(sounding: &Sounding) -> f64 {
    match &sounding.place {
        Place::Altitude(height) => *height,
        Place::Geometry(geometry) => geometry.tx_height,
    }
}
