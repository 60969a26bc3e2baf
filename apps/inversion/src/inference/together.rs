use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use jobwise_core::panics::{Panicked, caught};
use rayon::ThreadPool;
use rayon::prelude::*;

use super::chain::{self, Ended};
use super::deferred::{Asked, Deferred};
use super::summary::Summary;
use super::{Found, Quantity, Request};
use crate::exact;
use crate::options::Mode;
use crate::sampler::Position;
use crate::{Error, Result};

/// What became of a sounding, as [`infer`](super::infer) says it, or the panic that it met with.
pub type Inferred = Result<Result<Option<Found>>, Panicked>;

/// Runs all exact chains of several soundings at once, step by step: each goes on until it asks for
/// a response, `compute` computes all that are asked for, and so on until all chains are at their
/// end. What is found has the bits that [`infer`](super::infer) finds where responses have the same
/// bits, whatever soundings are together. Chains go on in rayon's pool.
///
/// `compute` brings every response into [`Asked::parts`], for [`Asked::wanted`].
///
/// # Errors
/// That of `compute`, which ends all; then nothing is found.
pub fn infer_together<E>(
    requests: &[Request<'_>],
    stop: &(dyn Fn() -> bool + Sync),
    pool: &ThreadPool,
    mut compute: impl FnMut(&mut [&mut Asked]) -> Result<(), E>,
) -> Result<Vec<Inferred>, E> {
    let quantities = |request: &Request<'_>| Quantity::all(request.settings, request.depths);
    let quantities: Vec<Vec<Quantity>> = requests.iter().map(quantities).collect();
    let soundings = requests.iter().zip(&quantities).enumerate();
    let tasks = soundings.flat_map(|(sounding, (request, quantities))| {
        let task = move |number| Task::new(sounding, request, quantities, number, stop);
        (0..request.chains).map(task)
    });
    let mut tasks: Vec<Task<'_>> = tasks.collect();
    loop {
        pool.install(|| tasks.par_iter_mut().for_each(Task::go_on));
        let waiting = tasks.iter().filter(|task| task.outcome.is_none());
        let mut guards: Vec<_> = waiting.map(|task| task.deferred.asked()).collect();
        if guards.is_empty() {
            break;
        }
        let mut asked: Vec<&mut Asked> = guards.iter_mut().map(|guard| &mut **guard).collect();
        compute(&mut asked)?;
        asked.into_iter().for_each(Asked::close);
    }
    let mut ended: Vec<Vec<Outcome>> = requests.iter().map(|_| Vec::new()).collect();
    for task in tasks {
        ended[task.sounding].extend(task.outcome);
    }
    let soundings = ended.into_par_iter().zip(requests).zip(&quantities);
    let found = soundings.map(|((ended, request), quantities)| {
        caught(|| summary(ended, request, quantities)).flatten()
    });
    Ok(pool.install(|| found.collect()))
}

/// What a chain came to: the half-space where it began, and its end; none where it was to stop.
type Reached = Option<(f64, Ended)>;

/// The same, or what went wrong.
type Outcome = Result<Result<Reached>, Panicked>;

/// A chain on its way.
struct Task<'r> {
    sounding: usize,
    deferred: Deferred,
    future: Pin<Box<dyn Future<Output = Result<Reached>> + Send + 'r>>,
    outcome: Option<Outcome>,
}

impl<'r> Task<'r> {
    fn new(
        sounding: usize,
        request: &'r Request<'r>,
        quantities: &'r [Quantity],
        number: u32,
        stop: &'r (dyn Fn() -> bool + Sync),
    ) -> Task<'r> {
        let deferred = Deferred::of(sounding);
        let future = run(request, quantities, number, deferred.clone(), stop);
        Task {
            sounding,
            deferred,
            future: Box::pin(future),
            outcome: None,
        }
    }

    /// Until the next response is asked for.
    fn go_on(&mut self) {
        if self.outcome.is_some() {
            return;
        }
        let mut context = Context::from_waker(Waker::noop());
        self.outcome = match caught(|| self.future.as_mut().poll(&mut context)) {
            Ok(Poll::Pending) => None,
            Ok(Poll::Ready(ended)) => Some(Ok(ended)),
            Err(panicked) => Some(Err(panicked)),
        };
    }
}

/// A chain from its start to its end.
async fn run(
    request: &Request<'_>,
    quantities: &[Quantity],
    number: u32,
    deferred: Deferred,
    stop: &(dyn Fn() -> bool + Sync),
) -> Result<Reached> {
    if request.mode != Mode::Exact {
        return Err(Error::Request(
            "chains of mode compat do not go on together: only those of mode exact do".into(),
        ));
    }
    let (settings, sounding, seed) = (request.settings, request.sounding, request.seed);
    let design = &request.design;
    let mut chain = exact::Chain::start(settings, design, sounding, seed, number, deferred).await?;
    let half_space = chain.half_space();
    let ended = chain::run_with(request, quantities, &mut chain, stop).await;
    Ok(ended.map(|ended| (half_space, ended)))
}

/// All chains of a sounding, in their order.
fn summary(ended: Vec<Outcome>, request: &Request<'_>, quantities: &[Quantity]) -> Inferred {
    let mut summary: Option<Summary> = None;
    let mut half_space = f64::NAN;
    for outcome in ended {
        match outcome? {
            Ok(Some((start, ended))) => {
                half_space = start;
                match &mut summary {
                    None => summary = Some(Summary::new(ended)),
                    Some(summary) => summary.add(ended),
                }
            }
            Ok(None) => return Ok(Ok(None)),
            Err(error) => return Ok(Err(error)),
        }
    }
    match summary {
        Some(summary) => Ok(Ok(Some(summary.found(request, quantities, half_space)))),
        None => Ok(Err(super::infer::no_chain())),
    }
}
