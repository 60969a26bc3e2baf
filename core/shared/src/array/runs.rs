use std::ops::Range;

use jobwise_core::{Error, Result, Wire};

/// Where a box of an array lies among its bytes: runs of one length, evenly spaced along some axes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Runs {
    /// Where the first run begins.
    first: usize,
    /// Bytes of a run.
    length: usize,
    /// How many, and how many bytes apart; the fastest axis first.
    outer: Vec<(usize, usize)>,
}

/// What a box takes of an axis.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    pub(super) start: usize,
    pub(super) step: usize,
    pub(super) count: usize,
}

impl Runs {
    /// Of a box inside an array of this shape, whose elements have `size` bytes.
    pub(super) fn new(
        shape: &[usize],
        size: usize,
        taken: impl DoubleEndedIterator<Item = Taken> + ExactSizeIterator,
    ) -> Runs {
        let mut runs = Runs {
            first: 0,
            length: size,
            outer: Vec::new(),
        };
        let mut apart = size;
        for (&extent, axis) in shape.iter().zip(taken).rev() {
            if axis.count == 0 {
                return Runs {
                    first: 0,
                    length: 0,
                    outer: Vec::new(),
                };
            }
            runs.first += axis.start * apart;
            if axis.count > 1 {
                if runs.outer.is_empty() && axis.step * apart == runs.length {
                    runs.length *= axis.count;
                } else {
                    runs.outer.push((axis.count, axis.step * apart));
                }
            }
            apart *= extent;
        }
        runs
    }

    /// How many bytes.
    pub(super) fn bytes(&self) -> usize {
        self.outer
            .iter()
            .fold(self.length, |all, (count, _)| all * count)
    }

    /// Whether all of them lie in an array of `len` bytes. What comes from elsewhere is asked this
    /// first.
    pub(super) fn lies_in(&self, len: usize) -> bool {
        let mut end = self.first.checked_add(self.length);
        let mut bytes = Some(self.length);
        for &(count, apart) in &self.outer {
            let last = count.checked_sub(1).and_then(|n| n.checked_mul(apart));
            end = end.zip(last).and_then(|(end, last)| end.checked_add(last));
            bytes = bytes.and_then(|bytes| bytes.checked_mul(count));
        }
        end.is_some_and(|end| end <= len) && bytes.is_some_and(|bytes| bytes <= len)
    }
}

impl Wire for Runs {
    fn put(&self, out: &mut Vec<u8>) {
        self.first.put(out);
        self.length.put(out);
        self.outer.put(out);
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        Ok(Runs {
            first: usize::take(input)?,
            length: usize::take(input)?,
            outer: Vec::take(input)?,
        })
    }
}

/// Goes through the bytes of boxes, one box after the other, in row-major order of each.
#[derive(Debug)]
pub(super) struct Cursor<'r> {
    boxes: &'r [Runs],
    /// Of the present run: its index along each outer axis, where it begins, and how much of it is
    /// done.
    at: Vec<usize>,
    begin: usize,
    done: usize,
}

