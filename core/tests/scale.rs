//! What one rank has to do, on 8, 64 and 512 ranks: the busiest rank of a run has some messages,
//! and some more for each doubling of the ranks, however many items there are; and how a run may
//! end costs no more. Outputs that go to root, and items of streams, are messages of their own.

mod inline;

use inline::Inline;
use jobwise_core::conformance::counting::{Counting, Counts};
use jobwise_core::{
    Across, Arrival, Backend, Cancel, Cause, Channel, CpuKernel, Division, Engine, Error, Feed,
    LocalCluster, Memory, Nodes, Reduce, Signature, Workload,
};

type Ranks<'c> = Across<Counting<'c>, Inline>;

/// Numbers, as items and outputs; some fail.
struct Numbers {
    len: usize,
    fails: fn(usize) -> bool,
}

impl Numbers {
    fn of_each(ranks: &Ranks<'_>, items: usize) -> Numbers {
        Numbers {
            len: items * ranks.comm().size(),
            fails: |_| false,
        }
    }
}

impl Signature for Numbers {
    type Item<'k> = u64;
    type Output = u64;
}

impl Workload for Numbers {
    fn len(&self) -> usize {
        self.len
    }

    fn read(&self, index: usize) -> Result<u64, Cause> {
        Ok(index as u64)
    }
}

impl CpuKernel for Numbers {
    type Scratch = ();

    fn scratch(&self) -> Result<(), Cause> {
        Ok(())
    }

    fn compute(&self, index: usize, item: u64, (): &mut ()) -> Result<u64, Cause> {
        if (self.fails)(index) {
            return Err("this item fails".into());
        }
        Ok(item)
    }
}

struct Sum;

impl Reduce<u64> for Sum {
    type Acc = u64;

    fn identity(&self) -> u64 {
        0
    }

    fn fold(&self, acc: &mut u64, _: usize, output: u64) {
        *acc += output;
    }

    fn merge(&self, left: &mut u64, right: u64) {
        *left += right;
    }
}

/// Brings the numbers that are left.
struct Left(std::ops::Range<usize>);

impl Feed<u64> for Left {
    fn poll(&mut self) -> Result<Arrival<u64>, Cause> {
        let next = self.0.next();
        Ok(next.map_or(Arrival::End, |index| Arrival::Item(index, index as u64)))
    }
}

