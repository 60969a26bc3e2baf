use std::fmt::{self, Debug, Display, Formatter};

use bytemuck::Pod;
use ndarray::{ArrayViewD, Axis};

use super::SharedArray;

/// What and where, then its rows: all if there are at most four, else the first two and the last
/// two.
impl<T: Pod + Debug> Display for SharedArray<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{self:?}")?;
        let view = self.view();
        if view.ndim() == 0 {
            return values(f, &view, 0);
        }
        let rows = view.len_of(Axis(0));
        for (index, row) in view.outer_iter().enumerate() {
            if rows <= 4 || index < 2 || index + 2 >= rows {
                values(f, &row, 3)?;
                writeln!(f)?;
            } else if index == 2 {
                writeln!(f, "...")?;
            }
        }
        Ok(())
    }
}

impl<T> Debug for SharedArray<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let nodes = self.cluster.nodes();
        let ranks: Vec<_> = (0..nodes.count())
            .map(|node| nodes.members(node).len())
            .collect();
        write!(
            f,
            "SharedArray {:?} of {} on {} nodes with {ranks:?} of {} ranks",
            self.shape,
            std::any::type_name::<T>(),
            nodes.count(),
            nodes.ranks()
        )
    }
}

/// Values in brackets, of each axis the first and last ones.
fn values<T: Debug>(f: &mut Formatter<'_>, view: &ArrayViewD<'_, T>, ends: usize) -> fmt::Result {
    if view.ndim() == 0 {
        return view.iter().try_for_each(|value| write!(f, "{value:?}"));
    }
    let extent = view.len_of(Axis(0));
    write!(f, "[")?;
    let mut index = 0;
    while index < extent {
        if index > 0 {
            write!(f, ", ")?;
        }
        if index == ends && extent > 2 * ends {
            write!(f, "...")?;
            index = extent - ends;
        } else {
            values(f, &view.index_axis(Axis(0), index).into_dyn(), ends)?;
            index += 1;
        }
    }
    write!(f, "]")
}
