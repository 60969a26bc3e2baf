/// Which of the ranks that compute an item of a stream goes to.
#[derive(Clone, Copy, Debug, Default)]
pub enum Dealing {
    /// The one with the fewest items waiting; of several, the lowest.
    #[default]
    Fewest,
    /// The one that a function of the item's index and the number of these ranks says, modulo that
    /// number: the same in every run.
    By(fn(usize, usize) -> usize),
}
