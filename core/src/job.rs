use std::fmt;
use std::str::FromStr;

/// One of `count` logical parts of a larger whole: `(index, count)` with `index < count`.
///
/// The jobs `(0, n) .. (n-1, n)` cover everything and never overlap, whichever [`Layout`] deals the
/// parts.
///
/// ```
/// use jobwise_core::{Job, Layout, Span};
/// let job: Job = "1/3".parse().unwrap();
/// let part = Span::whole(8).part(job, Layout::Strided);
/// assert_eq!(part.iter().collect::<Vec<_>>(), [1, 4, 7]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    index: usize,
    count: usize,
}

/// An index that is not below its count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidJob(String);

impl fmt::Display for InvalidJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "job {} is not INDEX/COUNT with 0 <= INDEX < COUNT",
            self.0
        )
    }
}

impl std::error::Error for InvalidJob {}

impl Job {
    /// The one job that is everything.
    pub const WHOLE: Job = Job { index: 0, count: 1 };

    /// Part `index` of `count`.
    ///
    /// # Errors
    /// When `index >= count`.
    pub fn new(index: usize, count: usize) -> Result<Job, InvalidJob> {
        if index < count {
            Ok(Job { index, count })
        } else {
            Err(InvalidJob(format!("{index}/{count}")))
        }
    }

    /// Which part this is, from 0.
    pub fn index(self) -> usize {
        self.index
    }

    /// How many parts there are.
    pub fn count(self) -> usize {
        self.count
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Job {
    type Err = InvalidJob;

    fn from_str(text: &str) -> Result<Job, InvalidJob> {
        let invalid = || InvalidJob(text.to_owned());
        let (index, count) = text.split_once('/').ok_or_else(invalid)?;
        let number = |part: &str| part.trim().parse().map_err(|_| invalid());
        Job::new(number(index)?, number(count)?)
    }
}

/// How a whole is dealt into parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Layout {
    /// Each part is one run of neighbours; sizes differ by at most one, larger parts first.
    #[default]
    Contiguous,
    /// Part `i` of `n` is `i, i+n, i+2n, ...`.
    Strided,
}

/// An arithmetic sequence of indices `start, start+step, ...`: what a job, and a rank within a job,
/// works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    start: usize,
    step: usize,
    len: usize,
}

impl Span {
    /// The indices `0..len`.
    pub fn whole(len: usize) -> Span {
        Span {
            start: 0,
            step: 1,
            len,
        }
    }

    /// One part of this span. Parts nest: the part of a part is a span again.
    #[must_use]
    pub fn part(self, job: Job, layout: Layout) -> Span {
        match layout {
            Layout::Contiguous => {
                let (size, larger) = (self.len / job.count, self.len % job.count);
                let first = job.index * size + job.index.min(larger);
                Span {
                    start: self.start.saturating_add(first.saturating_mul(self.step)),
                    step: self.step,
                    len: size + usize::from(job.index < larger),
                }
            }
            Layout::Strided => Span {
                start: self
                    .start
                    .saturating_add(job.index.saturating_mul(self.step)),
                step: self.step.saturating_mul(job.count),
                len: self.len.saturating_sub(job.index).div_ceil(job.count),
            },
        }
    }

    /// How many indices.
    pub fn len(self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    /// The index at `position`, or `None` past the end.
    pub fn get(self, position: usize) -> Option<usize> {
        (position < self.len).then(|| self.start + position * self.step)
    }

    /// Where `index` is in it, or `None` where it is not.
    pub fn position(self, index: usize) -> Option<usize> {
        let distance = index.checked_sub(self.start)?;
        let position = distance / self.step;
        (distance % self.step == 0 && position < self.len).then_some(position)
    }

    /// All indices, in order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..self.len).map(move |position| self.start + position * self.step)
    }

    /// The distance between neighbours.
    pub(crate) fn stride(self) -> usize {
        self.step
    }

    /// How many of `want` indices can be taken as one range: one, where they are no neighbours.
    pub(crate) fn at_once(self, want: usize) -> usize {
        if self.step == 1 { want } else { want.min(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_parsed_and_checked() {
        assert_eq!("2/5".parse(), Job::new(2, 5));
        for bad in ["5/5", "-1/2", "1", "a/b", "0/0", "1/2/3"] {
            assert!(
                bad.parse::<Job>()
                    .unwrap_err()
                    .to_string()
                    .contains("INDEX/COUNT"),
                "{bad}"
            );
        }
    }

    #[test]
    fn parts_of_parts_cover_once() {
        for layout in [Layout::Contiguous, Layout::Strided] {
            for (len, outer, inner) in [(0, 2, 3), (7, 3, 2), (20, 4, 3), (5, 50, 2)] {
                let mut seen: Vec<usize> = (0..outer)
                    .flat_map(|i| (0..inner).map(move |j| (i, j)))
                    .flat_map(|(i, j)| {
                        Span::whole(len)
                            .part(Job::new(i, outer).unwrap(), layout)
                            .part(Job::new(j, inner).unwrap(), layout)
                            .iter()
                            .collect::<Vec<_>>()
                    })
                    .collect();
                seen.sort_unstable();
                assert_eq!(seen, (0..len).collect::<Vec<_>>());
                let part = Span::whole(len).part(Job::new(outer - 1, outer).unwrap(), layout);
                let places: Vec<usize> = part.iter().filter_map(|i| part.position(i)).collect();
                assert_eq!(places, (0..part.len()).collect::<Vec<_>>());
                let outside = (0..len + 9).filter(|&i| part.position(i).is_some()).count();
                assert_eq!(outside, part.len());
            }
        }
    }
}
