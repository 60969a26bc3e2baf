//! What the windows' origins leave out of the autocorrelation of an image, along its edges.

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, MatRef, Par};
use jobwise_core::{Backend, Cause, Cpu, CpuKernel, Engine, Signature, Workload};
use ndarray::ArrayView2;

use crate::clean::windows::Windows;

/// Sums of products of pixels along the edges of an image, where windows are one pixel apart.
///
/// Of the pixels `u` with `I(u) I(u + d)` in the autocorrelation, those whose window would begin
/// before the image or end behind it are left out: some of the first and last rows, and columns.
/// Sums over whole rows and columns are here; rectangles in the corners, which both have, are
/// summed when they are wanted.
#[derive(Debug)]
pub(super) struct Edges<'a> {
    image: ArrayView2<'a, f32>,
    windows: &'a Windows,
    /// By side and distance: `[i, j]` is the sum of products of line `i` of the side with line `j`,
    /// that many pixels further along.
    products: Vec<Vec<f64>>,
}

/// Where lines along an edge lie.
#[derive(Clone, Copy, Debug)]
enum Side {
    Top,
    Bottom,
    Left,
    Right,
}

const SIDES: [Side; 4] = [Side::Top, Side::Bottom, Side::Left, Side::Right];

/// Computes [`Edges::products`]: an item for each distance of each side.
struct Products<'a> {
    windows: &'a Windows,
    /// By side, its lines from the edge of lower index on: `[line][pixel]`.
    lines: [Vec<f64>; 4],
}

impl Products<'_> {
    /// The side of an item, and the distance.
    fn place(&self, index: usize) -> (Side, usize) {
        let (wx, wy) = (self.windows.x.window, self.windows.y.window);
        match index.checked_sub(2 * wy) {
            None => (SIDES[index / wy], index % wy),
            Some(index) => (SIDES[2 + index / wx], index % wx),
        }
    }
}

/// Lines of a side, and pixels of each.
fn size(windows: &Windows, side: Side) -> [usize; 2] {
    match side {
        Side::Top | Side::Bottom => [windows.x.window - 1, windows.y.image],
        Side::Left | Side::Right => [windows.y.window - 1, windows.x.image],
    }
}

fn lines(image: ArrayView2<'_, f32>, windows: &Windows, side: Side) -> Vec<f64> {
    let [count, length] = size(windows, side);
    let (rows, columns) = image.dim();
    let pixel = |line: usize, at: usize| match side {
        Side::Top => image[[line, at]],
        Side::Bottom => image[[rows - count + line, at]],
        Side::Left => image[[at, line]],
        Side::Right => image[[at, columns - count + line]],
    };
    let places = (0..count).flat_map(|line| (0..length).map(move |at| (line, at)));
    places
        .map(|(line, at)| f64::from(pixel(line, at)))
        .collect()
}

impl Signature for Products<'_> {
    type Item<'t>
        = ()
    where
        Self: 't;
    type Output = Vec<f64>;
}

impl Workload for Products<'_> {
    fn len(&self) -> usize {
        2 * (self.windows.x.window + self.windows.y.window)
    }

    fn read(&self, _: usize) -> Result<(), Cause> {
        Ok(())
    }
}

impl CpuKernel for Products<'_> {
    type Scratch = ();

    fn scratch(&self) -> Result<(), Cause> {
        Ok(())
    }

    fn compute(&self, index: usize, (): (), (): &mut ()) -> Result<Vec<f64>, Cause> {
        let (side, distance) = self.place(index);
        let [count, length] = size(self.windows, side);
        let lines = MatRef::from_row_major_slice(&self.lines[side as usize], count, length);
        let overlap = length - distance;
        let mut products = Mat::<f64>::zeros(count, count);
        matmul(
            products.as_mut(),
            Accum::Replace,
            lines.subcols(0, overlap),
            lines.subcols(distance, overlap).transpose(),
            1.0,
            Par::Seq,
        );
        let places = (0..count).flat_map(|i| (0..count).map(move |j| (i, j)));
        Ok(places.map(|(i, j)| products[(i, j)]).collect())
    }
}

