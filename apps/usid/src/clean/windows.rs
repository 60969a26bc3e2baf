use ndarray::{Array2, ArrayView2, s};

use super::axis::Axis;
use super::taper::Taper;
use crate::{Error, Result};

/// How an image is cut in windows that overlap. Window `(i, j)` is number `i * y.count() + j`; its
/// pixels are in C order, `y` fastest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Along the slow axis.
    pub x: Axis,
    /// Along the fast axis.
    pub y: Axis,
    /// What windows are multiplied with.
    pub taper: Taper,
}

impl Windows {
    /// Windows of `window` pixels every `step` pixels of an image of `image` pixels, each `[x, y]`.
    ///
    /// # Errors
    /// A window is empty or larger than the image, or a step is 0.
    pub fn new(
        image: [usize; 2],
        window: [usize; 2],
        step: [usize; 2],
        cover_edges: bool,
    ) -> Result<Windows> {
        Ok(Windows {
            x: Axis::new('x', image[0], window[0], step[0], cover_edges)?,
            y: Axis::new('y', image[1], window[1], step[1], cover_edges)?,
            taper: Taper::None,
        })
    }

    /// The same windows, tapered.
    #[must_use]
    pub fn tapered(mut self, taper: Taper) -> Windows {
        self.taper = taper;
        self
    }

    /// The number of windows.
    pub fn count(&self) -> usize {
        self.x.count() * self.y.count()
    }

    /// The pixels of a window.
    pub fn pixels(&self) -> usize {
        self.x.window * self.y.window
    }

    /// Whether there is a window at every pixel at which one fits.
    pub fn are_adjacent(&self) -> bool {
        self.x.step == 1 && self.y.step == 1
    }

    /// The components a decomposition can have.
    pub fn rank(&self) -> usize {
        self.count().min(self.pixels())
    }

    /// The first pixel of window `index < count()`, `[x, y]`.
    pub fn origin(&self, index: usize) -> [usize; 2] {
        let columns = self.y.count();
        [
            self.x.origin(index / columns),
            self.y.origin(index % columns),
        ]
    }

    /// The taper's weight of every pixel of a window.
    pub fn weights(&self) -> Vec<f64> {
        let y = self.taper.weights(self.y.window);
        self.taper
            .weights(self.x.window)
            .iter()
            .flat_map(|wx| y.iter().map(move |wy| wx * wy))
            .collect()
    }

    /// Writes the tapered pixels of window `index` of `image` to `row`, given
    /// [`weights`](Windows::weights).
    pub(super) fn cut(
        &self,
        image: ArrayView2<'_, f32>,
        weights: &[f64],
        index: usize,
        row: &mut [f64],
    ) {
        let [x, y] = self.origin(index);
        let lines = image.rows().into_iter().skip(x);
        let width = self.y.window;
        let rows = row.chunks_exact_mut(width).zip(weights.chunks_exact(width));
        for (line, (row, weights)) in lines.zip(rows) {
            let pixels = line.slice_move(s![y..y + width]);
            // As slices they are copied several at once.
            let pixels = pixels.to_slice().expect("images are in C order");
            for ((value, weight), &pixel) in row.iter_mut().zip(weights).zip(pixels) {
                *value = weight * f64::from(pixel);
            }
        }
    }
}

/// An image's pixels as windows store them.
///
/// # Errors
/// A pixel is not finite, or too large for an f32: the first of them is named.
pub fn pixels(image: &Array2<f64>) -> Result<Array2<f32>> {
    let stored = image.mapv(|value| value as f32);
    match stored.indexed_iter().find(|(_, value)| !value.is_finite()) {
        None => Ok(stored),
        Some(((x, y), _)) => Err(Error::Request(format!(
            "pixel ({x}, {y}) of the image is {}: replace what is not a finite 32-bit number \
             before cleaning",
            image[[x, y]]
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_pixel_is_named() {
        let mut image = Array2::zeros((3, 4));
        assert!(pixels(&image).is_ok());
        image[[2, 1]] = f64::NAN;
        image[[1, 3]] = 1e300;
        let message = pixels(&image).unwrap_err().to_string();
        assert!(
            message.starts_with("pixel (1, 3) of the image is 1000"),
            "{message}"
        );
    }

    #[test]
    fn windows_are_cut_in_c_order() {
        let image = Array2::from_shape_fn((5, 7), |(x, y)| (10 * x + y) as f32);
        let windows = Windows::new([5, 7], [2, 3], [3, 2], false).unwrap();
        assert_eq!((windows.count(), windows.rank()), (6, 6));
        let mut row = vec![0.0; 6];
        windows.cut(image.view(), &windows.weights(), 4, &mut row);
        assert_eq!(row, [32.0, 33.0, 34.0, 42.0, 43.0, 44.0]);
    }
}
