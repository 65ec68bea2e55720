#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Do what doc/tutorial.md says: write its files, build, run, and look for the lines it promises. TAP.

Usage: tutorial.py BUILD. A file is a line with its name in backquotes and a colon, and the code that
follows. It is written below BUILD, not into apps/.
"""
import os
import re
import shutil
import subprocess
import sys

FILE = re.compile(r"^`(apps/\S+)`:\n\n```\w+\n(.*?)^```$", re.M | re.S)
PROMISE = re.compile(r"^    make run E=(apps/\S+)\n\n```\n(.*?)^```$", re.M | re.S)


def main():
    build = sys.argv[1]
    with open("doc/tutorial.md", encoding="utf-8") as f:
        text = f.read()
    apps = f"{build}/test/tutorial"
    shutil.rmtree(apps, ignore_errors=True)
    files = FILE.findall(text)
    for name, code in files:
        path = name.replace("apps", apps, 1)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as f:
            f.write(code.replace("apps/", f"{apps}/"))
    script, lines = PROMISE.search(text).groups()
    make = [os.environ.get("MAKE", "make"), "--no-print-directory", f"O={build}", f"APPS={apps}"]
    built = subprocess.run([*make, "rom", "boot", f"{build}/sigma0"], check=False,
                           stdin=subprocess.DEVNULL).returncode
    wanted = [word for line in lines.splitlines() for word in ("-u", line)]
    ran = subprocess.run(["tools/run", "-o", build, "-t", "100", *wanted,
                          script.replace("apps", apps, 1)], check=False,
                         stdin=subprocess.DEVNULL).returncode
    print("\n1..2")
    print(f"{'ok' if len(files) == 4 and not built else 'not ok'} 1 - the tutorial's programs build")
    print(f"{'not ok' if ran else 'ok'} 2 - the tutorial's scenario prints what it promises")
    return 1 if built or ran else 0


if __name__ == "__main__":
    sys.exit(main())
