use std::path::Path;

use super::axis::{Axis, edges};
use super::own::OwnTable;
use super::stored::Stored;
use super::{Binned, Hitmap, Own, Point, Profile, Status, Trace, Widths};
use crate::Result;
use crate::inference::Quantity;

/// The file of a flight line, open. Columns of one number per sounding are in memory, histograms
/// are read sounding by sounding.
#[derive(Debug)]
pub struct LineFile {
    pub(super) stored: Stored,
    pub(super) line: f64,
    pub(super) columns: Columns,
    pub(super) axes: Axes,
    pub(super) own: Option<OwnTable>,
}

/// One number per sounding.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) fiducial: Vec<f64>,
    pub(super) x: Vec<f64>,
    pub(super) y: Vec<f64>,
    pub(super) height: Vec<f64>,
    pub(super) elevation: Vec<f64>,
    pub(super) half_space: Vec<f64>,
    pub(super) status: Vec<Status>,
}

/// Edges of histograms, which are those of all soundings.
#[derive(Debug)]
pub(super) struct Axes {
    /// m.
    pub(super) interfaces: Vec<f64>,
    /// log10(S/m), and what they are relative to, per sounding.
    pub(super) conductivity: Axis,
    /// m.
    pub(super) depth: Vec<f64>,
    pub(super) relative_error: Vec<Axis>,
    pub(super) additive_error: Vec<Axis>,
    pub(super) height: Option<Axis>,
}

/// What a file says about all of its soundings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct About {
    /// Its kind of data, as geobipy calls it.
    pub kind: String,
    /// The program that wrote it; empty where it is geobipy.
    pub version: String,
    /// Options as TOML; empty where it is geobipy's.
    pub options: String,
    /// Of the random numbers; 0 where it is geobipy's.
    pub seed: u64,
    /// Of a sounding.
    pub chains: usize,
    /// Kept iterations of a chain, as asked for.
    pub iterations: i64,
    /// Data of a sounding.
    pub channels: usize,
    /// The most layers.
    pub layers: usize,
    /// Bins of log10(S/m), and of depth.
    pub bins: [usize; 2],
}

/// Where the histogram of heights is, in the frequency and the time domain.
const HEIGHTS: [&str; 2] = ["data/z", "data/loop_pair/transmitter/z"];

impl LineFile {
    /// Opens the file of a line, of this program or of geobipy 2.3.2.
    ///
    /// # Errors
    /// It is damaged, or no file of results; the message names what is absent.
    pub fn open(path: &Path) -> Result<LineFile> {
        let stored = Stored::open(path, "data/fiducial/data")?;
        let number = |name: &str| stored.column::<f64>(&format!("data/{name}/data"));
        let own = if stored.has("jobwise/status") {
            Some(OwnTable::new(&stored)?)
        } else {
            None
        };
        let columns = Columns {
            fiducial: number("fiducial")?,
            x: number("x")?,
            y: number("y")?,
            height: number("z")?,
            elevation: number("elevation")?,
            half_space: stored.column("halfspace/data")?,
            status: statuses(&stored)?,
        };
        let lines = number("line_number")?;
        let Some(line) = lines.first().copied() else {
            return Err(stored.wrong("data/line_number/data", "no sounding"));
        };
        let height = HEIGHTS.into_iter().find_map(|group| {
            let path = format!("{group}/posterior");
            stored.has(&path).then_some(path)
        });
        let conductivity = Axis::new(&stored, "model/values/posterior".into())?;
        let axes = Axes {
            interfaces: edges(&stored, "model/mesh/y/edges/posterior", "y")?,
            depth: edges(&stored, "model/values/posterior", "z")?,
            conductivity,
            relative_error: Axis::all(&stored, "data/relative_error")?,
            additive_error: Axis::all(&stored, "data/additive_error")?,
            height: height.map(|path| Axis::new(&stored, path)).transpose()?,
        };
        let file = LineFile {
            stored,
            line,
            columns,
            axes,
            own,
        };
        file.check()?;
        Ok(file)
    }

    /// That histograms have the bins that their edges say.
    fn check(&self) -> Result<()> {
        let axes = &self.axes;
        let errors = axes.relative_error.iter().chain(&axes.additive_error);
        let single = errors
            .chain(&axes.height)
            .map(|axis| (axis.path.clone(), vec![axis.count()]));
        let rest = [
            (
                "model/mesh/y/edges/posterior".to_owned(),
                vec![axes.interfaces.len()],
            ),
            (
                axes.conductivity.path.clone(),
                vec![axes.conductivity.count(), axes.depth.len()],
            ),
        ];
        for (path, edges) in single.chain(rest) {
            let name = format!("{path}/values/data");
            let extents = self.stored.extents(&name)?;
            let expected: Vec<usize> = edges.iter().map(|n| n.saturating_sub(1)).collect();
            if extents != expected || extents.contains(&0) {
                let problem = format!("bins {extents:?}, where edges say {expected:?}");
                return Err(self.stored.wrong(&name, &problem));
            }
        }
        Ok(())
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.stored.path()
    }

    /// The number of the line.
    pub fn line(&self) -> f64 {
        self.line
    }

    /// The number of soundings.
    pub fn count(&self) -> usize {
        self.stored.rows()
    }

    /// The fiducials of all soundings.
    pub fn fiducials(&self) -> &[f64] {
        &self.columns.fiducial
    }

