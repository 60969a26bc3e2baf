use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::bounded::now;
use crate::{Cause, CpuKernel, Reduce, Result, Signature, Wire, Workload, panics};

/// Where an item fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Read,
    Compute,
    PanicInRead,
    PanicInCompute,
}

/// The kernel of the laws: item `index` gives a number drawn from (seed, index). It counts what is done to it, and fails
/// where it is told to.
#[derive(Debug, Default)]
pub(super) struct Toy {
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

/// Panics without the noise of the panic hook; an error when the backend would let the panic through.
fn panicked() -> Cause {
    if panics::is_caught() {
        std::panic::resume_unwind(Box::new(FAULT));
    }
    "the backend does not catch panics here".into()
}

/// What item `index` gives: numbers of very different magnitude, so that another order of addition shows in the bits.
pub(super) fn value(seed: u64, index: usize) -> f64 {
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
struct Token(Arc<Live>);

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
pub(super) struct Read(usize, Option<Token>);

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
pub(super) struct Row {
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
pub(super) struct Buffer {
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

impl CpuKernel for Toy {
    type Scratch = Buffer;

    fn scratch(&self) -> Result<Buffer, Cause> {
        if self.scratch_panics {
            return Err(panicked());
        }
        Ok(Buffer::default())
    }

    fn compute(&self, index: usize, item: Read, buffer: &mut Buffer) -> Result<Row, Cause> {
        let Read(read, token) = item;
        if read != index {
            return Err(format!("item {read} came as {index}").into());
        }
        if std::mem::replace(&mut buffer.half_changed, true) {
            return Err("the scratch is half changed".into());
        }
        self.computes[index].fetch_add(1, Ordering::SeqCst);
        if let Some(starts) = &self.starts {
            starts
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(now());
        }
        let (pause, slow) = &self.pause;
        if slow.contains(&index) {
            std::thread::sleep(*pause);
        }
        if self.faults.get(&index) == Some(&Fault::Compute) {
            buffer.half_changed = false;
        }
        self.fault(index, Fault::Compute, Fault::PanicInCompute)?;
        let value = draw(self.seed, index, &mut buffer.draws);
        buffer.half_changed = false;
        Ok(Row {
            value,
            _token: token,
        })
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
