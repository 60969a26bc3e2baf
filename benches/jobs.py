"""The workloads of the benchmarks limits and ranks: data that they make, and what is run on them."""

import os
import shutil
import tempfile
from dataclasses import dataclass
from typing import Callable

import workload

SIZE, WINDOW, KEPT = 2048, 32, 24
LINES, POINTS = 512, 65536
POSITIONS = 20_000
GATES, INTEGRATIONS = 480, 40
TASKS = 2000
SOUNDINGS, ITERATIONS = 6, 20_000
SCANS, DETECTORS, SAMPLES, ORDER = 96, 64, 4000, 3

SYSTEM = """freq, tor, tmom, tx, ty, tzoff, ror, rmom, rx, ry, rzoff
380, z, 1, 0, 0, 0, z, 1, 7.93, 0, 0
1776, z, 1, 0, 0, 0, z, 1, 7.91, 0, 0
3345, x, -1, 0, 0, 0, x, 1, 9.03, 0, 0
8171, z, 1, 0, 0, 0, z, 1, 7.91, 0, 0
41020, z, 1, 0, 0, 0, z, 1, 7.91, 0, 0
129550, z, 1, 0, 0, 0, z, 1, 7.89, 0, 0
"""

OPTIONS = """data_directory = "{directory}"
data_filename = "soundings.csv"
system_filename = "system.stm"
data_type = FdemData
interactive_plot = False
save_png = False
save_hdf5 = True
n_markov_chains = {iterations}
update_plot_every = 5000
solve_parameter = True
solve_gradient = True
solve_relative_error = True
solve_additive_error = True
solve_z = False
solve_calibration = False
maximum_number_of_layers = 8
minimum_depth = 1.0
maximum_depth = 150.0
minimum_thickness = None
initial_relative_error = 0.05
minimum_relative_error = 0.001
maximum_relative_error = 0.5
initial_additive_error = 5.0
minimum_additive_error = 3.0
maximum_additive_error = 20.0
maximum_z_change = 1.0
relative_error_proposal_variance = 2.5e-3
additive_error_proposal_variance = 1.0e-2
z_proposal_variance = 0.01
probability_of_birth = 1.0/6.0
probability_of_death = 1.0/6.0
probability_of_perturb = 1.0/6.0
probability_of_no_change = 0.5
covariance_scaling = None
ignore_likelihood = False
reciprocate_parameters = True
minimum_burn_in = 0
value_mean = 0.01
"""


@dataclass
class Job:
    """A program and its words, of which some come last; what is done before each run of it; and
    what decides which run is the median."""

    program: str
    words: Callable[[], list]
    anew: Callable[[], None] = lambda: None
    by: str = "cpu"
    flags: tuple = ("--threads", 1)
    last: tuple = ()


class Bench:
    """Programs, a directory for data, and how often each of them runs."""

    def __init__(self, programs, directory, runs):
        self.programs, self.directory, self.runs = programs.resolve(), directory, runs

    def path(self, name):
        return self.directory / name

    def once(self, program, *words):
        return workload.run([self.programs / program, *words])

    def run(self, job, launcher, flags=None):
        """One run of a job, by a launcher, with flags in the place of its own."""
        job.anew()
        flags = job.flags if flags is None else flags
        words = [*job.words(), *flags, *job.last]
        return workload.run([*launcher, self.programs / job.program, *words])

    def median(self, job, launcher):
        runs = [self.run(job, launcher) for _ in range(self.runs)]
        return middle(runs, job.by)

    def on_copy(self, program, source, *words):
        """A command that writes into the file that it reads: each time into a new one."""
        copy = self.path("copy.h5")

        def anew():
            shutil.copy(source, copy)
            os.sync()

        return Job(program, lambda: [words[0], copy, *words[1:]], anew)

    def into(self, output, program, *words):
        """A command that makes a file or a directory."""

        def anew():
            shutil.rmtree(output, ignore_errors=True)
            output.unlink(missing_ok=True)

        return Job(program, lambda: words, anew)


def middle(runs, by):
    """The run with the median time."""
    return sorted(runs, key=lambda one: getattr(one, by))[len(runs) // 2]


def usid(bench, what, *words):
    source = bench.path(f"{'-'.join(str(word) for word in what)}.h5")
    if not source.exists():
        bench.once("usid", "simulate", what[0], source, *what[1:])
    return bench.on_copy("usid", source, *words)


def clean(bench, size=SIZE, step=1):
    return usid(
        bench,
        ["image", "--size", size],
        "clean-image", "--window", WINDOW, "-c", KEPT, "--step", step,
    )  # fmt: skip


def lines(bench, count=LINES):
    what = ["lines", "--lines", count, "--points", POINTS]
    return usid(bench, what, "filter", "-f", "low:100e3", "-t", 1e-6)


def giv(bench, positions=POSITIONS):
    return usid(bench, ["currents", "--positions", positions], "giv")


def gmf(bench, integrations=INTEGRATIONS):
    recording = workload.record(bench.programs / "gmf", bench.directory, integrations)
    config = workload.configure(bench.directory, GATES, 6800, per_file=10)
    output = bench.path("gmf")
    return bench.into(output, "gmf", "analyze", recording, "uhf", "--config", config, "-o", output)


def inversion(bench, soundings=SOUNDINGS):
    directory = bench.path(f"soundings-{soundings}")
    options, system = directory / "options.py", directory / "system.stm"
    if not directory.exists():
        directory.mkdir()
        system.write_text(SYSTEM)
        options.write_text(OPTIONS.format(iterations=ITERATIONS, directory=directory))
        bench.once(
            "inversion", "simulate", "prior", directory / "soundings.csv", "--options", options,
            "--system", system, "--points", soundings, "--seed", 1,
            "--truth", directory / "truth.json",
        )  # fmt: skip
    output = bench.path("inversion")
    return bench.into(
        output, "inversion", "run", options, output, "--mode", "exact", "--chains", 1,
        "--traces", "none",
    )  # fmt: skip


def frames(bench, scans=SCANS):
    sky, output = bench.path(f"sky-{scans}"), bench.path("map.g3")
    if not sky.exists():
        sizes = ["--scans", scans, "--detectors", DETECTORS, "--samples", SAMPLES]
        bench.once("frames", "simulate", sky, *sizes)
    return bench.into(
        output, "frames", "run", "--files", sky / "list.json", "--filter", f"poly:{ORDER}",
        "--timestreams", "CalTimestreams", "--pointing", "OnlineRaDecRotation",
        "--weights", "TodWeights", "--map", "zea:120x120@0.05deg,30,-50", "--pol", "iau",
        "-o", output,
    )  # fmt: skip


def batch(bench, tasks=TASKS):
    listed = bench.path(f"list-{tasks}")
    listed.write_text("".join(f"{task}\n" for task in range(tasks)))

    def words():
        # Directories are kept: file systems look long for places of files that have just gone.
        root = tempfile.mkdtemp(dir=bench.directory)
        return ["run", root, "--tasks", listed]

    command = ("--", "/bin/true", "{task}")
    return Job("batch", words, by="wall", flags=("--workers", 2), last=command)
