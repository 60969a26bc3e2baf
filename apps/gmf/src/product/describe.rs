//! What a file holds.

use super::attributes::{experiment, processing};
use super::content::{Content, Number, RANGE, TIME, Value, Values, Variable};
use super::{Product, RunInfo, cube, epoch_unix, targets};
use crate::search::Integration;
use crate::{Error, Result};

/// The attribute that gives the first sample of a file, since 1970.
pub(super) const FIRST_SAMPLE: &str = "first_sample";

impl Product {
    /// Everything that goes into its file.
    ///
    /// # Errors
    /// When the vectors do not fit each other.
    pub(super) fn content(&self, run: &RunInfo) -> Result<Content<'_>> {
        self.check(run)?;
        let text = |name: &str, value: &str| (name.to_owned(), Value::Text(value.to_owned()));
        let scales = self.scales(run).into_iter();
        let mut variables: Vec<_> = scales
            .chain(self.results(run))
            .map(|one| vec![one])
            .collect();
        if run.settings.targets > 1 {
            variables.push(targets::variables(&self.integrations, run));
        }
        if let Some(shape) = cube::shape(run)? {
            let cubes = cube::variables(&self.integrations, shape, run);
            variables.extend(cubes.into_iter().map(|one| vec![one]));
        }
        Ok(Content {
            variables,
            // The scalar that says when the file starts.
            start: ("epoch_unix", epoch_unix(self.start, self.rate)),
            groups: vec![
                ("experiment", experiment(&run.experiment, &run.parameters)),
                ("processing", processing(&run.settings, &run.parameters)),
            ],
            attributes: vec![
                // Its name gives it to a microsecond only.
                (FIRST_SAMPLE.to_owned(), Value::Unsigned(self.start)),
                text("software", "jobwise-gmf"),
                text("software_version", env!("CARGO_PKG_VERSION")),
                text("config_hash", &run.config_hash),
            ],
            refined: Vec::new(),
        })
    }

    fn check(&self, run: &RunInfo) -> Result<()> {
        let (times, ranges) = (self.integrations.len(), run.parameters.ranges.len());
        let pointings = self.pointing.as_ref().map_or(times, Vec::len);
        if times == 0 || self.missing_samples.len() != times || pointings != times {
            return Err(Error::Request(format!(
                "a file of {times} integrations needs as many counts of missing samples and \
                 pointings, not {} and {pointings}",
                self.missing_samples.len()
            )));
        }
        match self.integrations.iter().find(|i| i.gmf.len() != ranges) {
            Some(odd) => Err(Error::Request(format!(
                "an integration has {} gates instead of {ranges}",
                odd.gmf.len()
            ))),
            None => Ok(()),
        }
    }

    fn scales(&self, run: &RunInfo) -> Vec<Variable<'_>> {
        let parameters = &run.parameters;
        let counted = |length: usize| (0..length as i64).collect::<Vec<_>>();
        let mut ranges = Variable::scale(
            "ranges",
            parameters.ranges.clone(),
            "Total range of each gate, without range alias",
            Some("m"),
        );
        let alias = Value::Float(parameters.range_alias_offset);
        ranges.attributes.push(("range_alias_offset", alias));
        let mut scales = vec![
            Variable::scale(
                "integration_index",
                counted(self.integrations.len()),
                "Number of the integration in this file",
                None,
            ),
            ranges,
            Variable::scale(
                "range_rates",
                parameters.range_rates.clone(),
                "Range rate of each Doppler bin, in FFT order",
                Some("m/s"),
            ),
            Variable::scale(
                "accelerations",
                parameters.accelerations.clone(),
                "Acceleration grid",
                Some("m/s^2"),
            ),
        ];
        if run.sample_numbers {
            scales.push(Variable::scale(
                "sample_numbers",
                counted(parameters.read_length),
                "Number of each sample within an integration",
                None,
            ));
        }
        scales
    }

    fn results(&self, run: &RunInfo) -> Vec<Variable<'_>> {
        vec![
            self.of_gates(run, "gmf", "Largest matched-filter power", |i| &i.gmf),
            self.of_gates(
                run,
                "gmf_zero_frequency",
                "Power without Doppler, for the noise floor",
                |i| &i.gmf_zero_frequency,
            ),
            self.of_gates(
                run,
                "range_rate_index",
                "Index of the range rate of the largest power, -1 for none",
                |i| &i.range_rate_index,
            ),
            self.of_gates(
                run,
                "acceleration_index",
                "Index of the acceleration of the largest power, -1 for none",
                |i| &i.acceleration_index,
            ),
            self.of_times("tx_power", "Transmitted power", |i| i.tx_power),
            self.of_times("range_peak", "Range of the largest gmf", |i| i.range_peak),
            self.of_times("range_rate_peak", "Range rate of the largest gmf", |i| {
                i.range_rate_peak
            }),
            self.of_times(
                "acceleration_peak",
                "Acceleration of the largest gmf",
                |i| i.acceleration_peak,
            ),
            self.of_times("gmf_peak", "Largest gmf", |i| i.gmf_peak),
            Variable::results(
                "missing_samples",
                vec![self.integrations.len()],
                vec![TIME],
                Values::Whole(self.missing_samples.clone()),
                "Samples missing in the recording",
            ),
            self.pointing(),
        ]
    }

    fn of_gates<'p, T: Number + Copy>(
        &'p self,
        run: &RunInfo,
        name: &'static str,
        long_name: &'static str,
        row: impl Fn(&Integration) -> &[T],
    ) -> Variable<'p> {
        let rows = self.integrations.iter().flat_map(|i| row(i).to_vec());
        let shape = vec![self.integrations.len(), run.parameters.ranges.len()];
        let values = Values::Whole(rows.collect());
        Variable::results(name, shape, vec![TIME, RANGE], values, long_name).large()
    }

    fn of_times<'p, T: Number>(
        &'p self,
        name: &'static str,
        long_name: &'static str,
        value: impl Fn(&Integration) -> T,
    ) -> Variable<'p> {
        let values = Values::Whole(self.integrations.iter().map(value).collect());
        let shape = vec![self.integrations.len()];
        Variable::results(name, shape, vec![TIME], values, long_name)
    }

    /// Without a channel the values are f64, as the peer has them.
    fn pointing(&self) -> Variable<'_> {
        let (name, long_name) = ("pointing", "Azimuth and elevation in degrees");
        let (shape, axes) = (vec![self.integrations.len(), 2], vec![TIME, None]);
        if let Some(pointing) = &self.pointing {
            let values = Values::Whole(pointing.as_flattened().to_vec());
            return Variable::results(name, shape, axes, values, long_name);
        }
        let values = Values::Whole(vec![f64::NAN; 2 * self.integrations.len()]);
        Variable::results(name, shape, axes, values, long_name)
    }
}
