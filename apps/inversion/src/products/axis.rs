use super::stored::Stored;
use crate::Result;

/// Edges relative to a number per sounding.
#[derive(Debug)]
pub(super) struct Axis {
    /// The group of the histogram.
    pub(super) path: String,
    edges: Vec<f64>,
    relative_to: Vec<f64>,
}

impl Axis {
    pub(super) fn new(stored: &Stored, path: String) -> Result<Axis> {
        let edges = edges(stored, &path, "y")?;
        let name = format!("{path}/mesh/y/relative_to/data");
        let relative_to = if stored.has(&name) {
            stored.all(&name)?
        } else {
            Vec::new()
        };
        if relative_to.len() > 1 && relative_to.len() != stored.rows() {
            return Err(stored.wrong(&name, "there is not one number per sounding"));
        }
        Ok(Axis {
            path,
            edges,
            relative_to,
        })
    }

    /// The histograms of one or of several systems or components.
    pub(super) fn all(stored: &Stored, group: &str) -> Result<Vec<Axis>> {
        let one = format!("{group}/posterior");
        if stored.has(&one) {
            return Ok(vec![Axis::new(stored, one)?]);
        }
        let numbered = (0..).map(|place| format!("{group}/posterior{place}"));
        let there = numbered.take_while(|path| stored.has(path));
        there.map(|path| Axis::new(stored, path)).collect()
    }

    /// The number of edges.
    pub(super) fn count(&self) -> usize {
        self.edges.len()
    }

    /// The edges of a sounding.
    pub(super) fn edges(&self, row: usize) -> Vec<f64> {
        let all = &self.relative_to;
        let relative_to = all.get(row).or(all.first()).copied().unwrap_or(0.0);
        self.edges.iter().map(|edge| edge + relative_to).collect()
    }
}

/// Edges that are the same for all soundings: they rise.
pub(super) fn edges(stored: &Stored, path: &str, letter: &str) -> Result<Vec<f64>> {
    let name = format!("{path}/mesh/{letter}/edges/data");
    let edges: Vec<f64> = stored.all(&name)?;
    let rises = edges.windows(2).all(|pair| pair[0] < pair[1]);
    if rises && edges.len() > 1 && edges.iter().all(|edge| edge.is_finite()) {
        return Ok(edges);
    }
    Err(stored.wrong(&name, "edges that rise are expected"))
}
