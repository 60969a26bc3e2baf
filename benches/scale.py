#!/usr/bin/env -S python3 -B
"""Predicts how long seven workloads take on many ranks, and what bounds them.

Each workload is described by what it asks of every resource that ranks share: messages of the
busiest rank, words in the memory of rank 0, operations of the file system, bytes, forced writes.
How these grow follows from the code (docs/scale.md gives the laws, and the tests that hold them);
the constants are counted, measured or assumed, and each says which. Resources are used while
others compute, so a run takes as long as its busiest one, and what cannot overlap.

Examples:
  benches/scale.py                 the tables of docs/scale.md
  benches/scale.py --ranks 64 512  the same for other numbers of ranks
  benches/scale.py --constants     the constants, and where they are from
"""

import argparse
import math
from dataclasses import dataclass


@dataclass
class Constant:
    value: float
    unit: str
    # counted, measured or assumed; and how
    known: str
    source: str


CONSTANTS = {
    "message": Constant(1e-6, "s", "assumed", "a rank takes or sends a small message"),
    "latency": Constant(2e-6, "s", "assumed", "a message between two nodes arrives"),
    "link": Constant(12e9, "B/s", "assumed", "one node's network, one direction: 100 Gb/s"),
    "word": Constant(2e-6, "s", "assumed", "an operation on a word of rank 0, one at a time there"),
    "metadata": Constant(30e3, "1/s", "assumed", "operations of a file system, all ranks together"),
    "disks": Constant(500e9, "B/s", "assumed", "a file system, all ranks together"),
    "force": Constant(5e-3, "s", "assumed", "fsync of one file by one rank"),
    "forces": Constant(2e3, "1/s", "assumed", "fsync of one file by all ranks that do"),
    "writer": Constant(1e9, "B/s", "assumed", "one rank takes rows and writes them"),
    "per_node": Constant(9, "ranks", "assumed", "ranks with threads, of one node"),
    "write": Constant(8, "messages", "counted", "core/tests/scale.rs, a run, times log2 of the ranks"),
    "claim": Constant(1, "words", "counted", "core/tests/scale.rs, a chunk of a dynamic division"),
    "task": Constant(8, "words", "counted", "core/tasks/tests/tasks/scale.rs, a task"),
    "done": Constant(1, "words", "counted", "the same, a task that is found done"),
    "gmf_file": Constant(18, "operations", "counted", "strace, an output: 12, and 2 fsync at 3"),
    "gmf_start": Constant(86, "operations", "counted", "strace, the recording, by the first rank"),
    "leased_file": Constant(27, "operations", "counted", "strace, 100 files, one run"),
    "leased_more": Constant(1.5, "", "counted", "strace, eight runs against one"),
    "task_files": Constant(40, "operations", "counted", "strace, a task of batch, an older build"),
    "look": Constant(0.3e-3, "s", "assumed", "rank 0 looks at a file, one after the other"),
    "gmf": Constant(74e6, "B/s", "measured", "RESULTS.md, 480 gates: 64 MB in 0.861 s of CPU"),
    "filter": Constant(0.4e9, "B/s", "measured", "RESULTS.md: 134 MB of input in 0.333 s of CPU"),
    "clean": Constant(0.13e-6, "s", "measured", "RESULTS.md: a pixel, without eigenvectors"),
    "vectors": Constant(0.23, "s", "measured", "RESULTS.md: 1024 eigenvectors, on every rank"),
    "image": Constant(1e9, "B/s", "assumed", "an image is read and converted"),
}


class Machine:
    """The constants as attributes."""

    def __init__(self):
        for name, constant in CONSTANTS.items():
            setattr(self, name, constant.value)

    def nodes(self, ranks):
        return max(1, math.ceil(ranks / self.per_node))

    def run(self, ranks):
        """Collective calls of a run of the engine."""
        return self.write * math.log2(ranks + 1) * (self.message + self.latency)


@dataclass
class Load:
    """What a workload asks for: seconds of each resource that work while others compute, and what
    comes before or after."""

    compute: float
    shared: dict
    alone: float

    def seconds(self):
        return max([self.compute, *self.shared.values()]) + self.alone

    def efficiency(self):
        return self.compute / self.seconds()

    def bound(self):
        """What takes longest."""
        name, seconds = max(self.shared.items(), key=lambda item: item[1], default=("", 0))
        if self.compute >= max(seconds, self.alone):
            return "computing"
        return name if seconds >= self.alone else "start and end"


def gmf(m, ranks, recording=1e15, files=1e6):
    """Fixed parts. The first rank looks at the recording for all; each output costs what a file
    that appears whole costs."""
    return Load(
        recording / (m.gmf * ranks),
        {"disks": recording / m.disks, "metadata": files * m.gmf_file / m.metadata},
        m.gmf_start / m.metadata + m.run(ranks),
    )


def leased(m, ranks, recording=1e15, files=1e6):
    """A process for each rank. They claim files, and list what others hold."""
    operations = files * m.leased_file * (m.leased_more if ranks > 1 else 1)
    return Load(
        recording / (m.gmf * ranks),
        {"disks": recording / m.disks, "metadata": operations / m.metadata},
        ranks * m.gmf_start / m.metadata,
    )


def filtered(m, ranks, size=1e12):
    """One file, which rank 0 writes: every row goes to it."""
    return Load(
        size / (m.filter * ranks),
        {"disks": 2 * size / m.disks, "rank 0 writes": size / m.writer},
        m.run(ranks),
    )


