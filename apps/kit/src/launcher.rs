//! How this process was started: alone, or as one of several ranks.

use std::env;

/// What tells a process that it is one of several copies.
struct Launcher {
    /// What users start.
    name: &'static str,
    /// The environment variable with the number of copies, where there is one.
    count: Option<&'static str>,
    /// That with the number of this copy.
    place: &'static str,
    /// Whether a copy is a rank of MPI even where it is the only one.
    is_of_mpi: bool,
}

const fn of_mpi(name: &'static str, count: &'static str, place: &'static str) -> Launcher {
    Launcher {
        name,
        count: Some(count),
        place,
        is_of_mpi: true,
    }
}

const fn of_others(
    name: &'static str,
    count: Option<&'static str>,
    place: &'static str,
) -> Launcher {
    Launcher {
        name,
        count,
        place,
        is_of_mpi: false,
    }
}

/// In the order in which they count: what is started by `mpirun` inside a step of Slurm is told of
/// both. In a script of `sbatch`, which is no copy, Slurm sets no number of tasks of a step.
const LAUNCHERS: [Launcher; 9] = [
    of_mpi("mpirun", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"),
    of_mpi("mpirun", "PMI_SIZE", "PMI_RANK"),
    of_mpi("mpirun", "MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK"),
    of_others("srun", Some("SLURM_STEP_NUM_TASKS"), "SLURM_PROCID"),
    of_others("flux run", Some("FLUX_JOB_SIZE"), "FLUX_TASK_RANK"),
    of_others("jsrun", Some("JSM_NAMESPACE_SIZE"), "JSM_NAMESPACE_RANK"),
    of_others("a launcher (PMIx)", None, "PMIX_RANK"),
    of_others("a launcher (PALS)", None, "PALS_RANKID"),
    of_others("aprun", None, "ALPS_APP_PE"),
];

/// What a launcher has started, this process among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Launched {
    /// The launcher, as users call it.
    pub(crate) by: &'static str,
    /// How many copies there are; at least so many, where the launcher does not say.
    pub(crate) copies: usize,
    /// Which one this is.
    pub(crate) place: usize,
    /// Whether the launcher is one of MPI.
    pub(crate) is_of_mpi: bool,
    /// Whether the first copy knows that it is not alone.
    pub(crate) is_counted: bool,
    /// The environment variable that says that there are several.
    pub(crate) variable: &'static str,
}

/// What the launcher of this process tells by its environment, if there is one. A single copy is
/// none, but for `mpirun`'s.
pub(crate) fn launched() -> Option<Launched> {
    launched_by(|name| env::var(name).ok())
}

fn launched_by(told: impl Fn(&str) -> Option<String>) -> Option<Launched> {
    let number = |name| told(name)?.parse::<usize>().ok();
    LAUNCHERS.iter().find_map(|launcher| {
        let place = number(launcher.place);
        let copies = match launcher.count {
            Some(count) => number(count)?,
            None => place?.saturating_add(1),
        };
        let launched = Launched {
            by: launcher.name,
            copies,
            place: place.unwrap_or(0),
            is_of_mpi: launcher.is_of_mpi,
            is_counted: launcher.count.is_some(),
            variable: launcher.count.unwrap_or(launcher.place),
        };
        (launcher.is_of_mpi || copies > 1).then_some(launched)
    })
}

/// How many copies of this process a launcher started, if one did.
pub fn started_ranks() -> Option<usize> {
    launched().map(|launched| launched.copies)
}

/// Whether a launcher started this process as one of several ranks, or of one.
pub fn is_launched() -> bool {
    launched().is_some()
}

/// Which of them this is.
pub(crate) fn started_rank() -> usize {
    launched().map_or(0, |launched| launched.place)
}

/// The place of this process among those that were started on its node, and how many these are, as
/// the launcher says; the only one where it does not.
#[cfg(feature = "cuda")]
pub(crate) fn started_place() -> (usize, usize) {
    let number = |names: [&str; 3]| {
        let mut found = names.iter().filter_map(|name| env::var(name).ok());
        found.find_map(|value| value.parse::<usize>().ok())
    };
    let places = [
        "OMPI_COMM_WORLD_LOCAL_RANK",
        "MPI_LOCALRANKID",
        "SLURM_LOCALID",
    ];
    let counts = [
        "OMPI_COMM_WORLD_LOCAL_SIZE",
        "MPI_LOCALNRANKS",
        "SLURM_NTASKS_PER_NODE",
    ];
    match (started_ranks(), number(places), number(counts)) {
        (Some(_), Some(place), Some(ranks)) if place < ranks => (place, ranks),
        _ => (0, 1),
    }
}

/// Whether this is the rank that speaks for all: the only one, or rank 0.
pub fn is_first_rank() -> bool {
    started_rank() == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(told: &[(&str, &str)]) -> Option<(&'static str, usize, usize)> {
        let of = |name: &str| {
            let found = told.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        launched_by(of).map(|launched| (launched.by, launched.copies, launched.place))
    }

    #[test]
    fn copies_of_every_launcher_are_noticed() {
        for launcher in &LAUNCHERS {
            let of_four: Vec<(&str, &str)> = launcher
                .count
                .map(|count| (count, "4"))
                .into_iter()
                .chain([(launcher.place, "3")])
                .collect();
            assert_eq!(by(&of_four), Some((launcher.name, 4, 3)));
        }
        assert_eq!(by(&[("PMIX_RANK", "0")]), None);
        assert_eq!(
            by(&[("SLURM_STEP_NUM_TASKS", "1"), ("SLURM_PROCID", "0")]),
            None
        );
        // A script of sbatch, and what mpirun starts from it.
        let script = [("SLURM_NTASKS", "4"), ("SLURM_PROCID", "0")];
        assert_eq!(by(&script), None);
        let ranks = [("OMPI_COMM_WORLD_SIZE", "2"), ("OMPI_COMM_WORLD_RANK", "1")];
        let inside = [("SLURM_STEP_NUM_TASKS", "7"), ("SLURM_PROCID", "5")];
        assert_eq!(by(&[inside, ranks].concat()), Some(("mpirun", 2, 1)));
        let one = [("PMI_SIZE", "1"), ("PMI_RANK", "0")];
        assert_eq!(by(&one), Some(("mpirun", 1, 0)));
    }
}
