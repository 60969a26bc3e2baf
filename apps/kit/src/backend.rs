use jobwise_core::{Backend, Cpu, Job, Result};
use jobwise_serial::{Serial, Threads};

use crate::failure::Failure;
use crate::flags::{BackendName, DeviceName, RunFlags};
#[cfg(feature = "mpi")]
use crate::launcher::Launched;
use crate::launcher::launched;

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

    /// Runs on CUDA devices. On several ranks, all of them run it, on devices of their own or
    /// shared. A program without kernels for them refuses.
    ///
    /// # Errors
    /// As [`run`](Program::run); by default, that there is no such kernel.
    #[cfg(feature = "cuda")]
    fn run_on_cuda<B: Backend<Device = jobwise_cuda::Cuda>>(
        self,
        backend: &B,
    ) -> Result<Self::Output>
    where
        Self: Sized,
    {
        let _ = backend;
        Err(jobwise_core::Error::Program(
            "this command has no kernel for CUDA devices in this version; use --device cpu".into(),
        ))
    }
}

/// A backend that is compiled in and fits how the process was started, and a device that is
/// compiled in.
#[derive(Clone, Debug)]
pub struct Choice {
    name: BackendName,
    #[cfg(feature = "cuda")]
    device: DeviceName,
    /// None: all.
    #[cfg(feature = "cuda")]
    gpus: Vec<usize>,
    #[cfg(feature = "cuda")]
    lanes: Option<usize>,
    threads: Option<usize>,
    #[cfg(feature = "mpi")]
    watchdog: jobwise_mpi::Watchdog,
    #[cfg(feature = "mpi")]
    launched: Option<Launched>,
}

impl Choice {
    /// Chooses by the flags and by how the process was started.
    ///
    /// # Errors
    /// When the backend or the device is not compiled in (and how to get it), they exclude each
    /// other, or `mpirun` started several copies that would each do everything.
    pub fn new(flags: &RunFlags, package: &str) -> Result<Choice, Failure> {
        // Copies that do parts of their own need not know of each other.
        let launched = launched().filter(|it| it.is_of_mpi || flags.job == Job::WHOLE);
        let name = flags
            .backend
            .unwrap_or(if launched.is_some() && cfg!(feature = "mpi") {
                BackendName::Mpi
            } else {
                BackendName::Threads
            });
        let device = match (name, flags.device) {
            (BackendName::Cuda, None) => DeviceName::Cuda,
            (BackendName::Cuda, Some(DeviceName::Cpu)) => {
                return Err(Failure::usage(
                    "--backend cuda computes on a CUDA device; use --backend threads with --device \
                     cpu",
                ));
            }
            (_, device) => device.unwrap_or(DeviceName::Cpu),
        };
        if device != DeviceName::Cuda && (!flags.gpus.is_empty() || flags.lanes.is_some()) {
            return Err(Failure::usage(
                "--gpus and --lanes are for CUDA devices; add --device cuda",
            ));
        }
        if let Some(twice) = twice(&flags.gpus) {
            return Err(Failure::usage(format!("--gpus names device {twice} twice")));
        }
        let absent = |feature: &str| {
            Failure::usage(format!(
                "the {feature} backend is not compiled into this program; build it with: \
                 cargo build --release -p {package} --features {feature}"
            ))
        };
        if name == BackendName::Mpi && !cfg!(feature = "mpi") {
            return Err(absent("mpi"));
        }
        if device == DeviceName::Cuda && !cfg!(feature = "cuda") {
            return Err(absent("cuda"));
        }
        let would_repeat = name != BackendName::Mpi && flags.job == Job::WHOLE;
        if let Some(it) = launched.filter(|it| it.copies > 1 && would_repeat) {
            let (by, copies) = (it.by, it.copies);
            let only = if it.is_of_mpi {
                String::new()
            } else {
                format!("; if this is the only copy, unset {}", it.variable)
            };
            let build = if cfg!(feature = "mpi") {
                String::new()
            } else {
                format!(" (build with: cargo build --release -p {package} --features mpi)")
            };
            let refusal = Failure::usage(format!(
                "{by} started {copies} copies and each would do everything; use --backend \
                 mpi{build}{only}"
            ));
            return Err(Failure {
                common: it.is_counted,
                ..refusal
            });
        }
        Ok(Choice {
            name,
            #[cfg(feature = "cuda")]
            device,
            #[cfg(feature = "cuda")]
            gpus: flags.gpus.clone(),
            #[cfg(feature = "cuda")]
            lanes: flags.lanes.map(usize::from),
            threads: flags.threads.map(usize::from),
            #[cfg(feature = "mpi")]
            watchdog: jobwise_mpi::Watchdog {
                patience: std::time::Duration::from_secs(flags.watchdog.into()),
            },
            #[cfg(feature = "mpi")]
            launched,
        })
    }

