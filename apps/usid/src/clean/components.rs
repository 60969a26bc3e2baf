use crate::{Error, Result};

/// Which components are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Every one.
    All,
    /// Components `start..end`.
    Range(usize, usize),
    /// These.
    List(Vec<usize>),
}

impl Selection {
    /// Reads `all`, `N` (the first N), `A..B` or `A-B` (A to B - 1; `components_used` has the
    /// second), or a list separated by commas, whose numbers are rounded half to even.
    ///
    /// # Errors
    /// The text is none of them.
    pub fn parse(text: &str) -> Result<Selection> {
        let problem = || {
            Error::Request(format!(
                "components `{text}`: give all, a number, a range like 2..7 (2 to 6) or a list \
                 like 0,1,3"
            ))
        };
        let whole = |part: &str| part.trim().parse::<usize>().map_err(|_| problem());
        if text.trim() == "all" {
            return Ok(Selection::All);
        }
        if let Some((start, end)) = text.split_once("..").or_else(|| text.split_once('-'))
            && !start.trim().is_empty()
            && !text.contains(',')
        {
            return Ok(Selection::Range(whole(start)?, whole(end)?));
        }
        let number = |part: &str| {
            let number = part.trim().parse::<f64>().map_err(|_| problem())?;
            let index = number.round_ties_even();
            if (0.0..=2.0_f64.powi(53)).contains(&index) {
                Ok(index as usize)
            } else {
                Err(Error::Request(format!(
                    "{number} is no component: they are counted from 0"
                )))
            }
        };
        let numbers = text.split(',').map(number).collect::<Result<Vec<_>>>()?;
        Ok(match numbers[..] {
            [count] => Selection::Range(0, count),
            _ => Selection::List(numbers),
        })
    }

    /// The indices of the kept among `available` components, in the order given.
    ///
    /// # Errors
    /// There is no such component, none is kept, or one is kept twice.
    pub fn indices(&self, available: usize) -> Result<Vec<usize>> {
        let indices: Vec<usize> = match self {
            Selection::All => (0..available).collect(),
            // A range too long to exist is named by its end, not listed.
            Selection::Range(_, end) if *end > available => vec![*end - 1],
            Selection::Range(start, end) => (*start..*end).collect(),
            Selection::List(list) => list.clone(),
        };
        if let Some(missing) = indices.iter().find(|&&index| index >= available) {
            return Err(Error::Request(format!(
                "component {missing} is kept, but there are {available}, counted from 0: keep \
                 fewer or decompose into more"
            )));
        }
        let mut sorted = indices.clone();
        sorted.sort_unstable();
        let mut pairs = sorted.iter().zip(sorted.iter().skip(1));
        if let Some((twice, _)) = pairs.find(|(one, next)| one == next) {
            return Err(Error::Request(format!(
                "component {twice} is kept twice: name it once"
            )));
        }
        if indices.is_empty() {
            return Err(Error::Request(
                "no component is kept: give at least one, or `all`".to_owned(),
            ));
        }
        Ok(indices)
    }

    /// The text of the attribute `components_used`, where it is one: lists are stored as numbers.
    pub fn text(&self) -> Option<String> {
        match self {
            Selection::All => Some("0-None".to_owned()),
            Selection::Range(start, end) => Some(format!("{start}-{end}")),
            Selection::List(_) => None,
        }
    }
}

/// The fewest leading components that hold `fraction` of the windows' sum of squares, given all
/// singular values.
pub fn by_variance(singular: &[f64], fraction: f64) -> usize {
    let total: f64 = singular.iter().map(|s| s * s).sum();
    let mut held = 0.0;
    let enough = |s: &f64| {
        held += s * s;
        held >= fraction * total
    };
    singular
        .iter()
        .position(enough)
        .map_or(singular.len(), |last| last + 1)
}

/// The components before the elbow of the scree: where the logarithm of the singular values lies
/// furthest below the straight line from the first to the last that is not 0. At least 1, if there
/// is one.
pub fn by_elbow(singular: &[f64]) -> usize {
    let largest = singular.first().copied().unwrap_or(0.0);
    let logs: Vec<f64> = singular
        .iter()
        .take_while(|&&s| s > 1e-12 * largest)
        .map(|&s| libm::log(s))
        .collect();
    let (Some(first), Some(last)) = (logs.first(), logs.last()) else {
        return singular.len().min(1);
    };
    let slope = (last - first) / (logs.len().max(2) - 1) as f64;
    let below = |i: usize| first + slope * i as f64 - logs[i];
    let elbow = (1..logs.len()).reduce(|best, i| if below(i) > below(best) { i } else { best });
    elbow.unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_counts_ranges_and_lists() {
        let kept = |text: &str| Selection::parse(text).unwrap().indices(10).unwrap();
        assert_eq!(kept("all"), (0..10).collect::<Vec<_>>());
        assert_eq!(kept("5"), [0, 1, 2, 3, 4]);
        for range in ["2..7", "2-7", " 2 .. 7"] {
            assert_eq!(kept(range), [2, 3, 4, 5, 6], "{range}");
        }
        // The peer takes two numbers for a range.
        assert_eq!(kept("2,7"), [2, 7]);
        assert_eq!(kept("0, 1.5, 4.5, 9"), [0, 2, 4, 9]);
    }

    #[test]
    fn attributes_say_what_was_kept() {
        let text = |text: &str| Selection::parse(text).unwrap().text();
        assert_eq!(text("all").as_deref(), Some("0-None"));
        assert_eq!(text("5").as_deref(), Some("0-5"));
        assert_eq!(text("2..7").as_deref(), Some("2-7"));
        assert_eq!(text("0,1,3"), None);
    }

    #[test]
    fn what_cannot_be_kept_is_named() {
        let message = |text: &str| {
            Selection::parse(text)
                .and_then(|s| s.indices(10))
                .unwrap_err()
                .to_string()
        };
        assert!(message("11").contains("component 10 is kept, but there are 10"));
        assert!(message("0,3,12").contains("component 12"));
        assert!(message("1,1,4").contains("component 1 is kept twice"));
        for nothing in ["0", "7-7", "7-2"] {
            assert!(
                message(nothing).contains("no component is kept"),
                "{nothing}"
            );
        }
        for bad in ["", "a", "1-b", "-3", "1,,2", "nan", "1e300"] {
            assert!(message(bad).contains("component"), "{bad}");
        }
        assert!(message("1-18446744073709551615").contains("18446744073709551614"));
    }

    #[test]
    fn suggestions_find_the_bend() {
        let singular = [100.0, 90.0, 80.0, 1.0, 0.9, 0.81, 0.73, 0.66];
        assert_eq!(by_elbow(&singular), 3);
        assert_eq!(by_variance(&singular, 0.3), 1);
        assert_eq!(by_variance(&singular, 0.999), 3);
        assert_eq!(by_variance(&singular, 1.1), 8);
        assert_eq!(
            (by_elbow(&[]), by_elbow(&[2.0]), by_elbow(&[0.0, 0.0])),
            (0, 1, 1)
        );
    }
}
