//! Ranks that die or are busy when others fail: nobody waits for ever.

mod inline;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use inline::Inline;
use jobwise_core::{
    Across, Arrival, Cause, Comm, CpuKernel, Engine, Error, Feed, LocalCluster, Lost, Memory,
    Result, Signature, Sink, Wire, Workload,
};

const RANKS: usize = 3;
const LEN: usize = 30;

/// Item `slow` takes ten seconds, all others a millisecond; item `bad` fails, when the slow one has
/// begun.
struct Uneven {
    bad: Option<usize>,
    slow: Option<usize>,
    begun: AtomicBool,
}

impl Signature for Uneven {
    type Item<'t> = ();
    type Output = u64;
}

impl Workload for Uneven {
    fn len(&self) -> usize {
        LEN
    }

    fn read(&self, _: usize) -> Result<(), Cause> {
        Ok(())
    }
}

impl CpuKernel for Uneven {
    type Scratch = ();

    fn scratch(&self) -> Result<(), Cause> {
        Ok(())
    }

    fn compute(&self, index: usize, (): (), (): &mut ()) -> Result<u64, Cause> {
        if self.slow == Some(index) {
            self.begun.store(true, Ordering::SeqCst);
            std::thread::sleep(Duration::from_secs(10));
        }
        std::thread::sleep(Duration::from_millis(1));
        if self.bad == Some(index) {
            while !self.begun.load(Ordering::SeqCst) {
                std::thread::yield_now();
            }
            return Err("bad item".into());
        }
        Ok(index as u64)
    }
}

/// A rank that dies while it runs: its sink panics, which no backend catches.
struct Deadly;

impl Sink<u64> for Deadly {
    fn limit(&mut self) -> Result<usize, Cause> {
        std::panic::resume_unwind(Box::new("dead"));
    }

    fn write(&mut self, _: usize, _: u64) -> Result<(), Cause> {
        Ok(())
    }
}

/// Runs the three ranks and says how each ended, and after how long.
fn run(
    at_root: bool,
    task: &Uneven,
    deadly: Option<usize>,
) -> Vec<Result<(Result<()>, Duration), Lost>> {
    LocalCluster::run(RANKS, |comm| {
        let start = Instant::now();
        let dies = deadly == Some(comm.rank());
        let backend = Across::new(comm, Inline);
        let engine = Engine::new(&backend);
        let mut memory = Memory::new();
        let sink: &mut dyn Sink<u64> = if dies { &mut Deadly } else { &mut memory };
        let outcome = if at_root {
            engine.write_at_root(task, sink)
        } else {
            engine.write(task, sink)
        };
        (outcome.map(drop), start.elapsed())
    })
}

#[test]
fn a_rank_that_dies_is_an_error_for_all_others() {
    let task = Uneven {
        bad: None,
        slow: None,
        begun: AtomicBool::new(false),
    };
    // At root, only root's sink is called.
    for (at_root, dead) in [(false, 0), (false, 1), (false, 2), (true, 0)] {
        for (rank, end) in run(at_root, &task, Some(dead)).into_iter().enumerate() {
            match end {
                Err(Lost) => assert_eq!(rank, dead),
                Ok((outcome, _)) => {
                    assert_ne!(rank, dead);
                    assert!(outcome.is_err(), "rank {rank}, {dead} died");
                }
            }
        }
    }
}

