use clap::Args;
use jobwise_gmf::clock::TimeLimit;
use jobwise_kit::{Failure, Inputs};

use super::failed;

/// The part of a recording or an analysis that is looked at.
#[derive(Args, Clone, Debug)]
pub(crate) struct Times {
    /// Start: ISO 8601, UTC
    #[arg(
        short,
        long = "start_time",
        visible_alias = "start-time",
        value_name = "TIME",
        allow_hyphen_values = true
    )]
    start: Option<String>,
    /// End
    #[arg(
        short,
        long = "end_time",
        visible_alias = "end-time",
        value_name = "TIME",
        allow_hyphen_values = true
    )]
    end: Option<String>,
    /// The times are seconds after the first sample
    #[arg(long = "relative_time", visible_alias = "relative-time")]
    relative: bool,
}

impl Times {
    /// Start and end, as given.
    pub(crate) fn limits(&self) -> Result<(Option<TimeLimit>, Option<TimeLimit>), Failure> {
        let limit = |text: &Option<String>| {
            let text = text.as_deref();
            text.map(|text| TimeLimit::parse(text, self.relative))
                .transpose()
                .map_err(|e| Failure::usage(e.to_string()))
        };
        Ok((limit(&self.start)?, limit(&self.end)?))
    }
}

/// A limit in a unit of the command line: any number but infinity and NaN.
pub(crate) fn finite(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| format!("{text:?} is no number"))
}

/// Opens an analysis within limits.
pub(crate) fn products(
    path: &std::path::Path,
    times: &Times,
    inputs: &Inputs,
) -> Result<jobwise_gmf::product::Products, Failure> {
    jobwise_gmf::product::Products::open_with(path, times.limits()?, inputs).map_err(failed)
}
