use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::ToyDevice;
use super::awaited::AwaitedRead;
use super::bounded::now;
use crate::{Batch, Cause, CpuKernel, Kernel, Reduce, Result, Signature, Wire, Workload, panics};

/// Where an item fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Read,
    Compute,
    PanicInRead,
    PanicInCompute,
}

/// The kernel of the laws: item `index` gives a number drawn from (seed, index). It counts what is
/// done to it, and fails where it is told to. What a device does with it is in [`ToyDevice`].
#[derive(Debug, Default)]
pub struct Toy {
    pub(super) seed: u64,
    pub(super) faults: BTreeMap<usize, Fault>,
    pub(super) scratch_panics: bool,
    /// How long these items take.
    pub(super) pause: (Duration, Range<usize>),
    /// When each computation began, for the laws that ask.
    pub(super) starts: Option<Mutex<Vec<u64>>>,
    /// How often each item was read and computed.
    pub(super) reads: Vec<AtomicU64>,
    pub(super) computes: Vec<AtomicU64>,
    pub(super) live: Arc<Live>,
    /// How many items came at once, and how many the device wanted.
    pub(super) batches: Mutex<Vec<(usize, usize)>>,
    /// A flaw: what a panic left half changed is used again.
    pub(super) keeps_stale: AtomicBool,
    pub(super) is_stale: AtomicBool,
    /// A flaw: what is added to the seed.
    pub(super) shift: AtomicU64,
    /// The first computation ends when another item was read after it began.
    pub(super) waits: Option<AwaitedRead>,
}

impl Toy {
    pub(super) fn new(len: usize) -> Toy {
        let zeros = || (0..len).map(|_| AtomicU64::new(0)).collect();
        Toy {
            reads: zeros(),
            computes: zeros(),
            ..Toy::default()
        }
    }

    pub(super) fn failing(len: usize, faults: &[(usize, Fault)]) -> Toy {
        Toy {
            faults: faults.iter().copied().collect(),
            ..Toy::new(len)
        }
    }

    /// The items within `slow` take `pause`.
    pub(super) fn slow(len: usize, pause: Duration, slow: Range<usize>) -> Toy {
        Toy {
            pause: (pause, slow),
            ..Toy::new(len)
        }
    }

    /// The most items and outputs that were in memory at once.
    pub(super) fn most_alive(&self) -> usize {
        self.live.most.load(Ordering::SeqCst)
    }

    /// Where the numbers are drawn from.
    pub fn seed(&self) -> u64 {
        self.seed.wrapping_add(self.shift.load(Ordering::SeqCst))
    }

    pub(super) fn shift_seed(&self, by: usize) {
        self.shift.store(by as u64, Ordering::SeqCst);
    }

    /// What a lane does first. Panics where the law wants it.
    ///
    /// # Errors
    /// Where the backend would let the panic through.
    pub fn set_up(&self) -> Result<(), Cause> {
        if self.scratch_panics {
            return Err(panicked());
        }
        Ok(())
    }

    /// What the host does for an item before its number is drawn. Panics where the law wants it.
    ///
    /// # Errors
    /// Where the law wants it, or the item is another one.
    pub fn begin(&self, index: usize, item: &Read) -> Result<(), Cause> {
        let Read(read, _) = *item;
        if read != index {
            return Err(format!("item {read} came as {index}").into());
        }
        self.computes[index].fetch_add(1, Ordering::SeqCst);
        if let Some(awaited) = &self.waits {
            awaited.wait(&self.reads);
        }
        if let Some(starts) = &self.starts {
            let mut starts = starts.lock().unwrap_or_else(PoisonError::into_inner);
            starts.push(now());
        }
        let (pause, slow) = &self.pause;
        if slow.contains(&index) {
            std::thread::sleep(*pause);
        }
        if self.keeps_stale.load(Ordering::SeqCst)
            && self.faults.get(&index) == Some(&Fault::PanicInCompute)
        {
            self.is_stale.store(true, Ordering::SeqCst);
        }
        self.fault(index, Fault::Compute, Fault::PanicInCompute)
    }

    /// The row of an item whose number was drawn.
    pub fn row(&self, item: Read, value: f64) -> Row {
        Row {
            value,
            _token: item.1,
        }
    }

    /// Whether what a lane has is half changed from the start, which is a flaw.
    pub fn is_stale(&self) -> bool {
        self.is_stale.load(Ordering::SeqCst)
    }

    pub(super) fn keep_stale_scratch(&self) {
        self.keeps_stale.store(true, Ordering::SeqCst);
    }

    fn fault(&self, index: usize, error: Fault, panic: Fault) -> Result<(), Cause> {
        match self.faults.get(&index) {
            Some(&fault) if fault == error => Err(FAULT.into()),
            Some(&fault) if fault == panic => Err(panicked()),
            _ => Ok(()),
        }
    }
}

/// What every fault says.
pub(super) const FAULT: &str = "a fault of the law";

/// Panics without the noise of the panic hook; an error when the backend would let the panic
/// through.
fn panicked() -> Cause {
    if panics::is_caught() {
        std::panic::resume_unwind(Box::new(FAULT));
    }
    "the backend does not catch panics here".into()
}

