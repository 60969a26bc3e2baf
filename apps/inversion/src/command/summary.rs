use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use jobwise_inversion::products::{LineFile, Results, Seen, Trace, summarise};
use jobwise_inversion::truth::Truth;
use jobwise_kit::{Failure, atomic};
use serde_json::Value;

use super::failed;
use super::results::{ResultsFlags, end};

/// Say what was inferred of every sounding: a table, and all numbers as JSON
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Flags {
    #[command(flatten)]
    results: ResultsFlags,
    /// m: depths at which the conductivity is summarised; those that chains kept, if nothing is
    /// said, and 2,5,10,15,20,30,45,60,80,120 of files of geobipy
    #[arg(long, value_name = "METRES,..", value_delimiter = ',')]
    depths: Vec<f64>,
    /// Earths that data were made of (see `inversion simulate`), to rank among what was inferred
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
    /// The JSON file to write
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

const EXAMPLES: &str = "Examples:
  inversion summary results/
  inversion summary results/ --depths 5,10,20 --truth truth.json --json summary.json";

/// Those of files of geobipy.
const DEPTHS: [f64; 10] = [2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 80.0, 120.0];

pub(crate) fn run(flags: &Flags) -> Result<(), Failure> {
    if !flags
        .depths
        .iter()
        .all(|depth| depth.is_finite() && *depth >= 0.0)
    {
        return Err(Failure::usage(
            "--depths: depths below the surface are expected",
        ));
    }
    let results = flags.results.open()?;
    let truths = flags.truth.as_ref().map(|path| Truth::read_all(path));
    let truths = truths.transpose().map_err(failed)?.unwrap_or_default();
    let mut account = Account {
        flags,
        results: &results,
        by_fiducial: by_fiducial(&truths),
        truths,
        absent: false,
    };
    match &flags.json {
        None => account.lines(&mut |_| Ok(()))?,
        Some(path) => atomic::write_in_pieces(path, |writer| {
            account
                .lines(&mut |piece| writer.put(piece))
                .map_err(Failed)
        })
        .map_err(|failed| failed.0)?,
    }
    if account.absent {
        log::warn!(
            "depths that chains did not keep are those of the histograms, without \"ess\" \
             and \"rhat\": \
             the option `depths` keeps others"
        );
    }
    end(&results)
}

/// A failure that writing a file can be.
struct Failed(Failure);

impl From<atomic::Error> for Failed {
    fn from(error: atomic::Error) -> Failed {
        Failed(failed(error))
    }
}

/// Takes the pieces of a text, one after the other.
type Put<'p> = dyn FnMut(&str) -> atomic::Result<()> + 'p;

struct Account<'a> {
    flags: &'a Flags,
    results: &'a Results,
    truths: Vec<Truth>,
    by_fiducial: BTreeMap<u64, Vec<usize>>,
    /// Whether a depth was not kept.
    absent: bool,
}

impl Account<'_> {
    fn lines(&mut self, put: &mut Put<'_>) -> Result<(), Failure> {
        put("{\"lines\":[").map_err(failed)?;
        for (index, line) in self.results.lines().iter().enumerate() {
            let file = line.open().map_err(failed)?;
            let comma = if index > 0 { "," } else { "" };
            let line = format!("{comma}\n{{\"line\":{:?},\"points\":[", file.line());
            put(&line).map_err(failed)?;
            self.line(&file, put)?;
            put("]}").map_err(failed)?;
        }
        put("]}\n").map_err(failed)
    }

    fn line(&mut self, file: &LineFile, put: &mut Put<'_>) -> Result<(), Failure> {
        let about = file.about().map_err(failed)?;
        let widths = file.widths();
        let depths = match (&self.flags.depths[..], file.kept_depths()) {
            ([], kept) if kept.is_empty() => DEPTHS.to_vec(),
            ([], kept) => kept,
            (asked, _) => asked.to_vec(),
        };
        jobwise_kit::print(&format!("line {:?}\n{HEADING}", file.line()))?;
        let mut comma = "";
        for row in 0..file.count() {
            let Some(point) = self.results.point(file, row).map_err(failed)? else {
                continue;
            };
            let trace = file.trace(row).unwrap_or_else(|_| Trace::default());
            let seen = Seen::new(point, widths);
            let truth = self.truth(file.line(), seen.point.fiducial);
            let truth = truth.map(|truth| (truth, about.seed));
            let (value, is_absent) = summarise(&seen, &trace, &depths, truth);
            self.absent |= is_absent && seen.point.own.is_some();
            put(&format!("{comma}\n{value}")).map_err(failed)?;
            comma = ",";
            jobwise_kit::print(&row_of_table(&seen, &value))?;
        }
        Ok(())
    }

    fn truth(&self, line: f64, fiducial: f64) -> Option<&Truth> {
        let same = |a: f64, b: f64| a.total_cmp(&b).is_eq();
        let mut truths = self.by_fiducial.get(&fiducial.to_bits())?.iter();
        let found = truths.find(|place| {
            let of = self.truths[**place].line;
            of.is_none_or(|of| same(of, line))
        });
        found.map(|place| &self.truths[*place])
    }
}

/// The places of truths in their list.
fn by_fiducial(truths: &[Truth]) -> BTreeMap<u64, Vec<usize>> {
    let mut places = BTreeMap::<u64, Vec<usize>>::new();
    for (place, truth) in truths.iter().enumerate() {
        let found = places.entry(truth.fiducial.to_bits()).or_default();
        found.push(place);
    }
    places
}

const HEADING: &str = "       fiducial status   layers        misfit        per datum  height m  \
                       doi m  \
                       r-hat    ess\n";

fn row_of_table(seen: &Seen, value: &Value) -> String {
    let number = |path: &str| value.pointer(path).and_then(Value::as_f64);
    let text = |number: Option<f64>, width: usize, digits: usize| match number {
        Some(number) => format!("{number:>width$.digits$}"),
        None => format!("{:>width$}", "-"),
    };
    let (misfit, data) = seen.point.misfit();
    let per_datum = (data > 0).then(|| misfit / data as f64);
    let spread = |path: &str, digits| {
        let [mean, deviation] = ["mean", "sd"].map(|key| number(&format!("/{path}/{key}")));
        format!(
            "{} +- {}",
            text(mean, 6, digits),
            text(deviation, 4, digits)
        )
    };
    format!(
        "{:>15} {:<6} {} {} {} {} {} {} {}{}\n",
        format!("{:?}", seen.point.fiducial),
        seen.point.status,
        spread("k", 1),
        spread("misfit", 1),
        text(per_datum, 10, 2),
        text(number("/height/mean"), 9, 2),
        text(number("/doi"), 6, 1),
        text(number("/rhat_max"), 6, 3),
        text(number("/ess_min"), 6, 0),
        if seen.point.reason.is_empty() {
            String::new()
        } else {
            format!("  {}", seen.point.reason)
        }
    )
}
