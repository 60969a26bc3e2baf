use std::time::Duration;

use jobwise_tasks::TaskPool;

use super::slot::Slot;
use crate::guard::since_boot;

/// Until when the commands of this run may go on: each sign of life that this run gives in its
/// directory lets them go on for longer.
#[derive(Debug, Default)]
pub(super) struct Life {
    until: Duration,
    is_late: bool,
}

impl Life {
    /// Guards are told of no smaller steps than this.
    const STEP: Duration = Duration::from_millis(100);

    /// Tells all guards if there was a sign of life, and ends the commands if there was none for
    /// too long.
    pub(super) fn keep(&mut self, pool: &TaskPool<'_>, slots: &mut [Slot]) {
        let Some(left) = pool.holds_for() else {
            return;
        };
        self.is_late = left.is_zero();
        if self.is_late {
            slots.iter_mut().for_each(Slot::stop_late);
            return;
        }
        let until = since_boot() + left;
        if until > self.until + Self::STEP {
            self.until = until;
            for slot in slots {
                slot.go_on_until(until);
            }
        }
    }

    /// Until when a command may go on that begins now.
    pub(super) fn until(&self) -> Duration {
        self.until
    }

    /// Whether nothing may be begun, as others are about to take over what this run has.
    pub(super) fn is_late(&self) -> bool {
        self.is_late
    }
}