#[test]
fn root_notices_a_worker_that_dies_while_others_live() {
    /// Its outputs kill the rank that sends them, where they are told to.
    struct Dying(bool);
    impl Signature for Dying {
        type Item<'t> = ();
        type Output = Mortal;
    }

    impl Workload for Dying {
        fn len(&self) -> usize {
            LEN
        }
        fn read(&self, _: usize) -> Result<(), Cause> {
            Ok(())
        }
    }
    impl CpuKernel for Dying {
        type Scratch = ();
        fn scratch(&self) -> Result<(), Cause> {
            Ok(())
        }
        fn compute(&self, _: usize, (): (), (): &mut ()) -> Result<Mortal, Cause> {
            Ok(Mortal(self.0))
        }
    }
    /// An output that kills its rank when it is sent.
    struct Mortal(bool);
    impl Wire for Mortal {
        fn put(&self, out: &mut Vec<u8>) {
            if self.0 {
                std::panic::resume_unwind(Box::new("dead"));
            }
            out.push(0);
        }
        fn take(input: &mut &[u8]) -> Result<Self> {
            u8::take(input).map(|_| Mortal(false))
        }
    }
    let ends = LocalCluster::run(RANKS, |comm| {
        let task = Dying(comm.rank() == 1);
        let backend = Across::new(comm, Inline);
        Engine::new(&backend).write_at_root(&task, &mut Memory::new())
    });
    assert!(matches!(&ends[0], Ok(Err(_))), "{ends:?}");
    assert!(matches!(&ends[1], Err(Lost)), "{ends:?}");
    assert!(matches!(&ends[2], Ok(Err(_))), "{ends:?}");
}

/// The failing rank does not wait for the end of a long item elsewhere, and keeps its own error.
fn strands(at_root: bool, failing: usize, busy: usize) {
    let task = Uneven {
        bad: Some(failing * LEN / RANKS),
        slow: Some(busy * LEN / RANKS),
        begun: AtomicBool::new(false),
    };
    let ends = run(at_root, &task, None);
    let (outcome, took) = ends[failing].as_ref().unwrap();
    let Err(Error::Stranded(own)) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(
        matches!(**own, Error::Item { index, .. } if Some(index) == task.bad),
        "{own:?}"
    );
    assert!(*took < Duration::from_secs(8), "{took:?}");
    for end in &ends {
        assert!(end.as_ref().unwrap().0.is_err());
    }
}

#[test]
fn a_failing_rank_gives_up_on_a_busy_one() {
    // At the same time: each waits ten seconds.
    std::thread::scope(|scope| {
        for at_root in [false, true] {
            for (failing, busy) in [(0, 2), (2, 0), (1, 2)] {
                scope.spawn(move || strands(at_root, failing, busy));
            }
        }
    });
}

/// A feed without end, which kills its rank where it is told to.
struct Endless {
    next: usize,
    dies: bool,
}

impl Feed<u64> for Endless {
    fn poll(&mut self) -> Result<Arrival<u64>, Cause> {
        self.next += 1;
        if self.dies && self.next == 20 {
            std::panic::resume_unwind(Box::new("dead"));
        }
        Ok(Arrival::Item(self.next, self.next as u64))
    }
}

/// What comes, as it is.
struct Same;

impl Signature for Same {
    type Item<'t> = u64;
    type Output = u64;
}

impl CpuKernel for Same {
    type Scratch = ();

    fn scratch(&self) -> Result<(), Cause> {
        Ok(())
    }

    fn compute(&self, _: usize, item: u64, (): &mut ()) -> Result<u64, Cause> {
        Ok(item)
    }
}

#[test]
fn a_rank_that_dies_ends_a_stream_on_all_others() {
    // Rank 0 reads what the others compute.
    for dead in 0..RANKS {
        let ends = LocalCluster::run(RANKS, |comm| {
            let start = Instant::now();
            let (rank, dies) = (comm.rank(), comm.rank() == dead);
            let backend = Across::new(comm, Inline);
            let mut feed = Endless { next: 0, dies };
            let feed: Option<&mut dyn Feed<u64>> = (rank == 0).then_some(&mut feed);
            let mut memory = Memory::new();
            let sink: &mut dyn Sink<u64> = if dies { &mut Deadly } else { &mut memory };
            let outcome = Engine::new(&backend).stream(&Same, feed, sink);
            (outcome.map(drop), start.elapsed())
        });
        for (rank, end) in ends.into_iter().enumerate() {
            match end {
                Err(Lost) => assert_eq!(rank, dead),
                Ok((outcome, took)) => {
                    assert!(outcome.is_err(), "rank {rank}, {dead} died");
                    assert!(took < Duration::from_secs(8), "rank {rank} after {took:?}");
                }
            }
        }
    }
}
