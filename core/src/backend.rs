use crate::{Backoff, Batch, Cause, Cluster, Comm, Device, Error, Indices, Kernel, Result, panics};

/// The engine's answer to a backend that asks for items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Start these items: at least one, at most as many as were wanted.
    Start(Indices),
    /// Nothing at this moment: ask again soon, and after each item done.
    Wait,
    /// All is handed out: finish what is in flight.
    Finished,
    /// Something failed or was cancelled: drop what has not started, finish what is in flight.
    Stop,
}

/// The engine's side of a run. Both methods are called only on the thread that called
/// [`Backend::drive`], so an implementation may own files and communicators without a lock.
pub trait Scheduler<O> {
    /// At most `want` items to start, neighbours or not. Must be called at least every few
    /// milliseconds while items are in flight, with `want = 0` when no lane is free: the engine
    /// looks after its peers and its sink here.
    fn next(&mut self, want: usize) -> Next;

    /// Takes the outcome of an item that was started; once for each.
    fn done(&mut self, index: usize, outcome: Result<O, Cause>);
}

/// How a lane gets an item: called on any lane, once for each item that was handed out.
pub type Read<'r, I> = &'r (dyn Fn(usize) -> Result<I, Cause> + Sync);

/// Where kernels run: on which device, among which peers, and how.
pub trait Backend {
    /// What kernels run on.
    type Device: Device;

    /// The ranks that run the same program; [`crate::Solo`] unless wrapped in [`Across`].
    fn cluster(&self) -> &dyn Cluster;

    /// The same ranks, for who only talks to them.
    fn comm(&self) -> &dyn Comm {
        self.cluster()
    }

    /// How many lanes compute at the same time on this rank.
    fn lanes(&self) -> usize;

    /// The most items that one lane takes at once.
    fn grain(&self) -> usize {
        MAX_GRAIN
    }

    /// Runs `kernel` over all that `scheduler` hands out; the lanes get the items by `read`. Not
    /// collective.
    ///
    /// At most `2 * lanes * grain` items are in flight.
    ///
    /// # Errors
    /// [`Error::Backend`] when the kernel cannot be staged or the device fails; errors of items go
    /// to `scheduler`.
    fn drive<'k, K: Kernel<Self::Device>>(
        &self,
        kernel: &'k K,
        read: Read<'_, K::Item<'k>>,
        scheduler: &mut dyn Scheduler<K::Output>,
    ) -> Result<()>;
}

/// The most items that a lane of the host takes at once.
pub const MAX_GRAIN: usize = 256;

impl<B: Backend> Backend for &B {
    type Device = B::Device;

    fn cluster(&self) -> &dyn Cluster {
        (**self).cluster()
    }

    fn lanes(&self) -> usize {
        (**self).lanes()
    }

    fn grain(&self) -> usize {
        (**self).grain()
    }

    fn drive<'k, K: Kernel<B::Device>>(
        &self,
        kernel: &'k K,
        read: Read<'_, K::Item<'k>>,
        scheduler: &mut dyn Scheduler<K::Output>,
    ) -> Result<()> {
        (**self).drive(kernel, read, scheduler)
    }
}

/// A backend of one rank, among peers: `MpiBackend<B>` is this with an MPI communicator.
#[derive(Debug)]
pub struct Across<C, B> {
    comm: C,
    inner: B,
}

impl<C: Cluster, B: Backend> Across<C, B> {
    /// Runs on `inner`, among the ranks of `comm`.
    pub fn new(comm: C, inner: B) -> Self {
        Across { comm, inner }
    }

    /// The same ranks, each with another backend.
    pub fn with_inner<I: Backend>(self, inner: I) -> Across<C, I> {
        Across::new(self.comm, inner)
    }
}

impl<C: Cluster, B: Backend> Backend for Across<C, B> {
    type Device = B::Device;

    fn cluster(&self) -> &dyn Cluster {
        &self.comm
    }

    fn lanes(&self) -> usize {
        self.inner.lanes()
    }

    fn grain(&self) -> usize {
        self.inner.grain()
    }

    fn drive<'k, K: Kernel<B::Device>>(
        &self,
        kernel: &'k K,
        read: Read<'_, K::Item<'k>>,
        scheduler: &mut dyn Scheduler<K::Output>,
    ) -> Result<()> {
        self.inner.drive(kernel, read, scheduler)
    }
}

/// A backend of one rank, among the peers of another backend of the same rank: what runs on the
/// host while devices are the program's backend.
#[derive(Debug)]
pub struct Beside<'b, B, I> {
    among: &'b B,
    inner: I,
}

