//! Which axes of an array are the rows and the columns of its pictures, and which count pictures.

use super::Scale;

/// What a file says of one axis of an array.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Axis {
    /// Its name.
    pub(super) name: Option<String>,
    /// Where its places lie.
    pub(super) scale: Option<Scale>,
    /// Whether it counts pictures.
    pub(super) counts: bool,
}

/// The axes of an array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Axes {
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// The others, in order.
    stack: Vec<usize>,
    shape: Vec<usize>,
}

impl Axes {
    /// Of an array of this shape, of which the file says this, or nothing; `counting` is the axis
    /// that counts pictures where the user says so.
    ///
    /// Axes that the file calls x and y are columns and rows. Otherwise axes that count pictures
    /// are left out, then axes of one place, then the first; what is left is rows and columns.
    ///
    /// # Errors
    /// Why there are no pictures in it.
    pub(super) fn of(
        shape: &[usize],
        said: &[Axis],
        counting: Option<usize>,
    ) -> Result<Axes, String> {
        let all = shape.len();
        if let Some(axis) = counting.filter(|&axis| axis >= all || all < 3) {
            return Err(format!(
                "has shape {shape:?}: there is no axis {axis} that counts pictures (--axis)"
            ));
        }
        let named = |name: &str| {
            let is_it = |axis: &Axis| {
                axis.name
                    .as_deref()
                    .is_some_and(|n| n.eq_ignore_ascii_case(name))
            };
            said.iter().take(all).position(is_it)
        };
        let (rows, columns) =
            if let (None, Some(rows), Some(columns)) = (counting, named("y"), named("x")) {
                (rows, columns)
            } else {
                let mut left: Vec<usize> = (0..all).filter(|&k| Some(k) != counting).collect();
                let counts = |k: usize| said.get(k).is_some_and(|axis| axis.counts);
                leave_out(&mut left, counts);
                // From the first on: those of a stack come before its pictures.
                leave_out(&mut left, |k| shape[k] == 1);
                if left.len() == 3 && counting.is_none() {
                    left.remove(0);
                }
                <[usize; 2]>::try_from(left).map(Into::into).map_err(|_| {
                    format!(
                        "has shape {shape:?}; a picture has (rows, columns), a stack (pictures, \
                         rows, columns), or \
                         another axis that counts pictures (--axis)"
                    )
                })?
            };
        let stack = (0..all).filter(|&k| k != rows && k != columns).collect();
        Ok(Axes {
            rows,
            columns,
            stack,
            shape: shape.to_vec(),
        })
    }

    /// Rows and columns of a picture.
    pub(super) fn picture(&self) -> [usize; 2] {
        [self.shape[self.rows], self.shape[self.columns]]
    }

    /// The place of picture `page` on each axis that counts pictures, the last fastest; 0 on the
    /// others. `None`: the only one.
    ///
    /// # Errors
    /// There are several pictures, or not so many.
    pub(super) fn place(&self, page: Option<usize>) -> Result<Vec<usize>, String> {
        let extents = self.stack.iter().map(|&axis| self.shape[axis]);
        let pages = extents.fold(1, usize::saturating_mul);
        let mut left = match page {
            None if pages == 1 => 0,
            Some(page) if page < pages => page,
            _ if pages == 1 => return Err("holds one picture: leave --page out".to_owned()),
            _ => {
                return Err(format!(
                    "is a stack of {pages} pictures: choose one with --page, from 0 to {}",
                    pages.saturating_sub(1)
                ));
            }
        };
        let mut place = vec![0; self.shape.len()];
        for &axis in self.stack.iter().rev() {
            place[axis] = left % self.shape[axis];
            left /= self.shape[axis];
        }
        Ok(place)
    }

    /// Whether an axis counts pictures.
    pub(super) fn counts(&self, axis: usize) -> bool {
        self.stack.contains(&axis)
    }
}

/// Leaves axes out, the first first, as long as more than two are left.
fn leave_out(axes: &mut Vec<usize>, is_out: impl Fn(usize) -> bool) {
    let mut at = 0;
    while axes.len() > 2 && at < axes.len() {
        if is_out(axes[at]) {
            axes.remove(at);
        } else {
            at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> Vec<Axis> {
        let axis = |name: &&str| Axis {
            name: Some((*name).to_owned()),
            ..Axis::default()
        };
        names.iter().map(axis).collect()
    }

    #[test]
    fn pictures_are_found_in_any_order_of_axes() {
        let last = || {
            let mut said = vec![Axis::default(); 3];
            said[2].counts = true;
            said
        };
        let found = |shape: &[usize], said: &[Axis], counting| {
            let axes = Axes::of(shape, said, counting).map_err(|_| ());
            axes.map(|axes| (axes.rows, axes.columns))
        };
        for (shape, said, counting, expected) in [
            (&[5, 7][..], vec![], None, Ok((0, 1))),
            (&[1, 7], vec![], None, Ok((0, 1))),
            (&[5, 7, 1], vec![], None, Ok((0, 1))),
            (&[5, 1, 7], vec![], None, Ok((0, 2))),
            (&[1, 1, 7], vec![], None, Ok((1, 2))),
            (&[3, 5, 7], vec![], None, Ok((1, 2))),
            (&[5, 7, 3], last(), None, Ok((0, 1))),
            (&[5, 7, 3], vec![], Some(2), Ok((0, 1))),
            (&[5, 3, 7], vec![], Some(1), Ok((0, 2))),
            (&[1, 5, 1, 7, 1], vec![], None, Ok((1, 3))),
            (&[1, 3, 5, 7], vec![], None, Ok((2, 3))),
            (&[7, 5], named(&["x", "y"]), None, Ok((1, 0))),
            (&[7, 5, 3], named(&["X", "Y", "t"]), None, Ok((1, 0))),
            (&[7], vec![], None, Err(())),
            (&[2, 3, 5, 7], vec![], None, Err(())),
            (&[5, 7], vec![], Some(1), Err(())),
            (&[5, 7, 3], vec![], Some(3), Err(())),
        ] {
            assert_eq!(
                found(shape, &said, counting),
                expected,
                "{shape:?} {counting:?}"
            );
        }
    }

    #[test]
    fn a_page_has_a_place_on_the_axes_that_count() {
        let axes = Axes::of(&[5, 3, 7], &[], Some(1)).unwrap();
        assert_eq!(axes.picture(), [5, 7]);
        assert_eq!(axes.place(Some(2)), Ok(vec![0, 2, 0]));
        assert!(axes.place(None).is_err() && axes.place(Some(3)).is_err());
        let two = Axes::of(&[2, 7, 3, 5], &named(&["t", "x", "s", "y"]), None).unwrap();
        assert_eq!(two.picture(), [5, 7]);
        assert_eq!(two.place(Some(4)), Ok(vec![1, 0, 1, 0]));
    }
}
