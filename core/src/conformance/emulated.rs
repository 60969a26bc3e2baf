//! A device that is none: it has its own memory, which the host reaches by copies only, takes items
//! in batches, and runs out of memory. It keeps the traits honest where no other device is at hand.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::ToyDevice;
use super::toy::{Read, Row, Toy, value};
use crate::{
    Backend, Cause, Cluster, Device, Error, Indices, Kernel, Next, Result, Scheduler, Solo, panics,
    run_items, stage,
};

/// The device.
#[derive(Clone, Copy, Debug)]
pub struct Emulated {
    /// The elements that one lane's memory holds, which is as many as it wants at once.
    capacity: usize,
}

impl Device for Emulated {}

/// Memory of the device, of one lane.
#[derive(Debug)]
pub struct Memory {
    capacity: usize,
    elements: Vec<u64>,
}

impl Memory {
    /// Copies to the device.
    fn upload(&mut self, host: &[u64]) -> Result<(), Cause> {
        if host.len() > self.capacity {
            return Err(format!(
                "the device has no memory for {} elements: it has {}",
                host.len(),
                self.capacity
            )
            .into());
        }
        self.elements.clear();
        self.elements.extend_from_slice(host);
        Ok(())
    }

    /// Replaces every element on the device.
    fn launch(&mut self, kernel: impl Fn(u64) -> u64) {
        for element in &mut self.elements {
            *element = kernel(*element);
        }
    }

    /// Copies to the host.
    fn download(&self) -> Vec<u64> {
        self.elements.clone()
    }
}

impl ToyDevice for Emulated {
    type Scratch = Memory;

    fn batch(&self) -> usize {
        self.capacity
    }

    fn stage(&self, toy: &Toy) -> Result<Memory, Cause> {
        toy.set_up()?;
        Ok(Memory {
            capacity: self.capacity,
            elements: Vec::new(),
        })
    }

    fn compute(
        &self,
        toy: &Toy,
        memory: &mut Memory,
        batch: Vec<(usize, Read)>,
        out: &mut dyn FnMut(usize, Result<Row, Cause>),
    ) {
        let mut packed = Vec::with_capacity(batch.len());
        for (index, item) in batch {
            let begun = panics::caught(|| {
                if toy.is_stale() {
                    return Err("the scratch is half changed".into());
                }
                toy.begin(index, &item)
            });
            match begun.unwrap_or_else(|panic| Err(panic.into())) {
                Ok(()) => packed.push((index, item)),
                Err(cause) => out(index, Err(cause)),
            }
        }
        let indices: Vec<u64> = packed.iter().map(|(index, _)| *index as u64).collect();
        if let Err(cause) = memory.upload(&indices) {
            let text = cause.to_string();
            return packed
                .into_iter()
                .for_each(|(index, _)| out(index, Err(text.clone().into())));
        }
        let seed = toy.seed();
        memory.launch(|index| value(seed, index as usize).to_bits());
        for ((index, item), bits) in packed.into_iter().zip(memory.download()) {
            out(index, Ok(toy.row(item, f64::from_bits(bits))));
        }
    }
}

/// Drives kernels of the device on some lanes, a host thread each: while one reads, another
/// computes.
#[derive(Clone, Copy, Debug)]
pub struct EmulatedBackend {
    device: Emulated,
    lanes: usize,
}

impl EmulatedBackend {
    /// With so many lanes, each of which takes batches of `batch` items.
    pub fn new(lanes: usize, batch: usize) -> EmulatedBackend {
        EmulatedBackend {
            device: Emulated {
                capacity: batch.max(1),
            },
            lanes: lanes.max(1),
        }
    }
}

impl Backend for EmulatedBackend {
    type Device = Emulated;

    fn cluster(&self) -> &dyn Cluster {
        &Solo
    }

    fn lanes(&self) -> usize {
        self.lanes
    }

    fn grain(&self) -> usize {
        self.device.capacity
    }