impl<'b, B: Backend, I: Backend> Beside<'b, B, I> {
    /// Runs on `inner`, among the ranks of `among`. One of the two drives at a time.
    pub fn new(among: &'b B, inner: I) -> Self {
        Beside { among, inner }
    }
}

impl<B: Backend, I: Backend> Backend for Beside<'_, B, I> {
    type Device = I::Device;

    fn cluster(&self) -> &dyn Cluster {
        self.among.cluster()
    }

    fn lanes(&self) -> usize {
        self.inner.lanes()
    }

    fn grain(&self) -> usize {
        self.inner.grain()
    }

    fn drive<'k, K: Kernel<I::Device>>(
        &self,
        kernel: &'k K,
        read: Read<'_, K::Item<'k>>,
        scheduler: &mut dyn Scheduler<K::Output>,
    ) -> Result<()> {
        self.inner.drive(kernel, read, scheduler)
    }
}

/// Makes a lane's scratch; a panic becomes an error. For backends.
///
/// # Errors
/// [`Error::Backend`] when the kernel cannot be staged.
pub fn stage<D: Device, K: Kernel<D>>(kernel: &K, device: &D) -> Result<K::Scratch> {
    match panics::caught(|| kernel.stage(device)) {
        Ok(staged) => staged.map_err(Error::Backend),
        Err(panic) => Err(Error::Backend(panic.into())),
    }
}

/// Drives `kernel` on the calling thread, `want` items at a time: what one lane is, without
/// threads. For backends.
///
/// # Errors
/// As for [`Backend::drive`].
pub fn drive_one_lane<'k, D: Device, K: Kernel<D>>(
    device: &D,
    want: usize,
    kernel: &'k K,
    read: Read<'_, K::Item<'k>>,
    scheduler: &mut dyn Scheduler<K::Output>,
) -> Result<()> {
    let mut scratch = stage(kernel, device)?;
    let mut backoff = Backoff::new();
    loop {
        match scheduler.next(want) {
            Next::Start(items) => {
                let mut done = |index, outcome| scheduler.done(index, outcome);
                run_items(kernel, read, device, &mut scratch, &items, &mut done);
                backoff = Backoff::new();
            }
            Next::Wait => backoff.snooze(),
            Next::Finished | Next::Stop => return Ok(()),
        }
    }
}

/// Reads and computes `items`, and calls `out` exactly once for each of them, whatever the kernel
/// does. For backends.
pub fn run_items<'k, D: Device, K: Kernel<D>>(
    kernel: &'k K,
    read: Read<'_, K::Item<'k>>,
    device: &D,
    scratch: &mut K::Scratch,
    items: &Indices,
    out: &mut dyn FnMut(usize, Result<K::Output, Cause>),
) {
    let mut batch: Batch<'k, K> = Vec::with_capacity(items.len());
    for index in items.iter() {
        match panics::caught(|| read(index)) {
            Ok(Ok(item)) => batch.push((index, item)),
            Ok(Err(cause)) => out(index, Err(cause)),
            Err(panic) => out(index, Err(panic.into())),
        }
    }
    let count = batch.len();
    // What the kernel is to report is known without a list of it, as a rule.
    let is_whole = count == items.len();
    let mut waiting: Vec<usize> = if is_whole {
        Vec::new()
    } else {
        batch.iter().map(|(index, _)| *index).collect()
    };
    // Outcomes are handed on after the kernel: a panic of the sink is none of the kernel's and must
    // not be caught here.
    let mut outcomes = Vec::with_capacity(count);
    let computed = panics::caught(|| {
        kernel.compute_batch(device, scratch, batch, &mut |index, outcome| {
            outcomes.push((index, outcome));
        });
    });
    if is_whole {
        if outcomes.iter().map(|(index, _)| *index).eq(items.iter()) {
            return outcomes
                .into_iter()
                .for_each(|(index, outcome)| out(index, outcome));
        }
        waiting = items.iter().collect();
    }
    for (index, outcome) in outcomes {
        // Kernels report in order as a rule, so the search ends at once.
        if let Some(at) = waiting.iter().position(|&w| w == index) {
            waiting.remove(at);
            out(index, outcome);
        }
    }
    let cause: String = match computed {
        Ok(()) => "the kernel returned no output".to_owned(),
        Err(panic) => panic.to_string(),
    };
    for index in waiting {
        out(index, Err(cause.clone().into()));
    }
}
