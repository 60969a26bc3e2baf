use super::stored::Stored;
use crate::Result;

/// The kept iterations of the first chain, as far as the file has them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// The number of each iteration, from 1.
    pub iteration: Vec<u64>,
    /// The misfit after it.
    pub misfit: Vec<f64>,
    /// Whether the state changed.
    pub accepted: Vec<bool>,
}

impl Trace {
    /// Iterations after burn-in; in a failed chain all of them.
    pub(super) fn read(stored: &Stored, row: usize) -> Result<Trace> {
        let (misfits, flags) = ("phids/data", "acceptance_rate/data");
        if !(stored.has(misfits) && stored.has(flags)) {
            return Ok(Trace::default());
        }
        let misfit = stored.row::<f64>(misfits, row)?;
        let accepted = stored.row::<u8>(flags, row)?;
        let first = stored.row::<i64>("burned_in_iteration", row)?[0].max(0);
        let last = stored.row::<i64>("iteration", row)?[0].max(0);
        let mut trace = Trace::default();
        let all = misfit.into_iter().zip(accepted).enumerate();
        for (place, (misfit, accepted)) in all
            .take(last as usize)
            .skip((first as usize).saturating_sub(1))
        {
            if misfit.is_finite() {
                trace.iteration.push(place as u64 + 1);
                trace.misfit.push(misfit);
                trace.accepted.push(accepted > 0);
            }
        }
        Ok(trace)
    }

    /// The part of the iterations that changed the state; not a number where there is none.
    pub fn acceptance(&self) -> f64 {
        let accepted = self.accepted.iter().filter(|accepted| **accepted).count();
        accepted as f64 / self.accepted.len() as f64
    }
}
