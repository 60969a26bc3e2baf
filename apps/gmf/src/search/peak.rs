//! The first of the largest.

/// Index and value of the first element that no other exceeds, if it exceeds `floor`.
///
/// Elements that are not numbers never win; of equal elements the first wins.
pub(super) fn first_above<T: PartialOrd + Copy>(
    floor: T,
    values: impl IntoIterator<Item = T>,
) -> Option<(usize, T)> {
    let mut best = None;
    let mut highest = floor;
    for (index, value) in values.into_iter().enumerate() {
        if value > highest {
            highest = value;
            best = Some((index, value));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::first_above;

    #[test]
    fn the_first_of_equals_wins() {
        assert_eq!(first_above(0.0, [1.0, 3.0, 3.0, 2.0]), Some((1, 3.0)));
    }

    #[test]
    fn nothing_above_the_floor_is_nothing() {
        assert_eq!(first_above(3.0, [1.0, 3.0]), None);
        assert_eq!(first_above(0.0, [0.0, -0.0]), None);
        assert_eq!(first_above(0.0, []), None);
    }

    #[test]
    fn what_is_not_a_number_never_wins() {
        assert_eq!(first_above(0.0, [f64::NAN, 1.0, f64::NAN]), Some((1, 1.0)));
        assert_eq!(first_above(0.0, [f64::NAN]), None);
    }
}
