//! Lanes of devices: a host thread each, and hand-outs on their way to them and back.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use jobwise_core::{
    Cause, Error, Kernel, LaneQueue, Next, Read, Result, Scheduler, run_items, stage,
};

use crate::Cuda;
use crate::fault::{Broken, said};

/// What a lane tells the calling thread.
pub(crate) enum Told<O> {
    /// What became of a hand-out of so many items.
    Done(usize, Vec<(usize, Result<O, Cause>)>),
    /// The lane could not start, or its device failed for good.
    Broken(Error),
}

/// One lane: takes hand-outs until the queue is closed.
pub(crate) fn lane<'k, K: Kernel<Cuda>>(
    device: &Cuda,
    kernel: &'k K,
    read: Read<'_, K::Item<'k>>,
    queue: &LaneQueue,
    sender: &mpsc::Sender<Told<K::Output>>,
) {
    // Telling fails only when the calling thread has given up: then there is nothing left to do.
    let tell = |told| sender.send(told).is_ok();
    let staged = stage(kernel, device).and_then(|scratch| {
        let stream = device.context().new_stream();
        let stream = stream.map_err(|error| failed(device, &said(error)))?;
        Ok((scratch, stream))
    });
    let (mut scratch, stream) = match staged {
        Ok(staged) => staged,
        Err(error) => {
            // It may be the failure of another lane's batch that is met here.
            let is_of_another = device.is_busy() || device.failure().is_some();
            let told = is_of_another.then(|| told_by_another(device)).flatten();
            tell(Told::Broken(
                told.map_or(error, |told| Error::Backend(told.into())),
            ));
            return;
        }
    };
    while let Some(items) = queue.pop() {
        let (mut outcomes, mut broken) = (Vec::with_capacity(items.len()), None);
        run_items(
            kernel,
            read,
            device,
            &mut scratch,
            &items,
            &mut |index, outcome| match outcome {
                Err(cause) if cause.is::<Broken>() => broken = Some(Error::Backend(cause)),
                outcome => outcomes.push((index, outcome)),
            },
        );
        if broken.is_none()
            && let Some(error) = device.ailment(&stream)
        {
            let told = told_by_another(device).unwrap_or_else(|| {
                // A kernel that does not look: whose items they were is not known.
                outcomes.clear();
                device.fail(std::any::type_name::<K>(), error)
            });
            broken = Some(Error::Backend(told.into()));
        }
        if broken.is_some() {
            // What the device computed before is good; what it did not is nobody's fault.
            outcomes.retain(|(_, outcome)| outcome.is_ok());
        }
        if !tell(Told::Done(items.len(), outcomes)) {
            break;
        }
        if let Some(error) = broken {
            tell(Told::Broken(error));
            break;
        }
    }
    if device.is_hung() {
        // Nothing of it can be freed: the call would not return.
        std::mem::forget(stream);
    }
}

/// How the device failed, as told by the lane whose batch it was; it has a moment for that.
fn told_by_another(device: &Cuda) -> Option<Broken> {
    const MOMENT: Duration = Duration::from_secs(2);
    let begun = Instant::now();
    while device.failure().is_none() && begun.elapsed() < MOMENT {
        std::thread::sleep(Duration::from_millis(1));
    }
    device.failure()
}

fn failed(device: &Cuda, what: &str) -> Error {
    Error::Backend(format!("{device}: {what}").into())
}

/// The calling thread's side: keeps two batches for each lane in flight and takes what comes back.
pub(crate) fn hand_out<O>(
    scheduler: &mut dyn Scheduler<O>,
    queue: &LaneQueue,
    receiver: &mpsc::Receiver<Told<O>>,
    lanes: usize,
    batch: usize,
) -> Result<()> {
    /// The engine looks after its peers at least this often.
    const TICK: Duration = Duration::from_millis(5);
    /// So long at least it sleeps where nothing is handed out and nothing has come yet.
    const NAP: Duration = Duration::from_micros(20);
    let (mut out, mut is_open) = (0, true);
    let mut idle = Instant::now();
    loop {
        loop {
            let room = (2 * lanes * batch).saturating_sub(out);
            // Less than a batch is not worth a launch while others are under way.
            let want = if is_open && room >= batch { batch } else { 0 };
            match scheduler.next(want) {
                Next::Start(items) => {
                    out += items.len();
                    queue.push(items);
                    continue;
                }
                Next::Wait => {}
                Next::Finished => is_open = false,
                Next::Stop => {
                    is_open = false;
                    out -= queue.clear();
                }
            }
            break;
        }
        if out == 0 && !is_open {
            return Ok(());
        }
        let nap = match out {
            0 => (idle.elapsed() / 8).clamp(NAP, TICK),
            _ => TICK,
        };
        match receiver.recv_timeout(nap) {
            Ok(Told::Done(items, outcomes)) => {
                out -= items;
                idle = Instant::now();
                for (index, outcome) in outcomes {
                    scheduler.done(index, outcome);
                }
            }
            Ok(Told::Broken(error)) => return Err(error),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Error::Backend("all lanes ended early".into()));
            }
        }
    }
}
