use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use jobwise_core::{Division, LeaseName, Leases};

use crate::Failure;

/// How the parts of a run are dealt, as users say it.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Running")]
pub struct SharingFlags {
    /// How the work is dealt
    #[arg(long, value_enum, default_value_t = DivisionName::Static)]
    pub division: DivisionName,

    /// With --division leased: seconds without a sign of life after which others take over what a
    /// process on another machine had begun
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 60,
        value_parser = clap::value_parser!(u32).range(1..),
        hide_short_help = true
    )]
    pub lease: u32,
}

/// The ways to deal work, by the names that users know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DivisionName {
    /// Every rank has a fixed part
    Static,
    /// Ranks of one mpirun take the next part when they are free: for uneven work
    Dynamic,
    /// The same for processes that were started independently, on any machines that see the output
    /// directory; start as many as you like, when you like
    Leased,
}

impl DivisionName {
    /// The name as written on the command line.
    pub fn name(self) -> &'static str {
        match self {
            DivisionName::Static => "static",
            DivisionName::Dynamic => "dynamic",
            DivisionName::Leased => "leased",
        }
    }
}

/// How the parts of a run are dealt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// Every rank has a fixed part.
    #[default]
    Static,
    /// Ranks take the next part when they are free.
    Dynamic,
    /// Processes take the next part when they are free; one that gave no sign of life for so long
    /// has lost its part.
    Leased(Duration),
}

impl fmt::Display for Sharing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sharing::Static => f.write_str(DivisionName::Static.name()),
            Sharing::Dynamic => f.write_str(DivisionName::Dynamic.name()),
            Sharing::Leased(lease) => write!(
                f,
                "{}, for {} s without a sign of life",
                DivisionName::Leased.name(),
                lease.as_secs()
            ),
        }
    }
}

impl SharingFlags {
    /// What the flags ask for.
    pub fn sharing(self) -> Sharing {
        match self.division {
            DivisionName::Static => Sharing::Static,
            DivisionName::Dynamic => Sharing::Dynamic,
            DivisionName::Leased => Sharing::Leased(Duration::from_secs(self.lease.into())),
        }
    }

    /// For results that one process alone can write.
    ///
    /// # Errors
    /// When the work is to be leased.
    pub fn of_one_file(self) -> Result<Sharing, Failure> {
        match self.sharing() {
            Sharing::Leased(_) => Err(Failure::usage(
                "--division leased is for results in many files, and these results go into one: \
                 use static or dynamic, with mpirun for several machines",
            )),
            sharing => Ok(sharing),
        }
    }
}

impl Sharing {
    /// Where parts are claimed, if they are leased; `name` names a part.
    pub fn leases(
        self,
        directory: impl Into<PathBuf>,
        name: impl Fn(usize) -> LeaseName + Send + Sync + 'static,
    ) -> Option<Leases> {
        match self {
            Sharing::Leased(lease) => Some(Leases::new(directory, lease).named(name)),
            Sharing::Static | Sharing::Dynamic => None,
        }
    }

    /// For the engine; leased where there are `leases`.
    pub fn division(self, leases: Option<&Leases>) -> Division<'_> {
        match (self, leases) {
            (_, Some(leases)) => Division::Leased(leases),
            (Sharing::Dynamic, None) => Division::Dynamic { chunk: 1 },
            (Sharing::Static | Sharing::Leased(_), None) => Division::Static,
        }
    }
}
