/// The two numbers that one word holds: the next ticket below, the one that is served above. Nobody
/// has the lock when they are equal.
///
/// Tickets are these modulo [`ROUND`](Counts::ROUND). Whoever has the lock and finds that a round
/// is over takes it off both, so neither field overflows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) next: u32,
    pub(super) serving: u32,
}

impl Counts {
    /// Added to the word: takes a ticket.
    pub(super) const TAKE: u64 = 1;
    /// Added to the word: serves the next ticket.
    pub(super) const SERVE: u64 = 1 << 32;
    /// Added to the word: takes a round off both numbers.
    pub(super) const TURN_BACK: u64 =
        (Self::ROUND as u64 * (Self::SERVE + Self::TAKE)).wrapping_neg();
    const ROUND: u32 = 1 << 31;

    pub(super) fn of(word: u64) -> Counts {
        Counts {
            next: word as u32,
            serving: (word >> 32) as u32,
        }
    }

    /// As the word that holds them.
    #[cfg(test)]
    pub(super) fn word(self) -> u64 {
        u64::from(self.serving) << 32 | u64::from(self.next)
    }

    pub(super) fn is_free(self) -> bool {
        self.next == self.serving
    }

    /// The ticket that whoever saw these numbers took.
    pub(super) fn taken(self) -> u32 {
        self.next % Self::ROUND
    }

    /// The ticket that is served.
    pub(super) fn served(self) -> u32 {
        self.serving % Self::ROUND
    }

    pub(super) fn round_is_over(self) -> bool {
        self.serving >= Self::ROUND
    }

    /// How many tickets are out.
    pub(super) fn out(self) -> usize {
        (self.next - self.serving) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_goes_off_both_numbers() {
        let late = Counts {
            next: (1 << 31) + 9,
            serving: (1 << 31) + 2,
        };
        let back = Counts::of(late.word().wrapping_add(Counts::TURN_BACK));
        assert_eq!((back.next, back.serving), (9, 2));
        assert_eq!((late.taken(), late.served(), late.out()), (9, 2, 7));
        assert!(late.round_is_over() && !back.round_is_over());
    }
}