impl<'r> Cursor<'r> {
    pub(super) fn new(boxes: &'r [Runs]) -> Cursor<'r> {
        let mut cursor = Cursor {
            boxes,
            at: Vec::new(),
            begin: 0,
            done: 0,
        };
        cursor.enter();
        cursor
    }

    /// To the beginning of the first box that is not empty.
    fn enter(&mut self) {
        while let [first, rest @ ..] = self.boxes {
            if first.length > 0 {
                self.begin = first.first;
                self.at.clear();
                self.at.resize(first.outer.len(), 0);
                return;
            }
            self.boxes = rest;
        }
    }

    /// The next bytes that lie together, `most` at most; `None` at the end.
    pub(super) fn take(&mut self, most: usize) -> Option<Range<usize>> {
        let runs = self.boxes.first()?;
        let begin = self.begin + self.done;
        let len = most.min(runs.length - self.done);
        self.done += len;
        if self.done == runs.length {
            self.done = 0;
            self.step(runs);
        }
        Some(begin..begin + len)
    }

    fn step(&mut self, runs: &Runs) {
        for (at, &(count, apart)) in self.at.iter_mut().zip(&runs.outer) {
            *at += 1;
            self.begin += apart;
            if *at < count {
                return;
            }
            self.begin -= count * apart;
            *at = 0;
        }
        self.boxes = &self.boxes[1..];
        self.enter();
    }

    /// Appends the next bytes of `copy`, `most` at most.
    pub(super) fn pack(&mut self, copy: &[u8], mut most: usize, out: &mut Vec<u8>) {
        while most > 0
            && let Some(range) = self.take(most)
        {
            most -= range.len();
            out.extend_from_slice(&copy[range]);
        }
    }

    /// Puts `bytes` into the next places of `copy`.
    ///
    /// # Errors
    /// When they are more than the boxes have left.
    pub(super) fn fill(&mut self, copy: &mut [u8], mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let Some(range) = self.take(bytes.len()) else {
                return Err(Error::Malformed(format!(
                    "{} bytes too many for a shared array",
                    bytes.len()
                )));
            };
            let (now, later) = bytes.split_at(range.len());
            copy[range].copy_from_slice(now);
            bytes = later;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(shape: &[usize], taken: &[(usize, usize, usize)]) -> Runs {
        let taken = taken
            .iter()
            .map(|&(start, step, count)| Taken { start, step, count });
        Runs::new(shape, 4, taken)
    }

    #[test]
    fn whole_rows_are_one_run_and_parts_of_rows_are_several() {
        let whole = runs(&[3, 2, 5], &[(1, 1, 2), (0, 1, 2), (0, 1, 5)]);
        assert_eq!((whole.first, whole.length), (40, 80));
        assert!(whole.outer.is_empty());
        let parts = runs(&[3, 2, 5], &[(0, 2, 2), (1, 1, 1), (1, 1, 3)]);
        assert_eq!((parts.first, parts.length), (24, 12));
        assert_eq!(parts.outer, [(2, 80)]);
        assert_eq!(parts.bytes(), 24);
        assert_eq!(runs(&[], &[]).bytes(), 4);
        assert_eq!(runs(&[3, 4], &[(0, 1, 2), (4, 1, 0)]).bytes(), 0);
    }

    #[test]
    fn bytes_come_in_row_major_order_however_they_are_asked_for() {
        let empty = runs(&[4, 6], &[(0, 1, 0), (0, 1, 6)]);
        let boxes = [
            empty.clone(),
            runs(&[4, 6], &[(1, 2, 2), (0, 3, 2)]),
            empty,
            runs(&[4, 6], &[(0, 1, 1), (2, 1, 2)]),
        ];
        let copy: Vec<u8> = (0..96).collect();
        let expected: Vec<u8> = [24..28, 36..40, 72..76, 84..88, 8..16]
            .into_iter()
            .flatten()
            .collect();
        for most in [1, 3, 4, 7, 100] {
            let (mut out, mut cursor) = (Vec::new(), Cursor::new(&boxes));
            for _ in 0..24 {
                cursor.pack(&copy, most, &mut out);
            }
            assert_eq!(out, expected, "{most} at a time");
        }
        let mut back = vec![0; 96];
        let mut cursor = Cursor::new(&boxes);
        for part in expected.chunks(5) {
            cursor.fill(&mut back, part).unwrap();
        }
        assert!(back.iter().zip(&copy).all(|(b, c)| *b == 0 || b == c));
        assert_eq!(back.iter().filter(|b| **b != 0).count(), 24);
        assert!(cursor.fill(&mut back, &[1]).is_err());
    }

    #[test]
    fn what_does_not_lie_in_the_array_is_noticed() {
        let fits = runs(&[4, 6], &[(1, 2, 2), (0, 3, 2)]);
        assert!(fits.lies_in(96) && !fits.lies_in(87));
        for (first, length, outer) in [
            (usize::MAX, 8, vec![]),
            (0, 8, vec![(usize::MAX, usize::MAX)]),
            (0, 8, vec![(usize::MAX, 0)]),
            (0, 8, vec![(0, 8)]),
        ] {
            let hostile = Runs {
                first,
                length,
                outer,
            };
            assert!(!hostile.lies_in(96), "{hostile:?}");
        }
    }
}
