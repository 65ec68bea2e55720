#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What an unattended run ends with. TAP on standard output. Usage: status.py BUILD"""
import os
import subprocess
import sys

# Scenario, status, promise.
RUNS = [
    ("refused", 1, "a guest that could not start is the end of an unattended run"),
    ("last", 0, "of what was said on the line, the last word counts"),
    ("plain", 0, "a scenario that says nothing has done what it should"),
]


def status(build, name):
    serial = f"{build}/test/status-{name}"
    os.makedirs(os.path.dirname(serial), exist_ok=True)
    return subprocess.run(["tools/run", "-o", build, "-S", serial, f"test/scenarios/status/{name}.cfg"],
                          timeout=100, check=False).returncode


def main():
    for number, (name, wanted, promise) in enumerate(RUNS, 1):
        found = status(sys.argv[1], name)
        print(f"{'ok' if found == wanted else 'not ok'} {number} - {promise}")
        if found != wanted:
            print(f"# wanted {wanted}, found {found}")
    print(f"1..{len(RUNS)}")


if __name__ == "__main__":
    main()