/// What item `index` gives: numbers of very different magnitude, so that another order of addition
/// shows in the bits.
pub fn value(seed: u64, index: usize) -> f64 {
    draw(seed, index, &mut Vec::new())
}

fn draw(seed: u64, index: usize, draws: &mut Vec<u64>) -> f64 {
    let mut state = seed ^ (index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    draws.clear();
    for _ in 0..4 {
        // Marsaglia's xorshift, made non-linear by a product: any good mixing will do.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        draws.push(mixed ^ (mixed >> 27));
    }
    let fraction = (draws[2] >> 12) as f64 - (1u64 << 51) as f64;
    fraction * 2f64.powi((draws[3] % 61) as i32 - 80)
}

/// Counts items and outputs while they live.
#[derive(Debug, Default)]
pub(super) struct Live {
    now: AtomicUsize,
    most: AtomicUsize,
}

#[derive(Debug)]
pub(super) struct Token(Arc<Live>);

impl Token {
    fn new(live: &Arc<Live>) -> Token {
        let now = live.now.fetch_add(1, Ordering::SeqCst) + 1;
        live.most.fetch_max(now, Ordering::SeqCst);
        Token(live.clone())
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}

/// What was read: which item, and its token, which stays on the rank.
#[derive(Debug)]
pub struct Read(usize, Option<Token>);

impl Read {
    /// Item `index` of a stream, where nobody counts.
    pub(super) fn of(index: usize) -> Read {
        Read(index, None)
    }
}

impl Wire for Read {
    fn put(&self, out: &mut Vec<u8>) {
        self.0.put(out);
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        usize::take(input).map(Read::of)
    }
}

/// What was computed. The token stays on the rank.
#[derive(Debug)]
pub struct Row {
    pub(super) value: f64,
    _token: Option<Token>,
}

impl Wire for Row {
    fn put(&self, out: &mut Vec<u8>) {
        self.value.put(out);
    }

    fn take(input: &mut &[u8]) -> Result<Self> {
        Ok(Row {
            value: f64::take(input)?,
            _token: None,
        })
    }
}

/// A lane's buffer, and whether a computation is under way in it.
#[derive(Debug, Default)]
pub struct Buffer {
    draws: Vec<u64>,
    half_changed: bool,
}

impl Signature for Toy {
    type Item<'t> = Read;
    type Output = Row;
}

impl Workload for Toy {
    fn len(&self) -> usize {
        self.reads.len()
    }

    fn read(&self, index: usize) -> Result<Read, Cause> {
        self.reads[index].fetch_add(1, Ordering::SeqCst);
        self.fault(index, Fault::Read, Fault::PanicInRead)?;
        Ok(Read(index, Some(Token::new(&self.live))))
    }
}

impl<D: ToyDevice> Kernel<D> for Toy {
    type Scratch = D::Scratch;

    fn stage(&self, device: &D) -> Result<D::Scratch, Cause> {
        device.stage(self)
    }

    fn batch(&self, device: &D) -> usize {
        device.batch()
    }

    fn compute_batch<'t>(
        &'t self,
        device: &D,
        scratch: &mut D::Scratch,
        batch: Batch<'t, Toy>,
        out: &mut dyn FnMut(usize, Result<Row, Cause>),
    ) {
        let mut batches = self.batches.lock().unwrap_or_else(PoisonError::into_inner);
        batches.push((batch.len(), device.batch()));
        drop(batches);
        device.compute(self, scratch, batch, out);
    }
}

/// The toy on the host.
pub(super) struct OnHost<'t>(pub(super) &'t Toy);

impl Signature for OnHost<'_> {
    type Item<'i>
        = Read
    where
        Self: 'i;
    type Output = Row;
}

impl CpuKernel for OnHost<'_> {
    type Scratch = Buffer;

    fn scratch(&self) -> Result<Buffer, Cause> {
        self.0.set_up()?;
        Ok(Buffer {
            half_changed: self.0.is_stale(),
            ..Buffer::default()
        })
    }

    fn compute(&self, index: usize, item: Read, buffer: &mut Buffer) -> Result<Row, Cause> {
        if std::mem::replace(&mut buffer.half_changed, true) {
            return Err("the scratch is half changed".into());
        }
        if self.0.faults.get(&index) == Some(&Fault::Compute) {
            buffer.half_changed = false;
        }
        self.0.begin(index, &item)?;
        let value = draw(self.0.seed(), index, &mut buffer.draws);
        buffer.half_changed = false;
        Ok(self.0.row(item, value))
    }
}

/// The plain sum: not associative in floating point.
#[derive(Debug)]
pub(super) struct Sum;

impl Reduce<Row> for Sum {
    type Acc = f64;

    fn identity(&self) -> f64 {
        0.0
    }

    fn fold(&self, acc: &mut f64, _: usize, output: Row) {
        *acc += output.value;
    }

    fn merge(&self, left: &mut f64, right: f64) {
        *left += right;
    }
}