/// What each of `ranks` ranks, eight on a node, did in `run`, by rank.
fn counted(ranks: usize, run: impl Fn(&Ranks<'_>) + Sync) -> Vec<Counts> {
    let nodes: Vec<usize> = (0..ranks).map(|rank| rank / 8).collect();
    let counts = LocalCluster::run_on(Nodes::new(&nodes), |comm| {
        let comm = Counting::new(comm);
        let counts = comm.counts();
        run(&Across::new(comm, Inline));
        counts.get()
    });
    counts.into_iter().map(|counts| counts.unwrap()).collect()
}

/// The messages of the busiest rank.
fn busiest(counts: &[Counts]) -> u64 {
    let messages = counts.iter().map(|counts| counts.messages);
    messages.max().unwrap_or(0)
}

/// Fails where the busiest rank of 8, 64 or 512 has more than `some` messages, and `more` for each
/// doubling of the ranks.
#[track_caller]
fn must_scale(name: &str, [some, more]: [u64; 2], run: impl Fn(&Ranks<'_>) + Sync) {
    if let Err(complaint) = scales([some, more], run) {
        panic!("{name}, {complaint}");
    }
}

fn scales([some, more]: [u64; 2], run: impl Fn(&Ranks<'_>) + Sync) -> Result<(), String> {
    for ranks in [8, 64, 512] {
        let messages = busiest(&counted(ranks, &run));
        let most = some + more * u64::from(ranks.ilog2());
        if messages > most {
            return Err(format!(
                "{ranks} ranks: the busiest has {messages} messages, and {most} may be"
            ));
        }
    }
    Ok(())
}

#[test]
fn what_all_do_together() {
    must_scale("barrier", [0, 2], |ranks| {
        ranks.comm().barrier().unwrap();
    });
    must_scale("agreement", [0, 2], |ranks| {
        ranks.comm().agree(Ok(())).unwrap();
    });
    must_scale("failed agreement", [0, 2], |ranks| {
        let mine = Err::<(), Error>(Error::Program("no".into()));
        ranks.comm().agree(mine).unwrap_err();
    });
    must_scale("gathered", [0, 1], |ranks| {
        ranks.comm().gather_values(&7u64).unwrap();
    });
    must_scale("broadcast from elsewhere", [0, 1], |ranks| {
        let root = ranks.comm().size() / 2 + 3;
        ranks.comm().broadcast(root, &mut vec![7]).unwrap();
    });
}

/// However the work is dealt, and however many items there are.
#[test]
fn writing_and_reducing() {
    for division in [Division::Static, Division::Dynamic { chunk: 1 }] {
        for items in [1, 16] {
            must_scale(&format!("write, {division:?}"), [0, 8], |ranks| {
                let numbers = Numbers::of_each(ranks, items);
                let engine = Engine::new(ranks).division(division);
                engine.write(&numbers, &mut Memory::new()).unwrap();
            });
        }
    }
}

#[test]
fn sums_and_lists() {
    for division in [Division::Static, Division::Dynamic { chunk: 1 }] {
        for items in [1, 16] {
            must_scale(&format!("sum, {division:?}"), [12, 18], |ranks| {
                let numbers = Numbers::of_each(ranks, items);
                let engine = Engine::new(ranks).division(division);
                let sum = engine.reduce(&numbers, &Sum).unwrap();
                let len = numbers.len as u64;
                assert_eq!(sum, len * (len - 1) / 2);
            });
        }
    }
    must_scale("list", [0, 13], |ranks| {
        let numbers = Numbers::of_each(ranks, 4);
        Engine::new(ranks).collect(&numbers).unwrap();
    });
}

#[test]
fn runs_that_fail_or_are_cancelled() {
    type Fails = fn(usize) -> bool;
    let all: [(&str, Fails); 2] = [("one item", |index| index == 5), ("every item", |_| true)];
    for (which, fails) in all {
        must_scale(&format!("{which} fails"), [2, 9], |ranks| {
            let len = 8 * ranks.comm().size();
            let engine = Engine::new(ranks);
            let numbers = Numbers { len, fails };
            engine.write(&numbers, &mut Memory::new()).unwrap_err();
        });
    }
    must_scale("every rank is cancelled", [2, 9], |ranks| {
        let cancel = Cancel::new();
        cancel.cancel();
        let engine = Engine::new(ranks).cancel(&cancel);
        let numbers = Numbers::of_each(ranks, 8);
        engine.write(&numbers, &mut Memory::new()).unwrap_err();
    });
}

/// Root takes every output and tells now and then how far it is; all else is as it is elsewhere.
#[test]
fn outputs_that_go_to_root() {
    for ranks in [8, 64, 512] {
        for items in [1, 16] {
            let counts = counted(ranks, |ranks| {
                let numbers = Numbers::of_each(ranks, items);
                let engine = Engine::new(ranks);
                engine.write_at_root(&numbers, &mut Memory::new()).unwrap();
            });
            let all = (ranks * items) as u64;
            let most = 2 * all + 4 * ranks as u64 + 16 * u64::from(ranks.ilog2());
            assert!(counts[0].messages <= most, "{ranks} ranks: {:?}", counts[0]);
        }
    }
}

/// One rank reads for all: items go in few messages, and a worker hears of nobody but its reader.
#[test]
fn items_of_a_stream() {
    for ranks in [8, 64, 512] {
        let counts = counted(ranks, |ranks| {
            let kernel = Numbers::of_each(ranks, 16);
            let mut left = Left(0..kernel.len);
            let feed = (ranks.comm().rank() == 0).then_some(&mut left as &mut dyn Feed<u64>);
            let report = Engine::new(ranks).stream(&kernel, feed, &mut Memory::new());
            assert_eq!(report.unwrap().done, kernel.len);
        });
        let items = 16 * ranks as u64;
        let others = 20 * u64::from(ranks.ilog2());
        assert!(
            counts[0].messages <= 2 * items + 4 * ranks as u64 + others,
            "{:?}",
            counts[0]
        );
    }
}

/// A block is claimed once, and a rank asks once more before it knows that there is none.
#[test]
fn claims() {
    for ranks in [8, 64] {
        let counts = counted(ranks, |ranks| {
            let numbers = Numbers::of_each(ranks, 16);
            let engine = Engine::new(ranks).division(Division::Dynamic { chunk: 1 });
            engine.write(&numbers, &mut Memory::new()).unwrap();
        });
        let claims: u64 = counts.iter().map(|counts| counts.claims).sum();
        assert!(
            claims <= 17 * ranks as u64,
            "{ranks} ranks: {claims} claims"
        );
    }
}

/// What every rank sends to rank 0 by itself is noticed.
#[test]
fn a_gather_without_a_tree_does_not_pass() {
    let complaint = scales([0, 4], |ranks| {
        let comm = ranks.comm();
        if comm.rank() > 0 {
            comm.send(0, Channel::application(0), &[]).unwrap();
            return;
        }
        for rank in 1..comm.size() {
            comm.receive(Some(rank), Channel::application(0)).unwrap();
        }
    });
    assert_eq!(
        complaint,
        Err("64 ranks: the busiest has 63 messages, and 24 may be".to_owned())
    );
}

/// Threads that wait sleep until there is something for them: without that, they would take turns
/// for half a minute.
#[test]
fn thousands_of_ranks_in_one_process() {
    let counts = counted(2304, |ranks| ranks.comm().agree(Ok(())).unwrap());
    assert_eq!(busiest(&counts), 24);
}
