//! What to say about an unknown key.

/// Names the nearest known key if at least half of the letters are right, else all of them.
pub(super) fn unknown(key: &str, known: &[&str]) -> String {
    known
        .iter()
        .map(|candidate| (edits(key, candidate), candidate))
        .min()
        .filter(|(edits, _)| *edits <= 3 && 2 * edits <= key.chars().count())
        .map_or_else(
            || format!("unknown key; known are {}", known.join(", ")),
            |(_, candidate)| format!("unknown key; did you mean {candidate}?"),
        )
}

/// Insertions, deletions and replacements that lead from one word to another (Levenshtein's
/// distance).
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::{edits, unknown};

    #[test]
    fn distances() {
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("same", "same"), 0);
    }

    #[test]
    fn the_nearest_is_named() {
        let known = ["alpha", "beta"];
        assert_eq!(unknown("alhpa", &known), "unknown key; did you mean alpha?");
        assert_eq!(
            unknown("colours", &known),
            "unknown key; known are alpha, beta"
        );
        // Three edits away, as any two short words are.
        assert_eq!(unknown("snr", &["dc"]), "unknown key; known are dc");
    }
}
