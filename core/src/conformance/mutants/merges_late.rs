use crate::Reduce;

/// A reduction that keeps the accumulators of its blocks until [`end`](MergesLate::end).
pub(in crate::conformance) struct MergesLate<'r, R>(pub(in crate::conformance) &'r R);

impl<R> MergesLate<'_, R> {
    /// The value of all blocks.
    pub(in crate::conformance) fn end<O>(&self, blocks: Vec<R::Acc>) -> R::Acc
    where
        R: Reduce<O>,
    {
        let merge = |mut left: R::Acc, right: R::Acc| {
            self.0.merge(&mut left, right);
            left
        };
        blocks
            .into_iter()
            .reduce(merge)
            .unwrap_or_else(|| self.0.identity())
    }
}

impl<O, R: Reduce<O>> Reduce<O> for MergesLate<'_, R> {
    type Acc = Vec<R::Acc>;

    fn identity(&self) -> Self::Acc {
        vec![self.0.identity()]
    }

    fn fold(&self, acc: &mut Self::Acc, index: usize, output: O) {
        if let Some(last) = acc.last_mut() {
            self.0.fold(last, index, output);
        }
    }

    fn merge(&self, left: &mut Self::Acc, right: Self::Acc) {
        left.extend(right);
    }
}
