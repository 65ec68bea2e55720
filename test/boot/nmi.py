#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The debugger comes when the machine's NMI button is pressed. TAP on standard output.

usage: nmi.py O, with O/zwinger, O/sigma0 and O/test/kernel/smoke built. The machine has no ACPI: it
cannot switch itself off, and stands idle behind the program's end.
"""
import os
import socket
import sys

sys.dont_write_bytecode = True  # the source stays as it is
from qemu import Machine  # noqa: E402

SECONDS, PATIENCE = 300, 30  # of the machine, for a text
PLACE = "nmi.serial"


def until(line, text):
    """What comes over the line, up to the text or the end of patience."""
    seen = b""
    try:
        while text not in seen:
            data = line.recv(4096)
            if not data:
                break
            seen += data
    except TimeoutError:
        pass
    return seen


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    o = os.path.abspath(sys.argv[1])
    folder = f"{o}/test/nmi"
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)
    machine = Machine(["-m", "256", "-no-acpi", "-serial", f"unix:{PLACE},server=on,wait=off", "-kernel",
                       f"{o}/zwinger", "-initrd", f"{o}/sigma0,{o}/test/kernel/smoke"], SECONDS)
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(PATIENCE)
    line.connect(PLACE)
    seen = until(line, b"end of test")
    for number, name in enumerate(("the debugger comes", "and comes again when it was left"), 1):
        machine.command("inject-nmi")
        seen += until(line, b"CPU 0: NMI") + until(line, b"kdb> ")
        good = seen.count(b"CPU 0: NMI") == number
        print(f"{'ok' if good else 'not ok'} {number} - NMI: {name}")
        if not good:
            print("#   " + seen.decode("latin-1").replace("\n", "\n#   "))
        line.send(b"continue\r")
    machine.end()
    print("1..2")


if __name__ == "__main__":
    main()