impl<'a> Edges<'a> {
    /// Collective.
    pub(super) fn new<B: Backend<Device = Cpu>>(
        engine: &Engine<'_, B>,
        image: ArrayView2<'a, f32>,
        windows: &'a Windows,
    ) -> jobwise_core::Result<Edges<'a>> {
        let products = Products {
            windows,
            lines: SIDES.map(|side| lines(image, windows, side)),
        };
        let products = engine.collect(&products)?;
        Ok(Edges {
            image,
            windows,
            products: products.into_iter().map(|(_, products)| products).collect(),
        })
    }

    /// The windows.
    pub(super) fn windows(&self) -> &Windows {
        self.windows
    }

    /// Replaces `sums` by what is left out at the shift `(dx >= 0, dy)`: for every `p_x` for every
    /// `p_y` of the entries of that shift.
    pub(super) fn outside(&self, dx: usize, dy: isize, sums: &mut Vec<f64>) {
        let (wx, wy) = (self.windows.x.window, self.windows.y.window);
        let rows = wx - dx;
        let columns = wy - dy.unsigned_abs();
        // Left out are, at the first place, no line before it and all others behind it.
        let above = self.along(Side::Top, dx, dy, rows);
        let below = self.along(Side::Bottom, dx, dy, rows);
        let left = self.along(Side::Left, dx, dy, columns);
        let right = self.along(Side::Right, dx, dy, columns);
        let corners = [
            [Side::Top, Side::Left],
            [Side::Top, Side::Right],
            [Side::Bottom, Side::Left],
            [Side::Bottom, Side::Right],
        ];
        let corners = corners.map(|corner| self.corner(corner, dx, dy, [rows, columns]));
        sums.clear();
        for px in 0..rows {
            let (x, x_behind) = (px, rows - 1 - px);
            for py in 0..columns {
                let (y, y_behind) = (py, columns - 1 - py);
                let lines = (above[x] + below[x_behind]) + (left[y] + right[y_behind]);
                let [a, b, c, d] = &corners;
                let both = (a[x * columns + y] + b[x * columns + y_behind])
                    + (c[x_behind * columns + y] + d[x_behind * columns + y_behind]);
                sums.push(lines - both);
            }
        }
    }

    /// Line `number` from the edge of the image that is in the autocorrelation at that shift.
    fn line(&self, side: Side, dx: usize, dy: isize, number: usize) -> usize {
        match side {
            Side::Top => number,
            Side::Bottom => self.windows.x.image - 1 - dx - number,
            Side::Left => (-dy).max(0) as usize + number,
            Side::Right => self.windows.y.image - 1 - dy.max(0) as usize - number,
        }
    }

    /// Sums over the first 0, 1, ... `count - 1` lines from the edge.
    fn along(&self, side: Side, dx: usize, dy: isize, count: usize) -> Vec<f64> {
        let (wx, wy) = (self.windows.x.window, self.windows.y.window);
        let [lines, _] = size(self.windows, side);
        let (distance, from) = match side {
            Side::Top => (dy.unsigned_abs(), 0),
            Side::Bottom => (dy.unsigned_abs(), self.windows.x.image - (wx - 1)),
            Side::Left => (dx, 0),
            Side::Right => (dx, self.windows.y.image - (wy - 1)),
        };
        let of_side = match side {
            Side::Top | Side::Bottom => side as usize * wy,
            Side::Left | Side::Right => 2 * wy + (side as usize - 2) * wx,
        };
        let mut sum = 0.0;
        let mut sums = vec![0.0];
        for number in 0..count - 1 {
            let one = self.line(side, dx, dy, number) - from;
            let other = match side {
                Side::Top | Side::Bottom => one + dx,
                Side::Left | Side::Right => one.wrapping_add_signed(dy),
            };
            // Further along is the other line, or at a negative shift this one.
            let is_turned = matches!(side, Side::Top | Side::Bottom) && dy < 0;
            let (i, j) = if is_turned {
                (other, one)
            } else {
                (one, other)
            };
            sum += self.products[of_side + distance][i * lines + j];
            sums.push(sum);
        }
        sums
    }

    /// Sums over the rectangles of the first 0, 1, ... lines of both sides.
    fn corner(&self, sides: [Side; 2], dx: usize, dy: isize, counts: [usize; 2]) -> Vec<f64> {
        let [rows, columns] = counts;
        let mut sums = vec![0.0; rows * columns];
        for x in 1..rows {
            let row = self.line(sides[0], dx, dy, x - 1);
            let mut along = 0.0;
            for y in 1..columns {
                let column = self.line(sides[1], dx, dy, y - 1);
                let other = self.image[[row + dx, column.wrapping_add_signed(dy)]];
                along += f64::from(self.image[[row, column]]) * f64::from(other);
                sums[x * columns + y] = sums[(x - 1) * columns + y] + along;
            }
        }
        sums
    }
}