def filtered_on_nodes(m, ranks, size=1e12, unit=0.5e6):
    """One file, which a rank of each node writes and forces; rank 0 marks what all have forced.
    Rounds double in length, up to 512 units a rank."""
    nodes, units, length, rounds = m.nodes(ranks), size / unit, 2 * ranks, 0
    while units > 0:
        units -= length
        length = min(2 * length, 512 * ranks)
        rounds += 1
    forced = max(m.force, nodes / m.forces) + m.force
    return Load(
        size / (m.filter * ranks),
        {"disks": 2 * size / m.disks, "nodes write": size / (m.writer * nodes)},
        rounds * (forced + 2 * m.run(ranks)),
    )


def cleaned(m, ranks, pixels=1e9):
    """A node holds the image once, and each of its ranks converts a part. Eigenvectors are computed
    by every rank alike. The clean image goes to rank 0."""
    nodes, image = m.nodes(ranks), 4 * pixels
    own = min(ranks, m.per_node)
    return Load(
        m.clean * pixels / ranks,
        {"disks": (nodes + 1) * image / m.disks, "rank 0 writes": image / m.writer},
        image / (m.image * own) + m.vectors + m.run(ranks),
    )


def inverted(m, ranks, soundings=1e6, chain=100.0, longest=300.0):
    """Chains are claimed one by one and their rows go to rank 0. The last one may be a long one."""
    rows = soundings * (2 * m.message + 50e-6)
    return Load(
        soundings * chain / ranks,
        {"words": soundings * m.claim * m.word, "rank 0 writes": rows},
        (longest if ranks > 1 else 0) + m.run(ranks),
    )


def mapped(m, ranks, frames=1e7, each=10e-3, size=8e6, scan=1e3, map_bytes=100e6):
    """Files of frames are claimed, frames are filtered and binned where they are read, and maps are
    merged along a tree."""
    merge = math.ceil(math.log2(ranks)) * map_bytes * (1 / m.link + 1 / m.image)
    return Load(
        frames * each / ranks,
        {"disks": frames * size / m.disks, "words": frames / scan * m.claim * m.word},
        merge + m.run(ranks),
    )


def tasks(m, ranks, count=1e6, each=60.0):
    """A command for each task. Words are in the memory of rank 0, states in files."""
    return Load(
        count * each / ranks,
        {"words": count * m.task * m.word, "metadata": count * m.task_files / m.metadata},
        each * (ranks > 1) / 2 + ranks * m.task * m.word + m.run(ranks),
    )


def tasks_again(m, ranks, count=1e6, each=60.0):
    """The same where half of the tasks are done: each rank looks at its part of all before that."""
    load = tasks(m, ranks, count / 2, each)
    load.alone += max(count * m.look / ranks, count / m.metadata) + count / 2 * m.done * m.word
    return load


WORKLOADS = {
    "gmf, 1 PB, 10^6 files": gmf,
    "gmf, leased, a process per rank": leased,
    "usid filter, 1 TB, rank 0 writes": filtered,
    "usid filter, 1 TB, --writer nodes": filtered_on_nodes,
    "usid clean-image, 10^9 pixels": cleaned,
    "inversion, 10^6 chains of 100 s": inverted,
    "frames, 10^7 of 8 MB and 10 ms": mapped,
    "batch, 10^6 x 60 s": tasks,
    "batch, 10^6 x 60 s, half are done": tasks_again,
}


def half(workload, machine):
    """The number of ranks at which half of the time is not computing."""
    low, high = 1.0, 1e6
    if workload(machine, round(high)).efficiency() > 0.5:
        return "more than 10^6"
    for _ in range(40):
        middle = math.sqrt(low * high)
        is_good = workload(machine, round(middle)).efficiency() > 0.5
        low, high = (middle, high) if is_good else (low, middle)
    return f"{low:.0f}"


def seconds(value):
    """In a unit that people read."""
    for size, unit in [(86400, "d"), (3600, "h"), (60, "min")]:
        if value >= 2 * size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.3g} s"


def predictions(ranks):
    machine = Machine()
    titles = ["workload", *(f"{count} ranks" for count in ranks), "half at"]
    print(f"| {' | '.join(titles)} |\n|{'---|' * len(titles)}")
    for name, workload in WORKLOADS.items():
        cells = [name]
        for count in ranks:
            load = workload(machine, count)
            cells.append(f"{seconds(load.seconds())}, {load.efficiency():.0%}, {load.bound()}")
        print(f"| {' | '.join([*cells, half(workload, machine)])} |")


def sensitivity():
    """Where half of the time is computing, if an assumption is three times off."""
    names = ["metadata", "word", "writer", "disks", "force"]
    titles = ["half at, if", *(f"{name} x {by}" for name in names for by in ("1/3", "3"))]
    print(f"\n| {' | '.join(titles)} |\n|{'---|' * len(titles)}")
    for name, workload in WORKLOADS.items():
        cells = [name]
        for constant in names:
            for by in [1 / 3, 3]:
                machine = Machine()
                setattr(machine, constant, getattr(machine, constant) * by)
                cells.append(half(workload, machine))
        print(f"| {' | '.join(cells)} |")


def constants():
    print("| constant | value | known | how |\n|---|---|---|---|")
    for name, constant in CONSTANTS.items():
        value = f"{constant.value:.3g} {constant.unit}".strip()
        print(f"| {name} | {value} | {constant.known} | {constant.source} |")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ranks", type=int, nargs="+", default=[10, 100, 1000, 9000])
    parser.add_argument("--constants", action="store_true", help="print the constants")
    flags = parser.parse_args()
    if flags.constants:
        constants()
        return
    predictions(flags.ranks)
    sensitivity()


if __name__ == "__main__":
    main()
