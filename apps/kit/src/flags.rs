use clap::{Args, ValueEnum};
use jobwise_core::Job;

/// The flags that every command that runs a kernel has.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Running")]
pub struct RunFlags {
    /// What computes [default: mpi under mpirun, else threads]
    #[arg(short = 'i', long, value_enum, visible_alias = "implementation")]
    pub backend: Option<BackendName>,

    /// What kernels run on, with any backend [default: cpu; cuda with --backend cuda]
    #[arg(long, value_enum)]
    pub device: Option<DeviceName>,

    /// With --device cuda: the devices to compute on, as 0,2; numbered as CUDA does [default: all]
    #[arg(long, value_name = "INDICES", value_delimiter = ',')]
    pub gpus: Vec<usize>,

    /// With --device cuda: batches that are under way on each device [default: 2]
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u16).range(1..=16),
        hide_short_help = true
    )]
    pub lanes: Option<u16>,

    /// Threads on this machine, or on each rank [default: one per processor this process may use]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,

    /// Do only part INDEX of COUNT parts; the parts of all jobs cover everything and never overlap
    #[arg(long, value_name = "INDEX/COUNT", default_value_t = Job::WHOLE)]
    pub job: Job,

    /// Report progress also when the output is not a terminal
    #[arg(short, long)]
    pub progress: bool,

    /// Print what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Seconds without a sign of life from another rank until the job is ended
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 30,
        value_parser = clap::value_parser!(u32).range(1..),
        hide_short_help = true
    )]
    pub watchdog: u32,
}

/// Backends by the names users know; the second names are those of older tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BackendName {
    /// The calling thread
    #[value(alias = "numpy")]
    Serial,
    /// A pool of threads on this machine
    #[value(alias = "c")]
    Threads,
    /// The ranks of mpirun, with threads inside each
    Mpi,
    /// CUDA devices, from one process
    Cuda,
}

/// Devices by the names users know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DeviceName {
    /// The processors of this machine
    Cpu,
    /// CUDA devices; ranks of one node share them out
    Cuda,
}

impl BackendName {
    /// The name as written on the command line.
    pub fn name(self) -> &'static str {
        match self {
            BackendName::Serial => "serial",
            BackendName::Threads => "threads",
            BackendName::Mpi => "mpi",
            BackendName::Cuda => "cuda",
        }
    }
}
