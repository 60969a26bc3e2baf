use crate::options::Traces;

/// How many iterations a thin trace has at most; at least half of it once there were so many.
const THIN: usize = 2048;

/// Iterations of a chain, from the first one on: all, or every so-manieth.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// From one to the next.
    pub stride: u64,
    /// The misfit after it.
    pub misfit: Vec<f64>,
    /// Whether the state changed.
    pub accepted: Vec<bool>,
}

impl Trace {
    /// What a thin one takes.
    pub(super) const THIN_BYTES: usize = THIN * 9;

    /// Nothing yet, with the memory that a thin one needs.
    pub(super) fn new(traces: Traces) -> Trace {
        let capacity = if traces == Traces::Thin { THIN } else { 0 };
        Trace {
            stride: 1,
            misfit: Vec::with_capacity(capacity),
            accepted: Vec::with_capacity(capacity),
        }
    }

    /// Takes an iteration, from 1, of a chain whose trace is one of `traces`.
    pub(super) fn add(&mut self, traces: Traces, iteration: u64, misfit: f64, accepted: bool) {
        if traces == Traces::None || !(iteration - 1).is_multiple_of(self.stride) {
            return;
        }
        self.misfit.push(misfit);
        self.accepted.push(accepted);
        if traces == Traces::Thin && self.misfit.len() == THIN {
            for place in 0..THIN / 2 {
                self.misfit[place] = self.misfit[2 * place];
                self.accepted[place] = self.accepted[2 * place];
            }
            self.misfit.truncate(THIN / 2);
            self.accepted.truncate(THIN / 2);
            self.stride *= 2;
        }
    }
}
