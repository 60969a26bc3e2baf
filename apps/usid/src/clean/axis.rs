use std::ops::Range;

use crate::{Error, Result};

/// Where windows lie along one axis of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// Pixels of the image.
    pub image: usize,
    /// Pixels of a window.
    pub window: usize,
    /// Pixels from one origin to the next.
    pub step: usize,
    /// Origins `0, step, 2 step, ...`.
    pub(super) regular: usize,
    /// One more origin that reaches the edge which the regular ones miss.
    pub(super) last: Option<usize>,
}

impl Axis {
    /// Windows of `window` pixels every `step` pixels, as many as fit; with `cover_edges` one more
    /// that ends at the image's edge if none does. `name` is the axis' in messages.
    ///
    /// # Errors
    /// The window is empty or larger than the image, or the step is 0.
    pub fn new(
        name: char,
        image: usize,
        window: usize,
        step: usize,
        cover_edges: bool,
    ) -> Result<Axis> {
        let problem = if window == 0 {
            "the window has no pixel: give at least 1".to_owned()
        } else if window > image {
            format!(
                "a window of {window} pixels does not fit in an image of {image}: give a smaller \
                 window"
            )
        } else if step == 0 {
            "windows cannot be 0 pixels apart: give a step of at least 1".to_owned()
        } else {
            let room = image - window;
            let last = (cover_edges && !room.is_multiple_of(step)).then_some(room);
            return Ok(Axis {
                image,
                window,
                step,
                regular: room / step + 1,
                last,
            });
        };
        Err(Error::Request(format!("along {name}: {problem}")))
    }

    /// The number of windows.
    pub fn count(&self) -> usize {
        self.regular + usize::from(self.last.is_some())
    }

    /// The first pixel of window `index < count()`.
    pub fn origin(&self, index: usize) -> usize {
        self.last
            .filter(|_| index == self.regular)
            .unwrap_or(index * self.step)
    }

    /// The windows that contain a pixel of `pixels`: indices. None for no pixels.
    pub fn touching(&self, pixels: Range<usize>) -> Range<usize> {
        if pixels.is_empty() {
            return 0..0;
        }
        let first = (pixels.start + 1)
            .saturating_sub(self.window)
            .div_ceil(self.step);
        let end = pixels.end.div_ceil(self.step).min(self.regular);
        let first = first.min(self.regular);
        match self.last {
            Some(last) if last < pixels.end => first..self.regular + 1,
            _ => first.min(end)..end,
        }
    }

    /// For every pixel the sum of `weights` (of the pixels of a window) over the windows that
    /// contain it. With ones, how many do.
    pub fn coverage(&self, weights: &[f64]) -> Vec<f64> {
        let mut coverage = vec![0.0; self.image];
        for origin in (0..self.count()).map(|index| self.origin(index)) {
            for (sum, weight) in coverage[origin..].iter_mut().zip(weights) {
                *sum += weight;
            }
        }
        coverage
    }

    /// The pixels around which windows lie as if the image had no edge: every window that could
    /// contain them does, and no other.
    pub fn interior(&self) -> Range<usize> {
        // Where the first window that does not fit would begin.
        let missed = (self.regular * self.step).min(self.image);
        let end = self.last.map_or(missed, |last| missed.min(last));
        let start = self.window - 1;
        start.min(end)..end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_reach_as_far_as_windows_fit() {
        for (image, window, step, cover) in [
            (10, 4, 3, true),
            (11, 4, 3, true),
            (11, 4, 3, false),
            (5, 5, 2, true),
            (9, 2, 4, true),
            (7, 1, 1, false),
        ] {
            let axis = Axis::new('x', image, window, step, cover).unwrap();
            let mut origins: Vec<usize> = (0..=image - window).step_by(step).collect();
            if cover && origins.last() != Some(&(image - window)) {
                origins.push(image - window);
            }
            let ours: Vec<usize> = (0..axis.count()).map(|i| axis.origin(i)).collect();
            assert_eq!(ours, origins);

            let count = axis.coverage(&vec![1.0; window]);
            for (pixel, count) in count.iter().enumerate() {
                let covers = |&&o: &&usize| o <= pixel && pixel < o + window;
                assert_eq!(*count as usize, origins.iter().filter(covers).count());
            }
            for pixels in (0..image).flat_map(|s| (s..=image).map(move |e| s..e)) {
                let touches = |i: &usize| {
                    origins[*i] < pixels.end
                        && pixels.start < origins[*i] + window
                        && !pixels.is_empty()
                };
                let expected: Vec<usize> = (0..origins.len()).filter(touches).collect();
                let touching = axis.touching(pixels.clone());
                let within: Vec<usize> = touching.filter(touches).collect();
                assert_eq!(within, expected, "{pixels:?} of {axis:?}");
            }
            for pixel in axis.interior() {
                let regular = |o: i64| o % step as i64 == 0;
                let expected: Vec<i64> = (pixel as i64 + 1 - window as i64..=pixel as i64)
                    .filter(|&o| regular(o))
                    .collect();
                let covering: Vec<i64> = origins
                    .iter()
                    .filter(|&&o| o <= pixel && pixel < o + window)
                    .map(|&o| o as i64)
                    .collect();
                assert_eq!(covering, expected, "pixel {pixel} of {axis:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_says_what_to_do() {
        let message = |image, window, step| {
            Axis::new('y', image, window, step, false)
                .unwrap_err()
                .to_string()
        };
        assert!(
            message(8, 9, 1)
                .contains("along y: a window of 9 pixels does not fit in an image of 8")
        );
        assert!(message(8, 0, 1).contains("no pixel"));
        assert!(message(8, 2, 0).contains("step of at least 1"));
    }
}
