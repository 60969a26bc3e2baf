use super::{Selection, by_elbow, by_variance};
use crate::{Error, Result};

/// How the kept components are chosen.
#[derive(Clone, Debug, PartialEq)]
pub enum Kept {
    /// By their numbers.
    Selected(Selection),
    /// The fewest leading ones that hold this fraction of the windows' sum of squares.
    Variance(f64),
    /// Those before the elbow of the scree.
    Elbow,
}

impl Kept {
    /// Reads `variance:F` with a fraction above 0 and at most 1, `elbow`, or what
    /// [`Selection::parse`] reads.
    ///
    /// # Errors
    /// The text is none of them.
    pub fn parse(text: &str) -> Result<Kept> {
        if text.trim() == "elbow" {
            return Ok(Kept::Elbow);
        }
        let Some(fraction) = text.trim().strip_prefix("variance:") else {
            return Selection::parse(text).map(Kept::Selected);
        };
        let number = fraction.trim().parse().ok();
        let held = number.filter(|&held| held > 0.0 && held <= 1.0);
        held.map(Kept::Variance).ok_or_else(|| {
            Error::Request(format!(
                "variance:{fraction}: give a fraction above 0 and at most 1, as in variance:0.95"
            ))
        })
    }

    /// The components that have to be known to choose, counted from the first: of `rank` that there
    /// are.
    ///
    /// # Errors
    /// Selected components do not exist.
    pub(super) fn reach(&self, rank: usize) -> Result<usize> {
        match self {
            Kept::Selected(selection) => {
                let last = selection.indices(rank)?.into_iter().max();
                Ok(last.map_or(0, |last| last + 1))
            }
            Kept::Variance(_) | Kept::Elbow => Ok(rank),
        }
    }

    /// The kept ones, given the singular values of all that were decomposed.
    pub(super) fn selection(&self, singular: &[f64]) -> Selection {
        match self {
            Kept::Selected(selection) => selection.clone(),
            Kept::Variance(held) => Selection::Range(0, by_variance(singular, *held)),
            Kept::Elbow => Selection::Range(0, by_elbow(singular)),
        }
    }
}

impl std::fmt::Display for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Kept::Selected(Selection::All) => f.write_str("all"),
            Kept::Selected(Selection::Range(start, end)) => write!(f, "{start}-{end}"),
            Kept::Selected(Selection::List(list)) => {
                let texts: Vec<String> = list.iter().map(usize::to_string).collect();
                f.write_str(&texts.join(","))
            }
            Kept::Variance(held) => write!(f, "variance:{held}"),
            Kept::Elbow => f.write_str("elbow"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_read_as_they_are_written() {
        for text in ["all", "2-7", "0,1,3,6", "variance:0.95", "elbow"] {
            assert_eq!(Kept::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Kept::parse("24").unwrap().to_string(), "0-24");
        for wrong in ["variance:0", "variance:1.01", "variance:NaN", "elbows"] {
            assert!(Kept::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn choices_reach_as_far_as_they_must() {
        let reach = |text: &str| Kept::parse(text).unwrap().reach(50).unwrap();
        assert_eq!(
            ["all", "5", "2-7", "4,9,1", "elbow"].map(reach),
            [50, 5, 7, 10, 50]
        );
        assert!(Kept::parse("51").unwrap().reach(50).is_err());
        let singular = [3.0, 2.0, 1.0, 0.5];
        let kept = |text: &str| Kept::parse(text).unwrap().selection(&singular);
        assert_eq!(kept("variance:0.9"), Selection::Range(0, 2));
        assert_eq!(kept("variance:1"), Selection::Range(0, 4));
    }
}
