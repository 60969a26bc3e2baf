use jobwise_core::{Backend, Cpu, Job, Result};
use jobwise_serial::{Serial, Threads};

use crate::failure::Failure;
use crate::flags::{BackendName, RunFlags};
use crate::launcher::started_ranks;

/// The part of an application that runs on any backend: expanded once for each that is compiled in.
pub trait Program {
    /// What it returns.
    type Output;

    /// Runs on this backend. On several ranks, all of them run it.
    ///
    /// # Errors
    /// Errors of the engine; or, on one rank or all, the program's own as
    /// [`Error::Sink`](jobwise_core::Error::Sink) or an error of a collective agreement.
    fn run<B: Backend<Device = Cpu>>(self, backend: &B) -> Result<Self::Output>;
}

/// A backend that is compiled in and fits how the process was started.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    name: BackendName,
    threads: Option<usize>,
    #[cfg(feature = "mpi")]
    watchdog: jobwise_mpi::Watchdog,
}

impl Choice {
    /// Chooses by the flags and by how the process was started.
    ///
    /// # Errors
    /// When the backend is not compiled in (and how to get it), or `mpirun` started several copies that would each do everything.
    pub fn new(flags: &RunFlags, package: &str) -> Result<Choice, Failure> {
        let ranks = started_ranks();
        let name = flags
            .backend
            .unwrap_or(if ranks.is_some() && cfg!(feature = "mpi") {
                BackendName::Mpi
            } else {
                BackendName::Threads
            });
        let absent = |feature: &str| {
            Failure::usage(format!(
                "the {feature} backend is not compiled into this program; build it with: \
                 cargo build --release -p {package} --features {feature}"
            ))
        };
        match name {
            BackendName::Mpi if !cfg!(feature = "mpi") => return Err(absent("mpi")),
            BackendName::Cuda if !cfg!(feature = "cuda") => return Err(absent("cuda")),
            BackendName::Serial | BackendName::Threads
                if ranks.is_some_and(|ranks| ranks > 1) && flags.job == Job::WHOLE =>
            {
                return Err(Failure::usage(format!(
                    "mpirun started {} copies and each would do everything; use --backend mpi{}",
                    ranks.unwrap_or(0),
                    if cfg!(feature = "mpi") {
                        String::new()
                    } else {
                        format!(" (build with: cargo build --release -p {package} --features mpi)")
                    }
                )));
            }
            _ => {}
        }
        #[cfg(feature = "cuda")]
        if name == BackendName::Cuda {
            let device = jobwise_cuda::Cuda::open(0).map_err(|e| Failure::usage(e.to_string()))?;
            return Err(Failure::usage(format!(
                "{package} has no kernel for CUDA devices in this version ({} was found); \
                 use --backend threads",
                device.name()
            )));
        }
        Ok(Choice {
            name,
            threads: flags.threads.map(usize::from),
            #[cfg(feature = "mpi")]
            watchdog: jobwise_mpi::Watchdog {
                patience: std::time::Duration::from_secs(flags.watchdog.into()),
            },
        })
    }

    /// The backend's name.
    pub fn name(&self) -> &'static str {
        self.name.name()
    }

    /// Makes the backend and runs `program` on it.
    ///
    /// # Errors
    /// Those of the program, or why the backend cannot be made.
    pub fn run<P: Program>(self, program: P) -> Result<P::Output> {
        match self.name {
            BackendName::Serial => program.run(&Serial::new()),
            #[cfg(feature = "mpi")]
            BackendName::Mpi => {
                let comm = jobwise_mpi::MpiComm::world(self.watchdog)?;
                let backend = jobwise_mpi::MpiBackend::new(comm, Threads::new(self.threads));
                let outcome = program.run(&backend);
                crate::ranks::end(&backend, outcome)
            }
            // The other names were refused when the choice was made.
            _ => program.run(&Threads::new(self.threads)),
        }
    }
}
