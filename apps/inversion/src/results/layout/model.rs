//! The best earth, and counts of layers, interfaces and conductivities.

use super::super::cell::Cell;
use super::super::entry::{Constant, Content, Element};
use super::super::line_results::LineResults;
use super::builder::{Builder, CONDUCTIVITY};
use super::histogram::{self, Axis};

pub(super) fn add(b: &mut Builder, of: &LineResults<'_>) {
    let most = of.task.settings.maximum_number_of_layers;
    b.group("model", "Model", None, None);
    b.group("model/mesh", "RectilinearMesh2D_stitched", None, None);
    let cells = "model/mesh/nCells";
    b.group(cells, "StatArray", Some("Number of cells"), None);
    b.rows(
        "model/mesh/nCells/data",
        Element::Small,
        &[],
        Cell::BestLayers,
    );
    b.constant("model/mesh/nCells/n_posteriors", Constant::Whole(1));
    let edges = (0..most + 2).map(|place| place as f64 - 0.5).collect();
    let axis = Axis::new("# of Layers", "", edges, 0);
    let path = "model/mesh/nCells/posterior";
    histogram::add(b, path, &[axis], Cell::LayerCounts);
    histogram::soundings(b, "model/mesh/x");
    b.add("model/mesh/y", Content::Group);
    b.group("model/mesh/y/edges", "StatArray", None, None);
    let path = "model/mesh/y/edges/data";
    b.rows(
        path,
        Element::Number,
        &[most + 1],
        Cell::BestEdges(most + 1),
    );
    b.constant("model/mesh/y/edges/n_posteriors", Constant::Whole(1));
    let path = "model/mesh/y/edges/posterior";
    histogram::add(b, path, &[Axis::interfaces(of)], Cell::InterfaceCounts);
    b.group("model/mesh/y/relative_to", "DataArray", None, None);
    b.never("model/mesh/y/relative_to/data");
    let name = Some("Conductivity");
    b.group("model/values", "StatArray", name, Some(CONDUCTIVITY));
    let cell = Cell::BestConductivity(most);
    b.rows("model/values/data", Element::Number, &[most], cell);
    b.constant("model/values/n_posteriors", Constant::Whole(1));
    let axes = [Axis::conductivity(of), Axis::depth(of)];
    let path = "model/values/posterior";
    histogram::add(b, path, &axes, Cell::ConductivityCounts);
}
