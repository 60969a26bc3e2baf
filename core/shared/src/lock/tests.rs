use super::*;
use jobwise_core::{Comm, LocalCluster, Nodes};

/// Several ranks take the lock while its numbers go round.
#[test]
fn tickets_go_round_without_a_gap() {
    for labels in [&[0, 0, 0][..], &[0, 1, 0]] {
        for start in [(1u32 << 31) - 20, (1 << 31) - 1, 1 << 31] {
            let outcomes = LocalCluster::run_on(Nodes::new(labels), |comm| {
                let lock = FairLock::new(&comm).unwrap();
                let count = comm.words(1).unwrap();
                if comm.rank() == 0 {
                    let late = Counts {
                        next: start,
                        serving: start,
                    };
                    lock.words.add(COUNTS, late.word()).unwrap();
                }
                (&comm as &dyn Comm).barrier().unwrap();
                for round in 0..50 {
                    let guard = if round % 7 == 6 {
                        lock.lock_timeout(Duration::from_micros(round)).unwrap()
                    } else {
                        lock.try_lock().unwrap()
                    };
                    let waited = || lock.lock_timeout(Duration::from_secs(20)).unwrap();
                    let guard = guard.or_else(waited).expect("its turn comes");
                    let before = count.load(0).unwrap();
                    std::thread::yield_now();
                    assert_eq!(count.replace(0, before, before + 1).unwrap(), before);
                    assert_eq!(lock.holder().unwrap(), Some(comm.rank()));
                    guard.unlock().unwrap();
                }
                (&comm as &dyn Comm).barrier().unwrap();
                let counts = Counts::of(lock.words.load(COUNTS).unwrap());
                assert!(counts.is_free() && counts.serving <= 1 << 31, "{counts:?}");
                let slots = (1..=lock.slots).map(|slot| lock.words.load(LINE * slot).unwrap());
                assert_eq!(slots.sum::<u64>(), 0, "all slots are empty");
                count.load(0).unwrap()
            });
            assert_eq!(outcomes, [Ok(150), Ok(150), Ok(150)]);
        }
    }
}
