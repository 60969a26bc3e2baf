//! The laws that every backend keeps, one file each, as functions that any rank of any world can
//! run.
//!
//! A law is a program of one rank: all ranks run it with the same [`Subject`], it runs the engine,
//! gathers what the ranks saw over the backend's own communicator and judges it on every rank from
//! the same data, so that all reach one verdict. The same function therefore runs on one thread, on
//! a pool, on a [`LocalCluster`](crate::LocalCluster) and under a launcher of processes.
//!
//! In tests, [`conformance_tests!`](crate::conformance_tests) stamps one `#[test]` per law, each
//! under a time limit; a program under a launcher calls [`check_all`]. [`mutants`] have one fault
//! each, and at least one of them breaks each law: a suite that does not notice them is broken.
//!
//! | law | promise |
//! |---|---|
//! | [`cover`] | jobs and ranks cover every item, without overlap, also when there are fewer items than parts |
//! | [`once`] | an item is read, computed and reported once, on one rank; never when an earlier run had done it |
//! | [`same_answer`] | rows, sums and lists have the bits of an independent reference |
//! | [`seeds`] | randomness comes from (seed, index) |
//! | [`resume`] | cancelled or killed anywhere and resumed: the same content, nothing marked without data |
//! | [`item_errors`] | an item's error reaches every rank, with the lowest failing rank |
//! | [`skip`] | policy `Skip` lists failures, goes on, and a resumed run tries them again |
//! | [`stop`] | policy `Stop` stops the other ranks soon |
//! | [`sink_errors`] | a sink's error on one rank reaches every rank |
//! | [`panics`] | panics are errors of their item, and leave no half-changed scratch |
//! | [`again`] | a run after a failed one on the same communicator is not disturbed by it |
//! | [`cancel`] | a cancellation on one rank stops all, soon, and what is written is committed |
//! | [`overlap`] | where there are several lanes, items are read while others are computed |
//! | [`bounded`] | items and outputs in memory are bounded, on each rank and on the way to root |
//! | [`accumulators`] | at most `2 log2(blocks) + lanes` accumulators of a reduction are alive on a rank |
//! | [`batches`] | a device that wants many items at once gets them, also where blocks are narrow |
//! | [`leased`] | blocks claimed in a directory are done once, whoever does them; claims end with what they are for |
//! | [`streams`] | five laws of open-ended streams |
//! | [`order`] | `Ordered` delivers in index order within its window, at root on the calling thread |

pub mod accumulators;
pub mod again;
mod awaited;
pub mod batches;
pub mod bounded;
pub mod cancel;
pub mod counting;
pub mod cover;
mod device;
pub mod emulated;
pub mod item_errors;
pub mod leased;
mod log;
pub mod mutants;
pub mod once;
pub mod order;
pub mod overlap;
pub mod panics;
mod plan;
pub mod resume;
pub mod same_answer;
pub mod seeds;
pub mod sink_errors;
pub mod skip;
pub mod stop;
pub mod streams;
mod subject;
mod toy;
mod world;

pub use device::ToyDevice;
pub use subject::Subject;
pub use toy::{Read as ToyItem, Row as ToyRow, Toy, value as toy_value};
pub use world::{on_ranks, within};

use crate::Backend;

/// Whether a law is kept, or how it is broken; the same on every rank.
pub type Verdict = Result<(), String>;

/// A law: its name and its test. Collective.
pub type Law<B> = (&'static str, fn(&Subject<'_, B>) -> Verdict);

/// How many laws there are.
pub const LAWS: usize = 23;

/// Every law.
pub fn laws<B: Backend<Device: ToyDevice>>() -> [Law<B>; LAWS] {
    [
        ("cover", cover::law),
        ("once", once::law),
        ("same_answer", same_answer::law),
        ("seeds", seeds::law),
        ("resume", resume::law),
        ("item_errors", item_errors::law),
        ("skip", skip::law),
        ("stop", stop::law),
        ("sink_errors", sink_errors::law),
        ("panics", panics::law),
        ("again", again::law),
        ("cancel", cancel::law),
        ("overlap", overlap::law),
        ("bounded", bounded::law),
        ("accumulators", accumulators::law),
        ("batches", batches::law),
        ("order", order::law),
        ("leased", leased::law),
        ("stream_once", streams::once::law),
        ("stream_ends", streams::ends::law),
        ("stream_backpressure", streams::backpressure::law),
        ("stream_notices", streams::notices::law),
        ("stream_dealing", streams::dealing::law),
    ]
}

/// Judges `subject` by the law of this name. Collective.
///
/// # Errors
/// When the law is broken, or there is none of this name.
pub fn judge<B: Backend<Device: ToyDevice>>(name: &str, subject: &Subject<'_, B>) -> Verdict {
    match laws().into_iter().find(|(law, _)| *law == name) {
        Some((_, law)) => law(subject),
        None => Err(format!("no law is called {name}")),
    }
}

/// Judges `subject` by every law, calls `judged` with each verdict, and says whether all laws are
/// kept. Collective. The launcher guards against a law that hangs.
pub fn check_all<B: Backend<Device: ToyDevice>>(
    subject: &Subject<'_, B>,
    mut judged: impl FnMut(&str, &Verdict),
) -> bool {
    let mut kept = true;
    for (name, law) in laws() {
        let verdict = law(subject);
        judged(name, &verdict);
        kept &= verdict.is_ok();
    }
    kept
}

/// Stamps a module `$name` with one `#[test]` per law for a world: a function that builds a
/// backend, or several ranks of it, runs a law on it and returns the verdict, `fn(impl
/// Fn(&SomeBackend) -> Verdict + Sync) -> Verdict`.
#[macro_export]
macro_rules! conformance_tests {
    ($name:ident, $world:path) => {
        mod $name {
            #[allow(unused_imports)] // a world may be written with its full path
            use super::*;
            $crate::conformance_tests! { @each $world =>
                cover once same_answer seeds resume item_errors skip stop sink_errors panics again cancel overlap bounded accumulators batches order leased
                stream_once stream_ends stream_backpressure stream_notices stream_dealing
            }
        }
    };
    (@each $world:path => $($law:ident)*) => {
        const _: () = assert!([$(stringify!($law)),*].len() == $crate::conformance::LAWS);
        $(
        #[test]
        fn $law() {
            $crate::conformance::within(std::time::Duration::from_secs(60), || {
                $world(|backend| {
                    $crate::conformance::judge(stringify!($law), &$crate::conformance::Subject::new(backend))
                })
            });
        }
        )*
    };
}

/// The verdict of one comparison.
///
/// # Errors
/// When it does not hold.
pub fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(otherwise()) }
}
