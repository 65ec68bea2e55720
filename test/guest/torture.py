#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Linux guests with much to do: what user land may rely on holds. Writes TAP. Usage: torture.py
BUILD [NAME...]"""
import glob
import re
import sys

import linux
from tap import ok

COMPLAINT = re.compile(r"BUG:|WARNING:|Oops|Call Trace|multicall.*failed|rcu:.*stall|hung_task|"
                       r"Bad page|general protection|unhandled|Out of memory")
RESULT = re.compile(r"(not )?ok - (.*)")


def watched(build, name, run, **how):
    """Lines of a run after which the kernel's log is looked at."""
    lines = linux.boot(build, name, f"{{ {run}; }}; s=$?; dmesg; exit $s", **how)
    text = "\n".join(lines)
    ok("init: exit status 0" in lines, f"{name}: all commands are content", text)
    bad = [line for line in lines if COMPLAINT.search(line)]
    ok(not bad, f"{name}: the kernel does not complain", "\n".join(bad))
    return lines


def results(lines, name, end):
    """Take over the results that the guest has written; end is the last test's."""
    guests = lines[:lines.index(linux.ENDED)] if linux.ENDED in lines else lines
    found = [m for m in map(RESULT.match, guests) if m]
    for m in found:
        ok(not m[1], f"{name}: {m[2]}")
    ok(found and found[-1][2].startswith(end), f"{name}: all tests were made")


def programs(build):
    return [f"{build}/guest/test/user/{n}=/bin/{n}" for n in ("user", "user32")]


def user(build):
    lines = watched(build, "user", "user && user32", files=programs(build), smp=2, vcpus=2)
    results(lines, "user", "32 bit: single steps")


def user_old(build):
    """Without patches, with the old extended state and the way that 32-bit programs take on Intel's."""
    lines = watched(build, "user-old", "user && user32", files=programs(build),
                    cpu="qemu64,vendor=GenuineIntel", words="patch=off", append="vsyscall=emulate")
    results(lines, "user-old", "32 bit: single steps")


def script(name):
    return f"test/guest/{name}.sh=/{name}.sh"


def stress(build):
    packages = f"{build}/packages"
    files = [script("stress"), f"{packages}/stress-ng/usr/bin/stress-ng=/usr/bin/stress-ng"]
    lines = watched(build, "stress", "sh /stress.sh", files=files, more=["-L", packages], smp=2,
                    vcpus=2, memory=320, limit=800)
    results(lines, "stress", "stress-ng --timer")


def development(build):
    """Files of a compiler and a C library, and Lua's source."""
    packages, triplet = f"{build}/packages", "x86_64-linux-gnu"
    library, headers = f"usr/lib/{triplet}", "usr/include"
    wanted = {f"tcc/{n}": n for n in ("usr/bin/tcc", f"{library}/tcc/libtcc1.a", f"{library}/tcc/include")}
    wanted |= {f"libc6-dev/{n}": n for n in (headers, *(f"{library}/{f}" for f in (
        "crt1.o", "crti.o", "crtn.o", "libc.so", "libc_nonshared.a", "libm.so")))}
    wanted |= {f"linux-libc-dev/{n}": n for n in (f"{headers}/{p}" for p in (
        "linux", "asm-generic", f"{triplet}/asm"))}
    source = glob.glob(f"{build}/source/lua5.4-*/src")[0]
    return [f"{packages}/{file}=/{place}" for file, place in wanted.items()] + [f"{source}=/lua"]


def compile_program(build):
    lines = watched(build, "compile", "sh /compile.sh", files=[script("compile"), *development(build)],
                    more=["-L", f"{build}/packages"])
    results(lines, "compile", "the result works")


def pressure(build):
    lines = watched(build, "pressure", "sh /pressure.sh", files=[script("pressure"), *programs(build)],
                    more=["-m", "lz4", "-m", "zram"], memory=128)
    results(lines, "pressure", "nobody was killed")


def balloon(build):
    lines = watched(build, "balloon", "sh /balloon.sh", files=[script("balloon"), *programs(build)])
    results(lines, "balloon", "a process finds its pages")


TESTS = {"user": user, "user-old": user_old, "stress": stress, "compile": compile_program,
         "pressure": pressure, "balloon": balloon}

if __name__ == "__main__":
    sys.exit(linux.main(TESTS))
