use jobwise_core::Reduce;

/// Adds lists of numbers, all of the same length.
pub(super) struct Total;

impl Reduce<Vec<f64>> for Total {
    type Acc = Vec<f64>;

    fn identity(&self) -> Vec<f64> {
        Vec::new()
    }

    fn fold(&self, acc: &mut Vec<f64>, _: usize, output: Vec<f64>) {
        if acc.is_empty() {
            *acc = output;
        } else {
            for (sum, value) in acc.iter_mut().zip(output) {
                *sum += value;
            }
        }
    }

    fn merge(&self, left: &mut Vec<f64>, right: Vec<f64>) {
        self.fold(left, 0, right);
    }
}
