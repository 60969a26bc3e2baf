use crate::vectors;

/// Sums in so many parts, so that they become vector instructions and have the same bits with any.
const PARTS: usize = 8;

/// Polynomials of order 0 to `order` that are orthonormal on the samples that count, and zero on
/// the others: the Legendre polynomials that span the same space, made orthogonal where samples are
/// missing or few.
#[derive(Clone, Debug, Default)]
pub(super) struct Basis {
    samples: usize,
    /// One polynomial after the other.
    values: Vec<f64>,
}

impl Basis {
    /// Fills this basis for `weights` of 1 where a sample counts and 0 where not, on positions
    /// `2 i / (n - 1) - 1`. Each polynomial is the one before times the position, made orthogonal
    /// to all before, twice: that keeps the digits where powers and even Legendre polynomials lose
    /// them.
    ///
    /// More samples than `order + 1` must count.
    pub(super) fn fill(&mut self, order: usize, weights: &[f64]) {
        let n = weights.len();
        self.samples = n;
        self.values.clear();
        self.values.extend_from_slice(weights);
        normalize(&mut self.values);
        let step = 2.0 / (n as f64 - 1.0);
        for k in 1..=order {
            self.values.resize((k + 1) * n, 0.0);
            let (before, next) = self.values.split_at_mut(k * n);
            let last = &before[(k - 1) * n..];
            for (i, (next, last)) in next.iter_mut().zip(last).enumerate() {
                *next = (step * i as f64 - 1.0) * last;
            }
            for _ in 0..2 {
                for one in before.chunks_exact(n) {
                    let part = dot(next, one);
                    subtract(next, part, one);
                }
            }
            normalize(next);
        }
    }

    /// Takes from `samples` (zero where they do not count) what these polynomials can say of them.
    pub(super) fn remove(&self, samples: &mut [f64], parts: &mut Vec<f64>) {
        parts.clear();
        let polynomials = || self.values.chunks_exact(self.samples);
        parts.extend(polynomials().map(|one| dot(samples, one)));
        for (one, &part) in polynomials().zip(parts.iter()) {
            subtract(samples, part, one);
        }
    }
}

fn normalize(values: &mut [f64]) {
    let norm = dot(values, values).sqrt();
    for value in values {
        *value /= norm;
    }
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    vectors::run(
        #[inline(always)]
        || {
            let mut sums = [0.0; PARTS];
            let (left, left_end) = left.as_chunks::<PARTS>();
            let (right, right_end) = right.as_chunks::<PARTS>();
            for (left, right) in left.iter().zip(right) {
                for part in 0..PARTS {
                    sums[part] += left[part] * right[part];
                }
            }
            let mut sum = 0.0;
            for part in sums {
                sum += part;
            }
            for (left, right) in left_end.iter().zip(right_end) {
                sum += left * right;
            }
            sum
        },
    )
}

fn subtract(from: &mut [f64], part: f64, values: &[f64]) {
    vectors::run(
        #[inline(always)]
        || {
            for (from, value) in from.iter_mut().zip(values) {
                *from -= part * value;
            }
        },
    );
}