    /// The backend's name.
    pub fn name(&self) -> &'static str {
        self.name.name()
    }

    /// Whether kernels run on CUDA devices.
    pub fn is_on_cuda(&self) -> bool {
        #[cfg(feature = "cuda")]
        return self.device == DeviceName::Cuda;
        #[cfg(not(feature = "cuda"))]
        false
    }

    #[cfg(feature = "cuda")]
    pub(crate) fn gpus(&self) -> &[usize] {
        &self.gpus
    }

    #[cfg(feature = "cuda")]
    pub(crate) fn lanes(&self) -> Option<usize> {
        self.lanes
    }

    #[cfg(feature = "cuda")]
    pub(crate) fn threads(&self) -> Option<usize> {
        self.threads
    }

    /// Makes the backend and runs `program` on it.
    ///
    /// # Errors
    /// Those of the program, or why the backend cannot be made.
    pub fn run<P: Program>(&self, program: P) -> Result<P::Output> {
        match self.name {
            #[cfg(feature = "mpi")]
            BackendName::Mpi => self.run_on_ranks(program),
            #[cfg(feature = "cuda")]
            _ if self.is_on_cuda() => program.run_on_cuda(&self.lanes_on(self.open(0, 1)?)?),
            BackendName::Serial => program.run(&Serial::new()),
            // The other names were refused when the choice was made.
            _ => program.run(&Threads::new(self.threads)),
        }
    }

    /// Copies of which MPI knows one each would all do everything.
    #[cfg(feature = "mpi")]
    fn knows_all_copies(&self, ranks: usize) -> Result<()> {
        match self.launched.filter(|it| it.copies > 1) {
            Some(Launched { by, copies, .. }) if ranks == 1 => Err(jobwise_core::Error::Program(
                format!(
                    "{by} started {copies} copies, and MPI knows of one: each would do everything; \
                     start them by mpirun, or tell srun the MPI they are linked with (srun \
                     --mpi=pmix)"
                )
                .into(),
            )),
            _ => Ok(()),
        }
    }

    #[cfg(feature = "mpi")]
    fn run_on_ranks<P: Program>(&self, program: P) -> Result<P::Output> {
        use jobwise_mpi::{MpiBackend, MpiComm};
        let comm = MpiComm::world(self.watchdog)?;
        self.knows_all_copies(jobwise_core::Comm::size(&comm))?;
        #[cfg(feature = "cuda")]
        if self.is_on_cuda() {
            use jobwise_core::Comm;
            let nodes = comm.nodes();
            let (rank, world) = (comm.rank(), &comm as &dyn Comm);
            let ranks = nodes.members(nodes.of(rank)).len();
            let opened = world.agree(self.open(nodes.place(rank), ranks))?;
            let lanes = world.agree(self.lanes_on(opened))?;
            let backend = MpiBackend::new(comm, lanes);
            let outcome = program.run_on_cuda(&backend);
            return crate::ranks::end(&backend, outcome);
        }
        let backend = MpiBackend::new(comm, Threads::new(self.threads));
        let outcome = program.run(&backend);
        crate::ranks::end(&backend, outcome)
    }
}

/// A device that is named twice.
fn twice(gpus: &[usize]) -> Option<usize> {
    let repeated = |(at, gpu): (usize, &usize)| gpus[..at].contains(gpu).then_some(*gpu);
    gpus.iter().enumerate().find_map(repeated)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(backend: Option<BackendName>, device: Option<DeviceName>) -> RunFlags {
        RunFlags {
            backend,
            device,
            gpus: Vec::new(),
            lanes: None,
            threads: None,
            job: Job::WHOLE,
            progress: false,
            dry_run: false,
            watchdog: 30,
        }
    }

    fn choose(backend: Option<BackendName>, device: Option<DeviceName>) -> Result<Choice, String> {
        Choice::new(&flags(backend, device), "jobwise-sample")
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn gpus_are_named_once_and_for_cuda() {
        let choose = |device, gpus: &[usize], lanes| {
            let flags = RunFlags {
                gpus: gpus.to_vec(),
                lanes,
                ..flags(None, device)
            };
            Choice::new(&flags, "jobwise-sample").map_err(|failure| failure.to_string())
        };
        for (gpus, lanes) in [(&[0][..], None), (&[], Some(3))] {
            let error = choose(Some(DeviceName::Cpu), gpus, lanes).unwrap_err();
            assert!(error.contains("add --device cuda"), "{error}");
        }
        let error = choose(Some(DeviceName::Cuda), &[2, 0, 2], None).unwrap_err();
        assert!(error.contains("--gpus names device 2 twice"), "{error}");
    }

    #[test]
    fn the_device_is_chosen_beside_the_backend() {
        let serial = choose(Some(BackendName::Serial), Some(DeviceName::Cpu)).unwrap();
        assert_eq!(serial.name(), "serial");
        let both = choose(Some(BackendName::Cuda), Some(DeviceName::Cpu)).unwrap_err();
        assert!(both.contains("--device cpu"), "{both}");
        for (backend, device) in [
            (Some(BackendName::Cuda), None),
            (Some(BackendName::Threads), Some(DeviceName::Cuda)),
        ] {
            let is_there = cfg!(feature = "cuda");
            match choose(backend, device) {
                Ok(_) => assert!(is_there),
                Err(text) => assert!(text.contains("--features cuda"), "{text}"),
            }
        }
    }
}
