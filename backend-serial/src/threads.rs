use std::sync::OnceLock;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::available_parallelism;
use std::time::{Duration, Instant};

use jobwise_core::{
    Backend, Cause, Cluster, Cpu, Error, Kernel, LaneQueue, Next, Read, Result, Scheduler, Solo,
    run_items, stage,
};
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::grain::{Grain, timed};

/// A pool of threads, a lane each. The calling thread hands out work, takes outputs and writes
/// them. The threads start when something is driven, and not before.
#[derive(Debug)]
pub struct Threads {
    count: usize,
    pool: OnceLock<ThreadPool>,
}

impl Threads {
    /// A pool of `count` threads, or of one for each processor that this process may use: those in
    /// its CPU mask (what `mpirun` and Slurm bind), or fewer where a control group's quota says so.
    /// Where the system gives no more threads, [`drive`](Backend::drive) fails with
    /// [`Error::Backend`].
    pub fn new(count: Option<usize>) -> Self {
        let count = count
            .or_else(|| available_parallelism().ok().map(usize::from))
            .unwrap_or(1)
            .max(1);
        Threads {
            count,
            pool: OnceLock::new(),
        }
    }

    fn pool(&self) -> Result<&ThreadPool> {
        if let Some(pool) = self.pool.get() {
            return Ok(pool);
        }
        let count = self.count;
        let pool = ThreadPoolBuilder::new()
            .num_threads(count)
            .thread_name(|lane| format!("lane-{lane}"))
            .build()
            .map_err(|e| Error::Backend(format!("cannot start {count} threads: {e}").into()))?;
        Ok(self.pool.get_or_init(|| pool))
    }
}

/// What a lane tells the calling thread.
enum LaneMessage<O> {
    /// These items are done; they took this long.
    Done(usize, Vec<(usize, Result<O, Cause>)>, Duration),
    /// The lane could not start.
    Broken(Error),
}

impl Backend for Threads {
    type Device = Cpu;

    fn cluster(&self) -> &dyn Cluster {
        &Solo
    }

    fn lanes(&self) -> usize {
        self.count
    }

    fn drive<'k, K: Kernel<Cpu>>(
        &self,
        kernel: &'k K,
        read: Read<'_, K::Item<'k>>,
        scheduler: &mut dyn Scheduler<K::Output>,
    ) -> Result<()> {
        let queue = &LaneQueue::default();
        let (sender, receiver) = mpsc::channel();
        self.pool()?.in_place_scope(|scope| {
            let _closing = queue.closing();
            scope.spawn_broadcast(move |_, _| lane(kernel, read, queue, &sender));
            hand_out(scheduler, queue, &receiver, self.lanes())
        })?;
        // All lanes have ended. One that could not start may say so after the others did
        // everything: the same error as if it had been quick.
        receiver.try_iter().try_for_each(|said| match said {
            LaneMessage::Broken(error) => Err(error),
            LaneMessage::Done(..) => Ok(()),
        })
    }
}

/// One lane: takes hand-outs until the queue is closed.
fn lane<'k, K: Kernel<Cpu>>(
    kernel: &'k K,
    read: Read<'_, K::Item<'k>>,
    queue: &LaneQueue,
    sender: &mpsc::Sender<LaneMessage<K::Output>>,
) {
    // Telling fails only when the calling thread has given up: then there is nothing left to do.
    let mut scratch = match stage(kernel, &Cpu) {
        Ok(scratch) => scratch,
        Err(error) => {
            let _ = sender.send(LaneMessage::Broken(error));
            return;
        }
    };
    while let Some(items) = queue.pop() {
        let mut outcomes = Vec::with_capacity(items.len());
        let took = timed(|| {
            run_items(kernel, read, &Cpu, &mut scratch, &items, &mut |index, o| {
                outcomes.push((index, o));
            });
        });
        if sender
            .send(LaneMessage::Done(items.len(), outcomes, took))
            .is_err()
        {
            return;
        }
    }
}

/// The calling thread's side: keeps two hand-outs per lane in the queue and takes what comes back.
fn hand_out<O>(
    scheduler: &mut dyn Scheduler<O>,
    queue: &LaneQueue,
    receiver: &mpsc::Receiver<LaneMessage<O>>,
    lanes: usize,
) -> Result<()> {
    /// The engine looks after its peers at least this often.
    const TICK: Duration = Duration::from_millis(5);
    /// So long at least it sleeps while a lane has no work and nothing has come yet.
    const NAP: Duration = Duration::from_micros(10);
    let mut grain = Grain::new();
    let (mut out, mut open) = (0, true);
    let mut changed = Instant::now();
    loop {
        // Also when all is handed out: the engine looks after its peers and its sink here.
        loop {
            let room = (2 * lanes * grain.items()).saturating_sub(out);
            let want = if open { room.min(grain.items()) } else { 0 };
            match scheduler.next(want) {
                Next::Start(items) => {
                    out += items.len();
                    changed = Instant::now();
                    queue.push(items);
                    continue;
                }
                Next::Wait => {}
                Next::Finished => open = false,
                Next::Stop => {
                    open = false;
                    out -= queue.clear();
                }
            }
            break;
        }
        if out == 0 && !open {
            return Ok(());
        }
        // A lane without work waits for what comes, which is noticed an eighth of the time later
        // that it took.
        let nap = if open && out < lanes {
            (changed.elapsed() / 8).clamp(NAP, TICK)
        } else {
            TICK
        };
        match receiver.recv_timeout(nap) {
            Ok(LaneMessage::Done(items, outcomes, took)) => {
                out -= items;
                changed = Instant::now();
                grain.learn(items, took);
                for (index, outcome) in outcomes {
                    scheduler.done(index, outcome);
                }
            }
            Ok(LaneMessage::Broken(error)) => return Err(error),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Error::Backend("all lanes ended early".into()));
            }
        }
    }
}
