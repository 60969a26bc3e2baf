//! The laws on the calling thread, on pools, and on several ranks of both; and the mutants, which
//! the laws must notice.

use std::time::Duration;

use jobwise_core::conformance::mutants::Mutant;
use jobwise_core::conformance::{Verdict, on_ranks, within};
use jobwise_core::{Across, LocalComm, conformance_tests};
use jobwise_serial::{Serial, Threads};

fn pool(count: usize) -> Threads {
    Threads::new(Some(count))
}

fn serial(law: impl Fn(&Serial) -> Verdict + Sync) -> Verdict {
    law(&Serial::new())
}

fn threads<const N: usize>(law: impl Fn(&Threads) -> Verdict + Sync) -> Verdict {
    law(&pool(N))
}

fn ranks<const N: usize>(law: impl Fn(&Across<LocalComm, Serial>) -> Verdict + Sync) -> Verdict {
    on_ranks(N, Serial::new, law)
}

fn ranks_of_two_threads<const N: usize>(
    law: impl Fn(&Across<LocalComm, Threads>) -> Verdict + Sync,
) -> Verdict {
    on_ranks(N, || pool(2), law)
}

conformance_tests!(on_the_calling_thread, serial);
conformance_tests!(on_one_thread, threads::<1>);
conformance_tests!(on_two_threads, threads::<2>);
conformance_tests!(on_eight_threads, threads::<8>);
conformance_tests!(on_one_rank, ranks::<1>);
conformance_tests!(on_two_ranks, ranks::<2>);
conformance_tests!(on_three_ranks, ranks::<3>);
conformance_tests!(on_five_ranks, ranks::<5>);
conformance_tests!(on_one_rank_of_two_threads, ranks_of_two_threads::<1>);
conformance_tests!(on_two_ranks_of_two_threads, ranks_of_two_threads::<2>);
conformance_tests!(on_three_ranks_of_two_threads, ranks_of_two_threads::<3>);
conformance_tests!(on_five_ranks_of_two_threads, ranks_of_two_threads::<5>);

/// A mutant that is not noticed fails with its name.
fn all_caught(judge: fn(Mutant) -> Verdict, among: impl Fn(&Mutant) -> bool) {
    for mutant in Mutant::ALL
        .into_iter()
        .filter(|mutant| !mutant.needs_batches() && among(mutant))
    {
        within(Duration::from_mins(1), move || judge(mutant));
    }
}

#[test]
fn mutants_are_caught_on_two_threads() {
    let judge = |mutant: Mutant| threads::<2>(|backend| mutant.caught(backend).map(drop));
    all_caught(judge, |mutant| mutant.shows_on_one_rank());
}

#[test]
fn mutants_are_caught_on_three_ranks() {
    let judge = |mutant: Mutant| ranks::<3>(|backend| mutant.caught(backend).map(drop));
    all_caught(judge, |_| true);
}

#[test]
fn mutants_are_caught_on_two_ranks_of_two_threads() {
    let judge = |mutant: Mutant| ranks_of_two_threads::<2>(|b| mutant.caught(b).map(drop));
    all_caught(judge, |_| true);
}
