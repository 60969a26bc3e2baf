use jobwise_core::{Error, Result};

/// Where the holder of a ticket waits. All changes are by compare-and-swap, so that who comes first
/// decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Empty,
    /// A rank waits with this ticket.
    Waiting {
        ticket: u32,
        rank: u32,
    },
    /// It is this ticket's turn.
    Granted {
        ticket: u32,
    },
    /// The rank with this ticket has given up, until it comes again.
    Abandoned {
        ticket: u32,
        rank: u32,
    },
}

impl Slot {
    /// As a word: what it is, the ticket (31 bits), the rank (31 bits).
    pub(super) fn word(self) -> u64 {
        let (state, ticket, rank) = match self {
            Slot::Empty => (0, 0, 0),
            Slot::Waiting { ticket, rank } => (1, ticket, rank),
            Slot::Granted { ticket } => (2, ticket, 0),
            Slot::Abandoned { ticket, rank } => (3, ticket, rank),
        };
        state << 62 | u64::from(ticket) << 31 | u64::from(rank)
    }

    /// What a word says that must be about this ticket.
    pub(super) fn of(word: u64, expected: u32) -> Result<Slot> {
        let (ticket, rank) = ((word >> 31) as u32 & LOW, word as u32 & LOW);
        let slot = match word >> 62 {
            0 => Slot::Empty,
            1 => Slot::Waiting { ticket, rank },
            2 => Slot::Granted { ticket },
            _ => Slot::Abandoned { ticket, rank },
        };
        if slot == Slot::Empty || ticket == expected {
            Ok(slot)
        } else {
            Err(Error::Malformed(format!(
                "{slot:?} where ticket {expected} belongs"
            )))
        }
    }
}

const LOW: u32 = (1 << 31) - 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_survive_as_words() {
        let (ticket, rank) = (LOW, LOW - 1);
        for slot in [
            Slot::Empty,
            Slot::Waiting { ticket, rank },
            Slot::Granted { ticket },
            Slot::Abandoned { ticket, rank },
        ] {
            assert_eq!(Slot::of(slot.word(), ticket).ok(), Some(slot));
            assert_eq!(Slot::of(slot.word(), 3).is_ok(), slot == Slot::Empty);
        }
        assert_eq!(Slot::Empty.word(), 0);
    }
}
