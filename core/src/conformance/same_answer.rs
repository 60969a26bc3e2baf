//! Rows, sums and lists have the bits of an independent reference, on any number of ranks and lanes
//! and any division.

use super::log::Log;
use super::plan::Plan;
use super::subject::{Run, Way};
use super::toy::{Toy, value};
use super::{Subject, ToyDevice, Verdict, ensure};
use crate::Backend;

const LEN: usize = 200;

/// See the [module](self). Collective.
///
/// # Errors
/// When the law is broken.
pub fn law<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>) -> Verdict {
    for (index, count) in [(0, 1), (1, 3)] {
        for plan in Plan::all().map(|plan| plan.of_job(index, count)) {
            for way in Way::ALL {
                check(subject, way, plan)?;
            }
        }
    }
    Ok(())
}

fn check<B: Backend<Device: ToyDevice>>(subject: &Subject<'_, B>, way: Way, plan: Plan) -> Verdict {
    let (toy, mut log) = (Toy::new(LEN), Log::new());
    let what = format!("{way:?}, {plan:?}");
    let outcome = subject.run(way, &Run::new(&toy, plan), &mut log);
    let brought = subject.fine(outcome, &what)?;
    if way == Way::Reduce {
        let expected = tree(&plan.blocks(LEN).into_iter().map(leaf).collect::<Vec<_>>());
        // The sum of every rank.
        let sums = subject.gathered(brought.sum)?;
        let equal = sums.iter().all(|sum| sum.to_bits() == expected.to_bits());
        return ensure(equal, || format!("{what}: {sums:?}, expected {expected:?}"));
    }
    let expected: Vec<_> = plan
        .items(LEN)
        .into_iter()
        .map(|i| (i, value(0, i).to_bits()))
        .collect();
    let lists = match way {
        Way::Collect => subject.gathered(brought.list)?,
        _ => vec![subject.all_rows(log.sorted())?],
    };
    ensure(lists.iter().all(|list| *list == expected), || {
        format!("{what}: other rows than expected: {lists:?}")
    })
}

/// A block, folded from left to right.
fn leaf(items: std::ops::Range<usize>) -> f64 {
    items.fold(0.0, |sum, index| sum + value(0, index))
}

/// The tree in which siblings are (0, 1), (2, 3), ... on each level and an odd one out rises: the
/// left branch is the largest power of two of leaves that leaves something for the right one.
fn tree(leaves: &[f64]) -> f64 {
    match leaves {
        [] => 0.0,
        [only] => *only,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            tree(left) + tree(right)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_order_of_addition_shows() {
        let straight = leaf(0..LEN);
        for width in [1, 3, 64] {
            let [plan, ..] = Plan::dealings(width);
            let sum = tree(&plan.blocks(LEN).into_iter().map(leaf).collect::<Vec<_>>());
            assert_ne!(sum.to_bits(), straight.to_bits(), "width {width}");
        }
    }
}
