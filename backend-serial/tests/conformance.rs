//! The laws on the calling thread, on pools, and on several ranks of both; and the mutants, which
//! the laws must notice.

use std::time::Duration;

use jobwise_core::conformance::mutants::Mutant;
use jobwise_core::conformance::{Verdict, on_ranks, within};
use jobwise_core::{Across, Backend, Cpu, LocalComm, conformance_tests};
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

/// A mutant that shows on a world of these and is not noticed fails with its name.
fn all_caught(judge: fn(Mutant) -> Verdict) {
    for &mutant in Mutant::ALL.iter().filter(|mutant| !mutant.needs_batches()) {
        within(Duration::from_mins(1), move || judge(mutant));
    }
}

fn caught<B: Backend<Device = Cpu>>(mutant: Mutant, backend: &B) -> Verdict {
    if mutant.shows_on(backend) {
        mutant.caught(backend).map(drop)
    } else {
        Ok(())
    }
}

#[test]
fn mutants_are_caught_on_two_threads() {
    all_caught(|mutant| threads::<2>(|backend| caught(mutant, backend)));
}

#[test]
fn mutants_are_caught_on_three_ranks() {
    all_caught(|mutant| ranks::<3>(|backend| caught(mutant, backend)));
}

#[test]
fn mutants_are_caught_on_two_ranks_of_two_threads() {
    all_caught(|mutant| ranks_of_two_threads::<2>(|backend| caught(mutant, backend)));
}