    /// m to the east and to the north, of all soundings.
    pub fn places(&self) -> impl ExactSizeIterator<Item = [f64; 2]> + '_ {
        let columns = self.columns.x.iter().zip(&self.columns.y);
        columns.map(|(x, y)| [*x, *y])
    }

    /// m to the east and to the north, of a sounding.
    ///
    /// # Panics
    /// There is no such sounding.
    pub fn place(&self, row: usize) -> [f64; 2] {
        [self.columns.x[row], self.columns.y[row]]
    }

    /// m: the system above the ground in the best state, at all soundings.
    pub fn heights(&self) -> &[f64] {
        &self.columns.height
    }

    /// m: the ground at all soundings; not a number where it is not known.
    pub fn elevations(&self) -> &[f64] {
        &self.columns.elevation
    }

    /// m: edges of the bins of depth of conductivities.
    pub fn depths(&self) -> &[f64] {
        &self.axes.depth
    }

    /// m: edges of the bins of depth of interfaces.
    pub fn interface_depths(&self) -> &[f64] {
        &self.axes.interfaces
    }

    /// m: the depths at which chains kept conductivities; none in files of geobipy.
    pub fn kept_depths(&self) -> Vec<f64> {
        let quantities = self.own.iter().flat_map(|own| &own.quantities);
        let depths = quantities.filter_map(|quantity| match quantity {
            Quantity::LogConductivity(depth) => Some(*depth),
            _ => None,
        });
        depths.collect()
    }

    /// What has become of each sounding.
    pub fn statuses(&self) -> &[Status] {
        &self.columns.status
    }

    /// What the file says about all soundings.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn about(&self) -> Result<About> {
        let stored = &self.stored;
        let width = |name: &str| Ok::<usize, crate::Error>(stored.extents(name)?.iter().product());
        let text = |name: &str| -> Result<String> {
            if !stored.has(name) {
                return Ok(String::new());
            }
            Ok(stored.texts(name)?.pop().unwrap_or_default())
        };
        let own = self.own.as_ref();
        Ok(About {
            kind: stored.kind("data")?,
            version: text("jobwise/version")?,
            options: text("jobwise/options")?,
            seed: own.map_or(0, |own| own.seed),
            chains: own.map_or(1, |own| own.chains),
            iterations: stored.single("n_markov_chains")?,
            channels: width("data/data/data")?,
            layers: width("model/values/data")?,
            bins: [
                self.axes.conductivity.count() - 1,
                self.axes.depth.len() - 1,
            ],
        })
    }

    /// The widths of the conductivities of all soundings, which are read one after the other.
    /// Soundings that cannot be read do not count.
    pub fn widths(&self) -> Widths {
        let mut widths = Widths::default();
        for row in 0..self.count() {
            if let Ok(hitmap) = self.hitmap(row) {
                widths.add(&Profile::new(&hitmap));
            }
        }
        widths
    }

    /// A sounding, from 0.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn point(&self, row: usize) -> Result<Point> {
        Point::read(self, row)
    }

    /// Kept iterations of a sounding by their number of layers, from 0.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn layers(&self, row: usize) -> Result<Vec<u32>> {
        self.counts("model/mesh/nCells/posterior/values/data", row)
    }

    /// Counts of conductivities by depth; none where the sounding is open.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn hitmap(&self, row: usize) -> Result<Hitmap> {
        let axis = &self.axes.conductivity;
        let path = format!("{}/values/data", axis.path);
        Ok(Hitmap {
            conductivity: axis.edges(row),
            depth: self.axes.depth.clone(),
            counts: self.counts(&path, row)?,
        })
    }

    /// What this program has of a sounding beside what geobipy has.
    pub(super) fn own(&self, row: usize) -> Result<Option<Own>> {
        let own = self.own.as_ref();
        own.map(|own| own.read(&self.stored, row)).transpose()
    }

    /// The misfits of a sounding, iteration by iteration.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn trace(&self, row: usize) -> Result<Trace> {
        Trace::read(&self.stored, row)
    }

    pub(super) fn binned(&self, axis: &Axis, row: usize) -> Result<Binned> {
        Ok(Binned {
            edges: axis.edges(row),
            counts: self.counts(&format!("{}/values/data", axis.path), row)?,
        })
    }

    /// Counts of a sounding. What was never written counts 0.
    pub(super) fn counts(&self, name: &str, row: usize) -> Result<Vec<u32>> {
        let counts = self.stored.row::<i32>(name, row)?;
        Ok(counts
            .into_iter()
            .map(|n| u32::try_from(n).unwrap_or(0))
            .collect())
    }
}

/// What has become of soundings; in files of geobipy by what it wrote.
fn statuses(stored: &Stored) -> Result<Vec<Status>> {
    if stored.has("jobwise/status") {
        let marks = stored.column::<u8>("jobwise/status")?;
        return Ok(marks.into_iter().map(Status::of_mark).collect());
    }
    let iterations = stored.column::<i64>("iteration")?;
    let burned_in = stored.column::<bool>("burned_in")?;
    let rows = iterations.into_iter().zip(burned_in);
    Ok(rows
        .map(
            |(iteration, is_burned_in)| match (iteration, is_burned_in) {
                (i64::MIN, _) => Status::Open,
                (_, true) => Status::Done,
                (_, false) => Status::Failed,
            },
        )
        .collect())
}
