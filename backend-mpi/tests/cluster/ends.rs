use std::thread;
use std::time::Duration;

use jobwise_core::{Cluster, Comm, Error, Result};
use jobwise_mpi::{MpiComm, abort, guarded};

/// Ends the job while regions, words and groups are in use; the others wait for the rank that is
/// lost.
pub(crate) fn end(comm: &MpiComm, how: &str) {
    let mut region = comm.region(1 << 20).expect("a region");
    let words = comm.words(8).expect("words");
    let part = comm.split(comm.rank() % 2, 0).expect("a part");
    let _its_words = part.words(3).expect("words of a part");
    words.add(0, 1).expect("an addition");
    region.update(None).expect("an update");
    (comm as &dyn Comm).barrier().expect("all ranks are here");
    let last = comm.rank() + 1 == comm.size();
    let raise = |signal| {
        // SAFETY: a signal to this process itself.
        unsafe { libc::raise(signal) };
    };
    if last {
        println!("rank {}: {how}", comm.rank());
        match how {
            "kill" => raise(libc::SIGKILL),
            "term" => raise(libc::SIGTERM),
            "stop" => raise(libc::SIGSTOP),
            "abort" => abort(9),
            "crash" => std::process::abort(),
            "exit" => std::process::exit(0),
            // The last two are ended by the script from outside: a launcher, a node, a link.
            "guarded" | "wait" | "words" => {}
            other => panic!("unknown end {other}"),
        }
    }
    if how == "guarded" {
        in_guard(comm);
    } else if how == "words" {
        // Waiting for a word of another rank, in one-sided calls alone.
        while words.load(1).expect("a word") == 0 {
            thread::sleep(Duration::from_millis(1));
        }
    } else if how == "wait" && last {
        thread::sleep(Duration::from_hours(1));
    }
    region.update(None).expect("an update");
}

/// All ranks come to the end, or the last fails while the others wait for it.
fn in_guard(comm: &MpiComm) {
    let last = comm.size() - 1;
    guarded(comm, |_| Ok(())).expect("no rank fails");
    match guarded(comm, last_fails) {
        Err(Error::Program(_)) if comm.rank() == last => {}
        Err(Error::Peer { rank, .. }) if rank == last => {}
        other => panic!("rank {}: {other:?}", comm.rank()),
    }
    let waits = guarded(comm, |comm| {
        last_fails(comm)?;
        (comm as &dyn Comm).barrier()
    });
    panic!("rank {} was not ended: {waits:?}", comm.rank());
}

pub(crate) fn last_fails(comm: &MpiComm) -> Result<()> {
    if comm.rank() + 1 == comm.size() {
        return Err(Error::Program("this rank has had enough".into()));
    }
    Ok(())
}
