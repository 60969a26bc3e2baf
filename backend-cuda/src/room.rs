//! How many items a lane has room for.

use crate::device::Share;
use crate::{Cuda, Demand};

impl Demand {
    /// The items that fit into what a lane may use, at most those that are useful, at least one.
    pub(crate) fn room(&self, device: &Cuda) -> usize {
        self.within(device.share())
    }

    fn within(&self, share: &Share) -> usize {
        let fit = |bytes: usize, each: usize| bytes.checked_div(each).unwrap_or(usize::MAX);
        let on_device = fit(share.device.saturating_sub(self.lane), self.item);
        let on_host = fit(share.host, self.pinned);
        let most = self.useful.min(share.grain);
        on_device.min(on_host).min(most).max(1)
    }
}

/// Bytes for people: three figures.
pub(crate) fn bytes(count: usize) -> String {
    const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];
    let (mut value, mut unit) = (count as f64, 0);
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let decimals = match value {
        _ if unit == 0 || value >= 99.95 => 0,
        value if value >= 9.995 => 1,
        _ => 2,
    };
    format!("{value:.decimals$} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_bounded_by_memory_and_use() {
        let demand = Demand {
            lane: 100,
            item: 10,
            pinned: 4,
            useful: 32,
        };
        let room = |device, host, grain| {
            demand.within(&Share {
                device,
                host,
                grain,
                ..Share::WHOLE
            })
        };
        assert_eq!(room(usize::MAX, usize::MAX, 4096), 32);
        assert_eq!(room(200, usize::MAX, 4096), 10);
        assert_eq!(room(usize::MAX, 20, 4096), 5);
        assert_eq!(room(usize::MAX, usize::MAX, 8), 8);
        // One is tried, and the device says what it lacks.
        assert_eq!(room(50, usize::MAX, 4096), 1);
    }

    #[test]
    fn bytes_have_three_figures() {
        let said = [0, 999, 1000, 15_350, 999_600, 143_000_000_000].map(bytes);
        assert_eq!(
            said,
            ["0 B", "999 B", "1.00 kB", "15.3 kB", "1.00 MB", "143 GB"]
        );
    }
}
