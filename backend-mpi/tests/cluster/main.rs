//! What the ranks of `mpirun` share: nodes, memory, words, groups. Run by `ci/mpi` and `ci/nodes`;
//! without `mpirun` a group of one rank.
//!
//! Arguments, in any order: `nodes=0,0,1` is the node that each rank must be on; `many=N` how many
//! regions exist at once; `large` adds one beyond 2^31 bytes; `end=HOW` ends the job, or one rank,
//! in that way while all of it is in use.

mod ends;
mod groups;
mod regions;
mod words;

use std::time::{Duration, Instant};

use jobwise_core::{Comm, Nodes};
use jobwise_mpi::{MpiComm, Watchdog, run_guarded};

fn main() {
    let watchdog = Watchdog {
        patience: Duration::from_secs(5),
    };
    if std::env::args().any(|argument| argument == "end=program") {
        return run_guarded(watchdog, ends::last_fails);
    }
    let comm = MpiComm::world(watchdog).expect("MPI starts");
    let mut many = 1000;
    let mut large = false;
    for argument in std::env::args().skip(1) {
        match argument.split_once('=') {
            Some(("nodes", labels)) => {
                let labels: Vec<&str> = labels.split(',').collect();
                assert_eq!(comm.nodes(), &Nodes::new(&labels), "the layout of nodes");
            }
            Some(("many", count)) => many = count.parse().expect("many=N"),
            Some(("end", how)) => return ends::end(&comm, how),
            None if argument == "large" => large = true,
            // Arguments of cargo test.
            _ => {}
        }
    }
    let layout: Vec<usize> = (0..comm.size()).map(|r| comm.nodes().of(r)).collect();
    let start = Instant::now();
    let kept = |what: &str| {
        (&comm as &dyn Comm).barrier().expect("all ranks are here");
        if comm.rank() == 0 {
            let seconds = start.elapsed().as_secs_f32();
            println!("nodes {layout:?}: {what} ... ok ({seconds:.1} s)");
        }
    };
    regions::are_one_copy_per_node(&comm);
    kept("regions are one copy per node");
    regions::tell_failures_to_the_node(&comm);
    kept("failed updates are told to the node");
    regions::are_refused_on_every_rank(&comm);
    kept("regions beyond memory are refused on every rank");
    regions::are_many(&comm, many);
    kept("many regions at once");
    if large {
        regions::are_large(&comm);
        kept("a region beyond 2^31 bytes");
    }
    words::are_atomic(&comm, 100_000);
    kept("words are atomic");
    words::come_and_go(&comm, 300);
    kept("words come and go");
    groups::have_their_own_of_everything(&comm);
    kept("halves, rows and columns");
    groups::come_and_go(&comm, 1000);
    kept("groups come and go");
}
