#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What moe's logs write to the serial line, byte by byte: colours, tags, and the answer to a debug
request. TAP on standard output. Usage: lines.py BUILD"""
import re
import subprocess
import sys

END = "lines: done"
HELLO = "Hello World!"
# Begin of a line, and what it shows.
WANTED = [
    (f"\x1b[31mred     | {HELLO}\x1b[0m", "a colour, the tag in eight columns, and the end of both"),
    (f"\x1b[01;33mbright  | {HELLO}\x1b[0m", "a capital letter is a bright colour"),
    (f"\x1b[0mplain   | {HELLO}\x1b[0m", "no colour is the terminal's own"),
    (f"\x1b[36ma-long-t| {HELLO}\x1b[0m", "a long tag is cut"),
]
DEBUG = re.compile(r"^MOE: factory: quota \d+ used \d+ committed \d+ objects \d+; "
                   r"free pages \d+ of \d+$")


def lines(build):
    command = ["tools/run", "-o", build, "-t", "100", "-u", END, "test/scenarios/lines.cfg"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
    return [line.rstrip("\r") for line in done.stdout.decode("latin-1").split("\n")]


def main():
    found = lines(sys.argv[1])
    results = [(any(line.startswith(w) for line in found), name) for w, name in WANTED]
    results.append((any(DEBUG.match(line) for line in found), "a debug request prints one line"))
    for number, (good, name) in enumerate(results, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
    print(f"1..{len(results)}")
    if not all(good for good, _ in results):
        print("".join(f"# {line!r}\n" for line in found), end="")


if __name__ == "__main__":
    main()
