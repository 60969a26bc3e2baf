use std::time::{Duration, Instant};

use jobwise_core::MAX_GRAIN;

/// How many items a lane takes at once: many small ones, so that handing them over costs little;
/// one large one, so that lanes end together. Adapts to the time that the last hand-outs took;
/// results do not depend on it.
#[derive(Debug)]
pub(crate) struct Grain {
    items: usize,
}

impl Grain {
    /// Handing over costs a few microseconds; hand-outs that last this long hide it.
    const SHORT: Duration = Duration::from_micros(100);
    const LONG: Duration = Duration::from_micros(400);

    pub(crate) fn new() -> Self {
        Grain { items: 1 }
    }

    pub(crate) fn items(&self) -> usize {
        self.items
    }

    /// Learns how long a hand-out of `items` took.
    pub(crate) fn learn(&mut self, items: usize, took: Duration) {
        if took < Self::SHORT && items >= self.items {
            self.items = (self.items * 2).min(MAX_GRAIN);
        } else if took > Self::LONG {
            self.items = (self.items / 2).max(1);
        }
    }
}

/// Runs `body` and tells how long it took.
pub(crate) fn timed(body: impl FnOnce()) -> Duration {
    let start = Instant::now();
    body();
    start.elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_items_go_in_crowds_and_large_ones_alone() {
        let mut grain = Grain::new();
        for _ in 0..20 {
            grain.learn(grain.items(), Duration::from_micros(1));
        }
        assert_eq!(grain.items(), MAX_GRAIN);
        for _ in 0..20 {
            grain.learn(grain.items(), Duration::from_millis(50));
        }
        assert_eq!(grain.items(), 1);
    }
}
