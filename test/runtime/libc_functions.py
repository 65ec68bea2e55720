#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Check the table of functions in doc/libc.md, as TAP: one test point a header.

Usage: libc_functions.py BUILD. Each function must be defined in the library, each test that the row
names must be one that runs, and each function must be called by one of these tests.
"""
import os
import re
import subprocess
import sys

ROW = re.compile(r"^\| `([\w/]+\.h)` \| (.*) \| (.*) \|$")


def nm(option, path):
    command = ["nm", option, path]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return [line.split() for line in lines if line.strip()]


def library(build):
    """What the library defines for others."""
    return {fields[2] for fields in nm("--defined-only", f"{build}/lib/libc.a")
            if len(fields) == 3 and fields[1] in "TWV"}


def objects(build):
    """The object of each test that runs, by its name."""
    with open("test/runtime/suite/tests.txt", encoding="utf-8") as f:
        names = [line.split()[0].removesuffix(".c") for line in f if not line.startswith("#")]
    result = {n.removeprefix("sysdeps/"): f"{build}/suite/{n}.o" for n in names}
    for entry in os.listdir("test/runtime"):
        if re.fullmatch(r"libc_\w+\.c", entry):
            result[entry[:-2]] = f"{build}/runtime/test/runtime/{entry}.o"
    return result


def check_row(functions, tests, defined, objects_by_name):
    """What is wrong with a row."""
    called, wrong = set(), []
    for test in tests:
        if test not in objects_by_name:
            wrong.append(f"{test} is no test that runs")
        else:
            called |= {fields[-1] for fields in nm("-u", objects_by_name[test])}
    for function in functions:
        if function not in defined:
            wrong.append(f"{function} is not in the library")
        elif function not in called:
            wrong.append(f"{function} is called by none of the tests")
    return wrong


def main():
    build = sys.argv[1]
    defined, objects_by_name = library(build), objects(build)
    with open("doc/libc.md", encoding="utf-8") as f:
        rows = [match for match in map(ROW.match, f) if match]
    seen, count = set(), 0
    for number, row in enumerate(rows, 1):
        functions, tests = (re.findall(r"`([^`]+)`", row[column]) for column in (2, 3))
        wrong = check_row(functions, tests, defined, objects_by_name)
        wrong += [f"{name} is named twice" for name in functions if name in seen]
        seen |= set(functions)
        count += len(functions)
        print(f"{'not ok' if wrong or not functions else 'ok'} {number} - "
              f"{row[1]}: the functions that are promised are there and tested")
        for line in wrong:
            print(f"#   {line}")
    print(f"# {count} functions")
    print(f"1..{len(rows)}")


if __name__ == "__main__":
    main()
