#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Try the examples of doc/scenarios.md. TAP. Usage: reference.py BUILD

The checker must find nothing wrong with each of them, list or script. Then all scripts run in one
machine, one after the other.
"""
import os
import re
import shutil
import subprocess
import sys

BLOCK = re.compile(r"^```(modules|lua)\n(.*?)^```$", re.M | re.S)
BEGINNING = 'local L4 = require("L4")\nlocal loader = L4.default_loader\n'
ALL = """-- All examples, one after the other.
for number = 1, %d do
	local good, problem = pcall(dofile, "rom/example" .. number .. ".cfg")
	print("example " .. number .. (good and " is done" or ": " .. tostring(problem)))
end
print("all examples have been run")
"""


class Examples:
    def __init__(self, build):
        self.build, self.folder = build, f"{build}/test/reference"
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        self.count = self.failed = 0

    def path(self, name):
        return f"{self.folder}/{name}"

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)

    def point(self, good, name, told=""):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}")
        print("".join(f"# {line}\n" for line in told.splitlines()) if not good else "", end="")

    def check(self, name, *words):
        done = subprocess.run(["tools/check-scenario", "-o", self.build, *words], check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        told = done.stdout + done.stderr
        self.point(not done.returncode and not told, f"the checker is content with {name}", told)

    def check_list(self, number, text):
        text = re.sub(r"^searchpath \.\.", f"searchpath {os.path.abspath('.')}", text, flags=re.M)
        self.write(f"list{number}", text)
        for entry in re.findall(r"^entry (\S+)", text, re.M):
            self.check(f"the entry {entry}", "-l", self.path(f"list{number}"), entry)

    def check_script(self, number, text):
        self.write(f"example{number}.cfg", BEGINNING + text)
        self.check(f"script {number}", self.path(f"example{number}.cfg"))

    def run_all(self, texts):
        count = len(texts)
        programs = sorted(set(re.findall(r"\brom/([\w-]+)", "".join(texts))) | {"ned"})
        self.write("all.cfg", ALL % count)
        self.write("all", "entry all\nmoe all.cfg\n" + "".join(f"module {p}\n" for p in programs) +
                   "".join(f"module example{n + 1}.cfg\n" for n in range(count)))
        wanted = [f"example {n + 1} is done" for n in range(count)]
        done = subprocess.run(["tools/run", "-o", self.build, "-t", "100", "-l", self.path("all"),
                               "-u", "all examples have been run", "all"], check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              errors="replace")
        for line in wanted:
            self.point(f"{line}\n" in done.stdout.replace("\r", ""), line, done.stdout)


def main():
    with open("doc/scenarios.md", encoding="utf-8") as f:
        blocks = BLOCK.findall(f.read())
    examples = Examples(sys.argv[1])
    scripts = [text for kind, text in blocks if kind == "lua"]
    lists = [text for kind, text in blocks if kind == "modules"]
    examples.point(len(scripts) > 5 and lists, "the document has examples")
    for number, text in enumerate(lists, 1):
        examples.check_list(number, text)
    for number, text in enumerate(scripts, 1):
        examples.check_script(number, text)
    examples.run_all(scripts)
    print(f"1..{examples.count}")
    return 1 if examples.failed else 0


if __name__ == "__main__":
    sys.exit(main())
