use crate::products::{Line, LineFile, Results, Seen, Status};
use crate::{Error, Result};

/// All soundings, one after the other.
pub(super) struct Table<'r> {
    results: &'r Results,
}

/// A sounding.
pub(super) struct Row<'r> {
    /// Among all, from 0.
    pub(super) index: usize,
    pub(super) file: &'r LineFile,
    /// Of the file, from 0.
    pub(super) place: usize,
    /// What is kept of it; none where nothing is, or where it cannot be read.
    pub(super) seen: Option<Seen>,
}

/// A number that a sounding has.
pub(super) struct Scalar {
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    pub(super) meaning: &'static str,
    of: fn(&Row<'_>) -> f64,
}

/// A number that a sounding has at every bin of depth.
pub(super) struct Layered {
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    pub(super) meaning: &'static str,
    of: fn(&Seen) -> Vec<f64>,
}

impl Scalar {
    /// The number of a sounding; not a number where it is not known.
    pub(super) fn of(&self, row: &Row<'_>) -> f64 {
        (self.of)(row)
    }
}

impl Layered {
    /// The numbers of a sounding; not a number where they are not known.
    pub(super) fn of(&self, row: &Row<'_>) -> Vec<f64> {
        match &row.seen {
            Some(seen) => (self.of)(seen),
            None => vec![f64::NAN; row.depths()],
        }
    }
}

macro_rules! scalars {
    ($(($name:literal, $unit:literal, $meaning:literal, $of:expr)),+ $(,)?) => {
        &[$(Scalar { name: $name, unit: $unit, meaning: $meaning, of: $of }),+]
    };
}

/// What there is of a sounding. The first four are where it is.
pub(super) const SCALARS: &[Scalar] = scalars![
    ("line", "", "number of the line", |row| row.file.line()),
    ("fiducial", "", "number on the line", |row| {
        row.file.fiducials()[row.place]
    }),
    ("x", "m", "easting", |row| row.coordinates()[0]),
    ("y", "m", "northing", |row| row.coordinates()[1]),
    ("elevation", "m", "elevation of the ground", |row| {
        row.elevation()
    }),
    (
        "height",
        "m",
        "height of the system above the ground",
        |row| { row.file.heights()[row.place] }
    ),
    ("status", "", "0 open, 1 done, 2 failed", |row| {
        match row.status() {
            Status::Open => 0.0,
            Status::Done => 1.0,
            Status::Failed => 2.0,
        }
    }),
    ("layers", "", "mean number of layers", |row| {
        row.known(|seen| seen.point.layers().mean())
    }),
    ("misfit", "", "misfit of the best state per datum", |row| {
        row.known(|seen| {
            let (misfit, data) = seen.point.misfit();
            misfit / data as f64
        })
    }),
    ("doi", "m", "depth of investigation", |row| {
        row.known(|seen| seen.doi)
    }),
];

/// What there is at every bin of depth.
pub(super) const LAYERED: [Layered; 8] = [
    Layered {
        name: "mean",
        unit: "S/m",
        meaning: "geometric mean of the conductivity",
        of: |seen| conductivity(&seen.profile.mean),
    },
    Layered {
        name: "median",
        unit: "S/m",
        meaning: "median conductivity",
        of: |seen| conductivity(&seen.profile.p50),
    },
    Layered {
        name: "mode",
        unit: "S/m",
        meaning: "most frequent conductivity",
        of: |seen| conductivity(&seen.profile.mode),
    },
    Layered {
        name: "p05",
        unit: "S/m",
        meaning: "5 per cent of the conductivities are lower",
        of: |seen| conductivity(&seen.profile.p05),
    },
    Layered {
        name: "p95",
        unit: "S/m",
        meaning: "95 per cent of the conductivities are lower",
        of: |seen| conductivity(&seen.profile.p95),
    },
    Layered {
        name: "entropy",
        unit: "bit",
        meaning: "how much of the conductivity is not known",
        of: |seen| seen.profile.entropy.clone(),
    },
    Layered {
        name: "opacity",
        unit: "1",
        meaning: "1 where P05 to P95 is narrowest on the line, 0 where it is widest",
        of: |seen| seen.opacity.clone(),
    },
    Layered {
        name: "interface_probability",
        unit: "1",
        meaning: "probability of an interface of some contrast in this range of depth",
        of: interfaces,
    },
];

fn conductivity(logs: &[f64]) -> Vec<f64> {
    logs.iter().map(|log| libm::exp10(*log)).collect()
}

/// In the bins of depth of the conductivities.
fn interfaces(seen: &Seen) -> Vec<f64> {
    let hitmap = &seen.point.conductivity;
    let own = &seen.point.interfaces;
    let mut sums = vec![0.0; hitmap.depths()];
    for (bin, part) in seen.point.interface_probability().into_iter().enumerate() {
        if let Some(bin) = hitmap.bin(own.middle(bin)) {
            sums[bin] += part;
        }
    }
    sums
}

impl Row<'_> {
    pub(super) fn coordinates(&self) -> [f64; 2] {
        self.file.place(self.place)
    }

    pub(super) fn elevation(&self) -> f64 {
        self.file.elevations()[self.place]
    }

    pub(super) fn status(&self) -> Status {
        self.file.statuses()[self.place]
    }

    /// The number of bins of depth.
    pub(super) fn depths(&self) -> usize {
        self.file.depths().len() - 1
    }

    fn known(&self, of: impl Fn(&Seen) -> f64) -> f64 {
        self.seen.as_ref().map_or(f64::NAN, of)
    }
}

impl<'r> Table<'r> {
    pub(super) fn new(results: &'r Results) -> Table<'r> {
        Table { results }
    }

    /// The number of soundings.
    pub(super) fn count(&self) -> usize {
        self.lines().iter().map(|line| line.count).sum()
    }

    /// The files of lines.
    pub(super) fn lines(&self) -> &'r [Line] {
        self.results.lines()
    }

    /// m: edges of the bins of depth, where all lines have the same.
    ///
    /// # Errors
    /// They have not.
    pub(super) fn depths(&self) -> Result<&'r [f64]> {
        let first = &self.lines()[0];
        match self.lines().iter().find(|line| line.depths != first.depths) {
            None => Ok(&first.depths),
            Some(other) => Err(Error::Request(format!(
                "{} and {} have other bins of depth: export them from directories of their own",
                first.path.display(),
                other.path.display()
            ))),
        }
    }

    /// Shows every sounding.
    ///
    /// # Errors
    /// Those of `show`, or a sounding cannot be read and inputs must be whole.
    pub(super) fn each(&self, mut show: impl FnMut(&Row<'_>) -> Result<()>) -> Result<()> {
        let mut index = 0;
        for line in self.lines() {
            let file = line.open()?;
            let widths = file.widths();
            for place in 0..file.count() {
                let point = self.results.point(&file, place)?;
                let seen = point.filter(|point| point.kept() > 0);
                show(&Row {
                    index,
                    file: &file,
                    place,
                    seen: seen.map(|point| Seen::new(point, widths)),
                })?;
                index += 1;
            }
        }
        Ok(())
    }
}