    fn drive<'k, K: Kernel<Emulated>>(
        &self,
        kernel: &'k K,
        read: crate::Read<'_, K::Item<'k>>,
        scheduler: &mut dyn Scheduler<K::Output>,
    ) -> Result<()> {
        let batch = kernel.batch(&self.device).clamp(1, self.grain());
        let queue = &Queue::default();
        let (sender, receiver) = mpsc::channel();
        std::thread::scope(|scope| {
            let _close = Close(queue);
            for _ in 0..self.lanes {
                let (sender, device) = (sender.clone(), self.device);
                scope.spawn(move || lane(device, kernel, read, queue, &sender));
            }
            hand_out(scheduler, queue, &receiver, self.lanes, batch)
        })?;
        // All lanes have ended: one that could not start may say so after the others did
        // everything.
        receiver.try_iter().try_for_each(|said| said.map(drop))
    }
}

/// Hand-outs on their way to the lanes.
#[derive(Debug, Default)]
struct Queue {
    /// And whether no more come.
    waiting: Mutex<(Vec<Indices>, bool)>,
    changed: Condvar,
}

impl Queue {
    fn change(&self, change: impl FnOnce(&mut (Vec<Indices>, bool))) {
        change(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    fn pop(&self) -> Option<Indices> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if !waiting.0.is_empty() {
                return Some(waiting.0.remove(0));
            }
            if waiting.1 {
                return None;
            }
            let changed = self.changed.wait(waiting);
            waiting = changed.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Ends the lanes when it goes, also by a panic.
struct Close<'q>(&'q Queue);

impl Drop for Close<'_> {
    fn drop(&mut self) {
        self.0.change(|waiting| *waiting = (Vec::new(), true));
    }
}

/// What a lane sends: outcomes of one hand-out, or why it cannot start.
type Outcomes<O> = Result<Vec<(usize, Result<O, Cause>)>>;

fn lane<'k, K: Kernel<Emulated>>(
    device: Emulated,
    kernel: &'k K,
    read: crate::Read<'_, K::Item<'k>>,
    queue: &Queue,
    sender: &mpsc::Sender<Outcomes<K::Output>>,
) {
    // Nobody receives when the run is given up: then there is nothing left to do.
    let mut scratch = match stage(kernel, &device) {
        Ok(scratch) => scratch,
        Err(error) => {
            let _ = sender.send(Err(error));
            return;
        }
    };
    while let Some(items) = queue.pop() {
        let mut outcomes = Vec::with_capacity(items.len());
        run_items(
            kernel,
            read,
            &device,
            &mut scratch,
            &items,
            &mut |index, outcome| {
                outcomes.push((index, outcome));
            },
        );
        if sender.send(Ok(outcomes)).is_err() {
            return;
        }
    }
}

/// Keeps two batches for each lane in flight.
fn hand_out<O>(
    scheduler: &mut dyn Scheduler<O>,
    queue: &Queue,
    receiver: &mpsc::Receiver<Outcomes<O>>,
    lanes: usize,
    batch: usize,
) -> Result<()> {
    /// The engine looks after its peers at least this often.
    const TICK: Duration = Duration::from_millis(5);
    let (mut out, mut open) = (0, true);
    loop {
        loop {
            let room = (2 * lanes * batch).saturating_sub(out);
            // Less than a batch is not worth a launch while others are under way.
            let want = if open && room >= batch { batch } else { 0 };
            match scheduler.next(want) {
                Next::Start(items) => {
                    out += items.len();
                    queue.change(|waiting| waiting.0.push(items));
                    continue;
                }
                Next::Wait => {}
                Next::Finished => open = false,
                Next::Stop => {
                    open = false;
                    queue.change(|waiting| {
                        out -= waiting.0.drain(..).map(|items| items.len()).sum::<usize>();
                    });
                }
            }
            break;
        }
        if out == 0 && !open {
            return Ok(());
        }
        match receiver.recv_timeout(TICK) {
            Ok(outcomes) => {
                let outcomes = outcomes?;
                out -= outcomes.len();
                for (index, outcome) in outcomes {
                    scheduler.done(index, outcome);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Error::Backend("all lanes ended early".into()));
            }
        }
    }
}
