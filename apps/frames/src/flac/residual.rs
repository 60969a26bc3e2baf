//! How residuals are cut into parts, and each part's parameter of Rice's code.

use super::bit_writer::BitWriter;

/// The greatest parameter: 31 would mean that numbers are not in Rice's code.
const GREATEST: u32 = 30;

/// The parts of a block's residuals.
#[derive(Clone, Debug)]
pub(super) struct Parts {
    /// There are two to the power of this.
    order: u32,
    /// A parameter for each.
    parameters: Vec<u32>,
    /// About how many bits the residuals take.
    pub(super) bits: u64,
}

impl Parts {
    /// The best parts of at most `2^greatest` for the residuals of a block of `samples`, whose
    /// first ones have no residual. All residuals are within plus or minus 2^31 - 1.
    pub(super) fn of(residuals: &[i64], samples: usize, greatest: u32) -> Parts {
        let first = samples - residuals.len();
        // Parts have equal lengths, and the first one has at least the samples without residual.
        let order = (0..=greatest.min(samples.trailing_zeros()))
            .rev()
            .find(|&order| samples >> order >= first.max(1))
            .unwrap_or(0);
        let each = samples >> order;
        let mut sums: Vec<u64> = Vec::with_capacity(1 << order);
        let mut rest = residuals;
        for part in 0..1usize << order {
            let count = if part == 0 { each - first } else { each };
            let (here, behind) = rest.split_at(count);
            sums.push(here.iter().map(|&residual| fold(residual)).sum());
            rest = behind;
        }
        let mut best = Parts::with_sums(order, &sums, samples, first);
        for order in (0..order).rev() {
            sums = sums.chunks_exact(2).map(|pair| pair[0] + pair[1]).collect();
            let parts = Parts::with_sums(order, &sums, samples, first);
            if parts.bits < best.bits {
                best = parts;
            }
        }
        best
    }

    fn with_sums(order: u32, sums: &[u64], samples: usize, first: usize) -> Parts {
        let mut bits = 0;
        let mut parameters = Vec::with_capacity(sums.len());
        for (part, &sum) in sums.iter().enumerate() {
            let each = samples >> order;
            let count = (if part == 0 { each - first } else { each }) as u64;
            let (parameter, size) = parameter(sum, count);
            parameters.push(parameter);
            bits += size;
        }
        let wide = width(&parameters);
        bits += 6 + u64::from(wide) * sums.len() as u64;
        Parts {
            order,
            parameters,
            bits,
        }
    }

    /// Writes the residuals.
    pub(super) fn write(&self, residuals: &[i64], samples: usize, bits: &mut BitWriter<'_>) {
        let wide = width(&self.parameters);
        bits.put(u64::from(wide == 5), 2);
        bits.put(u64::from(self.order), 4);
        let each = samples >> self.order;
        let mut count = each - (samples - residuals.len());
        let mut rest = residuals;
        for &k in &self.parameters {
            bits.put(u64::from(k), wide);
            let (here, behind) = rest.split_at(count);
            for &residual in here {
                let folded = fold(residual);
                let zeros = folded >> k;
                if zeros + u64::from(k) < 32 {
                    let low = folded & ((1 << k) - 1);
                    bits.put(1 << k | low, zeros as u32 + 1 + k);
                } else {
                    bits.put_zeros(zeros);
                    bits.put(folded, k);
                }
            }
            (rest, count) = (behind, each);
        }
    }
}

/// Bits of each parameter.
fn width(parameters: &[u32]) -> u32 {
    if parameters.iter().all(|&k| k < 15) {
        4
    } else {
        5
    }
}

/// 0, -1, 1, -2, 2, ... as 0, 1, 2, 3, 4, ...
fn fold(residual: i64) -> u64 {
    (residual << 1 ^ residual >> 63) as u64
}

/// The parameter for `count` folded numbers of this sum, and about how many bits they take.
fn parameter(sum: u64, count: u64) -> (u32, u64) {
    if count == 0 {
        return (0, 0);
    }
    // Numbers that fall off exponentially have their best parameter near the logarithm of their
    // mean times ln 2.
    let near = (sum * 7 / 10 / count).max(1).ilog2().min(GREATEST);
    let size =
        |k: u32| count * u64::from(k + 1) + (sum >> k).saturating_sub(count / 2 * u64::from(k > 0));
    (near..=(near + 1).min(GREATEST))
        .map(|k| (k, size(k)))
        .min_by_key(|&(_, size)| size)
        .unwrap_or((near, size(near)))
}
