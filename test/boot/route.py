#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Interrupts are sent to the CPU of the thread that gets them. TAP on standard output.

usage: route.py O, with O/zwinger, O/sigma0 and O/test/kernel/route built. The program moves the
thread from CPU to CPU; meanwhile the machine is stopped again and again to read the registers of
the I/O APIC. A stopped machine's clock stands still, so no stay on a CPU can be missed.
"""
import re
import sys
import time

sys.dont_write_bytecode = True  # the source stays as it is
from qemu import Machine  # noqa: E402

CPUS, PIN, RUN_SECONDS, SECONDS = 4, 8, 0.02, 60
PINS = re.compile(r"pin\s+(\d+)\s.*dest=(\d+)")


def destination(machine):
    """APIC id that interrupts of the pin go to; None while they are masked."""
    for line in machine.monitor("info pic").splitlines():
        match = PINS.search(line)
        if match and int(match[1]) == PIN and "masked" not in line:
            return int(match[2])
    return None


def watch(o):
    """The CPUs in the order in which interrupts went to them."""
    machine = Machine(["-M", "q35", "-m", "256", "-smp", str(CPUS), "-serial", "null",
                       "-kernel", f"{o}/zwinger",
                       "-initrd", f"{o}/sigma0,{o}/test/kernel/route"], SECONDS)
    seen = []
    try:
        while len(seen) < 2 * CPUS and machine.command("query-status")["status"] != "shutdown":
            machine.command("cont")
            time.sleep(RUN_SECONDS)
            machine.command("stop")
            cpu = destination(machine)
            if cpu is not None and [cpu] != seen[-1:]:
                seen.append(cpu)
    except (TimeoutError, EOFError):
        pass
    machine.end()
    return seen


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    seen = watch(sys.argv[1])
    last = CPUS - 1
    want = [*range(CPUS), last, *range(last)]  # two threads, the second begins on the last CPU
    want = [cpu for i, cpu in enumerate(want) if i == 0 or cpu != want[i - 1]]
    good = seen[:len(want)] == want
    print(f"{'ok' if good else 'not ok'} 1 - interrupts go to the CPU of their thread")
    if not good:
        print(f"# wanted: {want}, seen: {seen}")
    print("1..1")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
