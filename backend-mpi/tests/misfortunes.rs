//! One rank meets with a misfortune; the job must end on all ranks, soon, with a message and a
//! non-zero status. `ci/mpi` runs this under `mpirun` with the misfortune's name; without one
//! (plain `cargo test`) a group of one rank ends well.

use std::thread;
use std::time::Duration;

use jobwise_core::{Backend, Cause, Comm, CpuKernel, Engine, Memory, Signature, Workload};
use jobwise_mpi::{MpiBackend, MpiComm, Watchdog, abort};
use jobwise_serial::Serial;

/// Items that take 50 ms, or for ever.
struct Slow {
    len: usize,
    fails_at: Option<usize>,
    endless_at: Option<usize>,
}

impl Signature for Slow {
    type Item<'t> = ();
    type Output = u64;
}

impl Workload for Slow {
    fn len(&self) -> usize {
        self.len
    }

    fn read(&self, _: usize) -> Result<(), Cause> {
        Ok(())
    }
}

impl CpuKernel for Slow {
    type Scratch = ();

    fn scratch(&self) -> Result<(), Cause> {
        Ok(())
    }

    fn compute(&self, index: usize, (): (), (): &mut ()) -> Result<u64, Cause> {
        thread::sleep(Duration::from_millis(50));
        if self.endless_at == Some(index) {
            thread::sleep(Duration::from_hours(1));
        }
        if self.fails_at == Some(index) {
            return Err("the disk of this rank is on fire".into());
        }
        Ok(index as u64)
    }
}

fn main() {
    let misfortune = std::env::args().nth(1).filter(|arg| !arg.starts_with('-'));
    // MPICH lets no other thread call it while it copies a large message.
    let seconds = if misfortune.as_deref() == Some("large") {
        30
    } else {
        2
    };
    let watchdog = Watchdog {
        patience: Duration::from_secs(seconds),
    };
    let comm = MpiComm::world(watchdog).expect("MPI starts");
    let (rank, size) = (comm.rank(), comm.size());
    let last = rank + 1 == size;
    let mut task = Slow {
        len: 40,
        fails_at: None,
        endless_at: None,
    };
    match misfortune.as_deref() {
        None => task.len = 2,
        Some("panic") if last => panic!("rank {rank} panics outside any item"),
        Some("stop") if last => {
            // SAFETY: a signal to this process itself.
            unsafe { libc::raise(libc::SIGSTOP) };
        }
        // The watchdog must see a rank that leaves without a word, however it leaves.
        Some("exit") if last => std::process::exit(0),
        Some("panic" | "stop" | "exit") => {}
        Some("error") => task.fails_at = Some(39),
        Some("busy") => {
            task.fails_at = Some(39);
            task.endless_at = Some(0);
        }
        Some("large") => return large(&comm),
        Some(other) => panic!("unknown misfortune {other}"),
    }
    let backend: MpiBackend<Serial> = MpiBackend::new(comm, Serial);
    let outcome = Engine::new(&backend).write(&task, &mut Memory::new());
    let status = match outcome {
        Ok(report) => {
            assert_eq!(report.done, task.len);
            backend.comm().barrier().expect("all ranks end well");
            0
        }
        Err(jobwise_core::Error::Peer { .. }) => 1,
        Err(error @ jobwise_core::Error::Stranded(_)) => {
            eprintln!("rank {rank}: {error}");
            abort(1)
        }
        Err(error) => {
            eprintln!("rank {rank}: {error}");
            1
        }
    };
    drop(backend);
    std::process::exit(status);
}

/// A message longer than 32-bit counts can express arrives whole.
fn large(comm: &MpiComm) {
    use jobwise_core::Channel;
    let bytes = (1usize << 31) + 9;
    let value = |at: usize| (at % 251) as u8;
    match comm.rank() {
        0 => {
            let message: Vec<u8> = (0..bytes).map(value).collect();
            comm.send(1, Channel::OUTPUT, &message).expect("it is sent");
        }
        1 => {
            let comm: &dyn Comm = comm;
            let (_, message) = comm.receive(Some(0), Channel::OUTPUT).expect("it arrives");
            assert_eq!(message.len(), bytes);
            assert!(
                message
                    .iter()
                    .enumerate()
                    .all(|(at, &byte)| byte == value(at))
            );
            println!("{bytes} bytes arrived");
        }
        _ => {}
    }
}
