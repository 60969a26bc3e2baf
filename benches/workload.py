"""The radar workload of the benchmarks: a recording, a configuration, and a run of gmf that is measured.

A pulse of 32 random chips of 60 us in every 20 ms, received 20 ms long at 1 MHz as complex64: noise of unit variance per
component and an echo of amplitude 0.25 that starts 7041 samples after the pulse. An integration is 10 pulses; the search has
spectra of 12500 bins and 19 accelerations.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

INTEGRATION = 0.2  # seconds of signal
FIRST_GATE = 7032  # the echo is in gate 7040

SCENARIO = """[Experiment]
name = benchmark
version = 1
sample_rate = 1000000
ipp = 20000
rx_channel = uhf
tx_channel = uhf
tx_start = 82
tx_end = 2002
rx_start = 0
rx_end = 20000
radar_frequency = 929.6

[Simulation]
epoch = 2021-04-12T12:00:00
end_time = {seconds}
baud_length = 60
code = random
noise_sigma = 1
tx_amp = 100
seed = 8
file_cadence_millisecs = {cadence}

[Target one]
range = 2110838.7
range_rate = -1200
acceleration = 120
snr = 0.03125
"""

CONFIG = """[signal-processing]
n_ipp = 10
min_range_gate = {first}
max_range_gate = {end}
frequency_decimation = 16
min_acceleration = -300
max_acceleration = 300
num_cohints_per_file = {per_file}
"""


def add_flags(parser, gates=32):
    parser.add_argument("gmf", type=Path, help="the program, built with --release")
    parser.add_argument("--gates", type=int, default=gates, help="range gates [%(default)s]")
    parser.add_argument("--integrations", type=int, default=40, help="integrations of 0.2 s [%(default)s]")
    parser.add_argument("--runs", type=int, default=3, help="runs, of which the median counts [%(default)s]")


def record(gmf, directory, integrations, cadence=1000):
    """Makes a recording of so many integrations, in files of `cadence` milliseconds; returns its directory."""
    scenario = directory / f"{integrations}.ini"
    scenario.write_text(SCENARIO.format(seconds=integrations * INTEGRATION, cadence=cadence))
    recording = directory / f"recording-{integrations}"
    run([gmf, "simulate", "drf", scenario, recording])
    return recording


def configure(directory, gates, first=FIRST_GATE, per_file=4):
    """Writes the configuration of a search over so many gates; returns its path."""
    config = directory / "search.ini"
    config.write_text(CONFIG.format(first=first, end=first + gates, per_file=per_file))
    return config


class Measured:
    """What a process said; its and its children's wall and CPU seconds; the peak resident set of the largest, in MiB."""

    def __init__(self, said, wall, usage):
        self.said = said
        self.wall = wall
        self.cpu = usage.ru_utime + usage.ru_stime
        self.peak = usage.ru_maxrss / 1024


def analyze(launcher, gmf, recording, config, output, flags):
    """Runs one analysis into an empty directory and measures it."""
    shutil.rmtree(output, ignore_errors=True)
    command = [*launcher, gmf, "analyze", recording, "uhf", "--config", config, "-o", output, *flags]
    return run(command)


def run(command):
    """Runs a command to its end; its output is shown only when it fails."""
    command = [str(word) for word in command]
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{said}")
    return Measured(said, wall, usage)
