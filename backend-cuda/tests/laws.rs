//! The laws on a driver that computes on the CPU: on one device, on three, and on ranks that have
//! devices each or share one; and the mutants, which the laws must notice.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use jobwise_core::conformance::mutants::Mutant;
use jobwise_core::conformance::{Verdict, on_ranks, within};
use jobwise_core::{Across, Backend, LocalComm, conformance_tests};
use jobwise_cuda::{Cuda, CudaBackend};

/// Two lanes on each of these devices, batches of up to eight items. Where the devices are those of
/// the machine (`JOBWISE_GPU=real`), as many as there are.
fn backend(devices: Range<usize>) -> CudaBackend {
    jobwise_cuda_fake::install("devices=6,memory=64");
    let count = Cuda::count().expect("a driver");
    let devices: BTreeSet<usize> = devices.map(|index| index % count).collect();
    let devices = devices
        .into_iter()
        .map(|index| Cuda::open(index).expect("a device"));
    CudaBackend::new(devices.collect())
        .expect("devices")
        .at_most(8)
}

fn one_device(law: impl Fn(&CudaBackend) -> Verdict + Sync) -> Verdict {
    law(&backend(0..1))
}

fn three_devices(law: impl Fn(&CudaBackend) -> Verdict + Sync) -> Verdict {
    law(&backend(1..4))
}

fn ranks<const N: usize>(
    law: impl Fn(&Across<LocalComm, CudaBackend>) -> Verdict + Sync,
) -> Verdict {
    on_ranks(N, || backend(4..5).shared_by(N), law)
}

conformance_tests!(on_one_device, one_device);
conformance_tests!(on_three_devices, three_devices);
conformance_tests!(on_two_ranks_that_share_a_device, ranks::<2>);
conformance_tests!(on_three_ranks_that_share_a_device, ranks::<3>);

fn caught<B: Backend<Device = Cuda>>(mutant: Mutant, backend: &B) -> Verdict {
    if mutant.shows_on(backend) {
        mutant.caught(backend).map(drop)
    } else {
        Ok(())
    }
}

/// A mutant that shows on a world of these and is not noticed fails with its name.
fn all_caught(judge: fn(Mutant) -> Verdict) {
    for &mutant in Mutant::ALL {
        within(Duration::from_mins(1), move || judge(mutant));
    }
}

#[test]
fn mutants_are_caught_on_one_device() {
    all_caught(|mutant| one_device(|backend| caught(mutant, backend)));
}

#[test]
fn mutants_are_caught_on_three_devices() {
    all_caught(|mutant| three_devices(|backend| caught(mutant, backend)));
}

#[test]
fn mutants_are_caught_on_two_ranks_that_share_a_device() {
    all_caught(|mutant| ranks::<2>(|backend| caught(mutant, backend)));
}
