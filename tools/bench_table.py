# SPDX-License-Identifier: MIT
"""What the tools of all benchmark sets share: goals, the table, the JSON file."""
import collections
import json
import os
import sys

FORM = "{:<28} {:>9} {:>9} {:>7} {:>6}  {}"


class Failure(Exception):
    """A benchmark that does not finish, or a row without a figure."""


def read_goals(path):
    """{id: (first goal, later goal, what it is)}, in the order of the table"""
    goals = collections.OrderedDict()
    with open(path, encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                name, first, later, text = line.split(None, 3)
                goals[name] = (first, later, text.strip())
    return goals


def check_complete(goals, figures):
    missing = [name for name in goals if name not in figures]
    if missing:
        raise Failure("rows without a figure: " + ", ".join(missing))


def verdict(value, goal):
    if goal == "-":
        return ""
    return "ok" if value <= float(goal) else f"+{round(value - float(goal), 3):.10g}"


def print_head(last):
    print(FORM.format("row", "ours", "goal", "", "later", last).rstrip())


def print_row(goals, name, value, mark="", note=""):
    """mark: behind the value. Without a note, what the row is."""
    first, later, text = goals[name]
    print(FORM.format(name, f"{value}{mark}", first, verdict(value, first), later,
                      note or f"({text})").rstrip())


def print_further(goals, figures, notes):
    print("\nfurther rows")
    for name, value in figures.items():
        if name not in goals:
            print(FORM.format(name, str(value), "", "", "", notes.get(name, "")).rstrip())


def report_missed(goals, path):
    """Exit status: are all first goals reached by the figures in the JSON file?"""
    with open(path, encoding="ascii") as f:
        figures = json.load(f)
    missed = [n for n, (first, _, _) in goals.items() if verdict(figures[n], first) not in ("", "ok")]
    for name in missed:
        print(f"bench: {name} misses its goal", file=sys.stderr)
    return 1 if missed else 0


def run(path, measure, show):
    """Measure, show, write the JSON file. measure() gives the figures first; show(*its result)."""
    if os.path.exists(path):
        os.remove(path)
    try:
        result = measure()
    except Failure as e:
        print(f"bench: {e}", file=sys.stderr)
        return 1
    show(*result)
    with open(path, "w", encoding="ascii") as f:
        json.dump(result[0], f, indent=1)
        f.write("\n")
    print(f"\nfigures: {path}")
    return 0
