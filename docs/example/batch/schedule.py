#!/usr/bin/env python3
"""Draws who did which task of a batch when, as SVG: schedule.py DIR > schedule.svg

It reads the journals of the runs in DIR/.batch, a line of JSON for each state that was written:
task, name, state, attempt, worker, pid, time (s since 1970).
"""

import html
import json
import pathlib
import sys

COLOURS = {"DONE": "#009e73", "FAILED": "#d55e00", "OPEN": "#999999"}  # OPEN: given back
LEFT, TOP, ROW, WIDTH = 110, 46, 26, 760


def commands(directory):
    """All commands that have ended, as (job, name, state, begin, end)."""
    found = []
    for journal in pathlib.Path(directory, ".batch").glob("journal.*"):
        job, begun = journal.name.removeprefix("journal."), {}
        for line in journal.read_text().splitlines():
            entry = json.loads(line)
            if entry["state"] == "RUNNING":
                begun[entry["task"]] = entry["time"]
            elif entry["task"] in begun:
                begin = begun.pop(entry["task"])
                found.append((job, entry["name"], entry["state"], begin, entry["time"]))
    return sorted(found, key=lambda command: command[3])


def rows(found):
    """The lowest free row for each command, as a run has so many commands at a time."""
    ends, placed = [], []
    for job, name, state, begin, end in found:
        free = (row for row, (last, whose) in enumerate(ends) if last <= begin and whose == job)
        row = next(free, len(ends))
        ends[row : row + 1] = [(end, job)]
        placed.append((row, name, state, begin, end))
    return placed, [job for _, job in ends]


def main():
    found = commands(sys.argv[1])
    if not found:
        sys.exit(f"{sys.argv[1]}: no command has ended there yet")
    placed, jobs = rows(found)
    start, stop = found[0][3], max(command[4] for command in found)
    scale = (WIDTH - LEFT - 20) / (stop - start)
    height = TOP + ROW * len(jobs) + 40
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
          'font-family="sans-serif" font-size="12">')
    print('<rect width="100%" height="100%" fill="white"/>')
    for place, (state, colour) in enumerate(COLOURS.items()):
        x = LEFT + 110 * place
        print(f'<rect x="{x}" y="12" width="14" height="14" fill="{colour}"/>'
              f'<text x="{x + 20}" y="23">{state}</text>')
    for row, job in enumerate(jobs):
        run = sorted(set(jobs), key=jobs.index).index(job) + 1
        at = jobs[: row + 1].count(job)
        print(f'<text x="8" y="{TOP + ROW * row + 17}">run {run}, place {at}</text>')
    for row, name, state, begin, end in placed:
        x, y = LEFT + (begin - start) * scale, TOP + ROW * row
        width = max((end - begin) * scale - 1, 1)
        name, colour = html.escape(name), COLOURS.get(state, "#999999")
        print(f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{ROW - 4}" fill="{colour}">'
              f'<title>{name}: {state} after {end - begin:.2f} s</title></rect>')
        if width > 9 * len(name):
            print(f'<text x="{x + width / 2:.1f}" y="{y + 16}" fill="white" '
                  f'text-anchor="middle">{name}</text>')
    y = TOP + ROW * len(jobs) + 8
    print(f'<line x1="{LEFT}" y1="{y}" x2="{WIDTH - 20}" y2="{y}" stroke="black"/>')
    for tick in range(6):
        x, time = LEFT + (WIDTH - LEFT - 20) * tick / 5, (stop - start) * tick / 5
        print(f'<line x1="{x:.1f}" y1="{y}" x2="{x:.1f}" y2="{y + 4}" stroke="black"/>'
              f'<text x="{x:.1f}" y="{y + 18}" text-anchor="middle">{time:.1f} s</text>')
    print("</svg>")


main()
