//! The laws on the smallest backend, alone and on ranks that are threads; and the mutants, which
//! the laws must notice.

mod inline;

use std::time::Duration;

use inline::Inline;
use jobwise_core::conformance::emulated::EmulatedBackend;
use jobwise_core::conformance::mutants::Mutant;
use jobwise_core::conformance::{Subject, ToyDevice, Verdict, judge, on_ranks, within};
use jobwise_core::{Across, Backend, LocalComm, conformance_tests};

fn alone(law: impl Fn(&Inline) -> Verdict + Sync) -> Verdict {
    law(&Inline)
}

fn ranks<const N: usize>(law: impl Fn(&Across<LocalComm, Inline>) -> Verdict + Sync) -> Verdict {
    on_ranks(N, || Inline, law)
}

/// A device with memory of its own, two lanes on each rank.
fn device(law: impl Fn(&EmulatedBackend) -> Verdict + Sync) -> Verdict {
    law(&EmulatedBackend::new(2, 8))
}

fn devices<const N: usize>(
    law: impl Fn(&Across<LocalComm, EmulatedBackend>) -> Verdict + Sync,
) -> Verdict {
    on_ranks(N, || EmulatedBackend::new(2, 8), law)
}

conformance_tests!(on_a_device, device);
conformance_tests!(on_two_ranks_with_a_device_each, devices::<2>);
conformance_tests!(on_one_rank, alone);
conformance_tests!(on_a_cluster_of_one, ranks::<1>);
conformance_tests!(on_three_ranks, ranks::<3>);

/// A mutant that is not noticed fails with its name.
fn all_caught(among: impl Fn(&Mutant) -> bool, judge: fn(Mutant) -> Verdict) {
    for &mutant in Mutant::ALL.iter().filter(|mutant| among(mutant)) {
        within(Duration::from_mins(1), move || judge(mutant));
    }
}

/// The mutant is caught on `backend`, or does not show there.
fn caught<B: Backend<Device: ToyDevice>>(mutant: Mutant, backend: &B) -> Verdict {
    if !mutant.shows_on(backend) {
        return Ok(());
    }
    let complaint = mutant.caught(backend)?;
    eprintln!("{mutant:?}: {complaint}");
    Ok(())
}

#[test]
fn mutants_are_caught_on_one_rank() {
    let judge = |mutant| alone(|backend| caught(mutant, backend));
    all_caught(|mutant| !mutant.needs_batches(), judge);
}

#[test]
fn mutants_are_caught_on_three_ranks() {
    let judge = |mutant| ranks::<3>(|backend| caught(mutant, backend));
    all_caught(|mutant| !mutant.needs_batches(), judge);
}

#[test]
fn mutants_are_caught_on_two_ranks_with_a_device_each() {
    all_caught(
        |_| true,
        |mutant| devices::<2>(|backend| caught(mutant, backend)),
    );
}

#[test]
fn a_device_that_asks_for_1024_items_gets_them() {
    for size in [1, 2] {
        within(Duration::from_mins(1), move || {
            on_ranks(
                size,
                || EmulatedBackend::new(2, 1024),
                |backend| judge("batches", &Subject::new(backend)),
            )
        });
    }
}
