#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Debug a guest over the machine's second serial line, with GDB's remote protocol and, if there is
one, with GDB itself. Writes TAP. Usage: gdb.py BUILD [MACHINE CPU CPUS]
"""
import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from tap import finish, ok

LIMIT = 60  # seconds for an answer
RIP, RDI, EFLAGS, ST0, FTAG, XMM3, MXCSR, YMM0H = 16, 5, 17, 24, 34, 45, 58, 59
TRAP_FLAG = 0x100
PI = 0x4000c90fdaa22168c235  # as the FPU has it
PATTERN = 0x2222222222222222 << 64 | 0x1111111111111111
TRIES = 50


class Debugger:
    """The protocol's other side."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(LIMIT)
        limit = time.monotonic() + LIMIT
        while True:
            try:
                self.socket.connect(path)
                break
            except OSError:
                if time.monotonic() > limit:
                    raise
                time.sleep(0.1)
        self.buffer = b""

    def byte(self):
        if not self.buffer:
            self.buffer = self.socket.recv(4096)
            if not self.buffer:
                raise ConnectionError("the line has ended")
        byte, self.buffer = self.buffer[:1], self.buffer[1:]
        return byte

    def send(self, text):
        self.socket.sendall(b"$%s#%02x" % (text.encode(), sum(text.encode()) % 256))

    def answer(self):
        while self.byte() != b"$":
            pass
        text = b""
        while (byte := self.byte()) != b"#":
            text += byte
        right = int(self.byte() + self.byte(), 16) == sum(text) % 256
        self.socket.sendall(b"+" if right else b"-")
        return text.decode()

    def ask(self, text):
        self.send(text)
        return self.answer()

    def leave(self):
        """Wait until the machine is there, and go again."""
        self.connect()
        self.ask("D")
        self.socket.close()

    def connect(self):
        """The machine may not be there yet: ask until somebody answers."""
        self.socket.settimeout(1)
        features = ""
        for _ in range(LIMIT):
            try:
                features = self.ask("qSupported:swbreak+;hwbreak+")
                while True:  # answers to those that were asked before
                    self.answer()
            except socket.timeout:
                if features:
                    break
        self.socket.settimeout(LIMIT)
        return features

    def register(self, number):
        text = self.ask(f"p{number:x}")
        return None if "x" in text else int.from_bytes(bytes.fromhex(text), "little")

    def set_register(self, number, value, size):
        return self.ask(f"P{number:x}={value.to_bytes(size, 'little').hex()}")

    def word(self, address):
        return int.from_bytes(bytes.fromhex(self.ask(f"m{address:x},8")), "little")


def symbols(path):
    lines = subprocess.run(["nm", path], capture_output=True, text=True, check=True).stdout
    return {line.split()[2]: int(line.split()[0], 16) for line in lines.splitlines()}


def start_own(build, machine, cpu, cpus, path):
    cpu = cpu.replace("max", "max,-smap")  # of QEMU: the guest has an iretq (doc/vmm.md)
    modules = ["ned", "vmm", "uart", "guest-debug"]
    files = [f"{build}/rom/{m}" for m in modules] + ["test/tap.lua", "test/guest/gdb/gdb.cfg"]
    extra = [word for f in files for word in ("-x", f)]
    return subprocess.Popen(["tools/run-test", "-M", machine, "-c", cpu, "-s", cpus, "-q=-serial", "-q",
                             f"unix:{path},server,nowait", *extra, f"{build}/zwinger", f"{build}/sigma0",
                             f"{build}/rom/moe rom/gdb.cfg"], stdout=subprocess.PIPE, text=True)


def look(d, s):
    features = d.connect()
    ok("PacketSize=" in features and "swbreak+" in features, "the machine answers", features)
    ok(re.match(r"T02thread:1;", d.ask("?")), "and stands still")
    before = d.word(s["counter"])
    both = [d.word(s[n]) for n in ("counter", "second")]
    ok([d.word(s[n]) for n in ("counter", "second")] == both, "nothing goes on meanwhile")
    ok(d.ask("m10,4") == "E14" and d.ask("mffff830000000000,4") == "E14",
       "memory that the guest does not have cannot be read")
    ok(d.ask("vMustReplyEmpty") == "" and d.ask("Z3,0,8") == "", "what is not known is said so")
    ok(d.ask("qfThreadInfo") == "m1,2" and d.ask("T2") == "OK" and d.ask("T3") == "E01",
       "there are two vCPUs")
    d.send("c")
    time.sleep(0.3)
    d.socket.sendall(b"\3")
    ok(d.answer().startswith("T02"), "it is interrupted")
    ok(d.word(s["counter"]) > before, "it has gone on")


def breakpoints(d, s):
    here = s["stop_here"]
    original = d.ask(f"m{here:x},4")
    ok(d.ask(f"Z0,{here:x},1") == "OK", "a breakpoint is set")
    ok(d.ask(f"m{here:x},4") == original, "reading the place does not show it")
    stop = d.ask("c")
    first = d.word(s["counter"])
    ok("thread:1" in stop and "swbreak" in stop and d.register(RIP) == here, "the guest stops there", stop)
    ok(d.register(RDI) == first, "its registers are shown")
    ok(d.ask(f"z0,{here:x},1") == "OK" and d.ask("s").startswith("T05"), "it steps over the place")
    ok(d.register(RIP) > here and not d.register(EFLAGS) & 0x100, "one instruction", hex(d.register(RIP)))
    d.ask(f"Z0,{here:x},1")
    d.ask("c")
    ok(d.word(s["counter"]) == first + 1, "it stops there the next time")
    ok(d.ask(f"P{RDI:x}={0x1234567890ab:016x}") == "OK", "a register is set")
    d.ask(f"z0,{here:x},1")
    d.ask("s")
    d.ask(f"Z0,{here:x},1")
    d.ask("c")
    ok(d.word(s["seen"]) == int.from_bytes(bytes.fromhex(f"{0x1234567890ab:016x}"), "little"),
       "the guest has the new value", hex(d.word(s["seen"])))
    d.ask(f"z0,{here:x},1")


def steps(d, s):
    """From stop_here through a hypercall to stop_here, one instruction after the other."""
    places = []
    while len(places) < 200:
        if not d.ask("vCont;s:1").startswith("T05"):
            break
        places.append(d.register(RIP))
        if places[-1] == s["stop_here"]:
            break
    ok(places[-1] == s["stop_here"], "steps lead around a loop", [hex(p) for p in places])
    ok(s["after_call"] in places, "behind a hypercall")
    ok(all(p >= s["stop_here"] & ~0xffffff for p in places), "which is one step", [hex(p) for p in places])


def run_to(d, place):
    """With a breakpoint of the processor, which gives way for the first instruction."""
    d.ask("vCont;s:1")
    d.ask(f"Z1,{place:x},1")
    stop = d.ask("c")
    d.ask(f"z1,{place:x},1")
    return stop


def extended(d, s):
    """Extended state, at stop_here."""
    run_to(d, s["stop_here"])
    ok(d.register(XMM3) == PATTERN, "a vector register is shown", hex(d.register(XMM3)))
    ok(d.register(ST0) == PI, "a register of the FPU is shown", hex(d.register(ST0)))
    ok(d.register(FTAG) == 0x3fff, "and that it is the only one in use", hex(d.register(FTAG)))
    ok(d.register(MXCSR) == 0x1f80, "the control register of vectors has its first value")
    there = d.register(YMM0H) is not None
    value = 0x0123456789abcdef << 64 | 0xfedcba9876543210
    ok(d.set_register(XMM3, value, 16) == "OK", "a vector register is set")
    ok(d.set_register(MXCSR, 0xffffffff, 4) == "OK" and d.set_register(ST0 + 1, PI, 10) == "OK" and
       (d.set_register(YMM0H + 5, 7, 16) == "OK") == there, "any value for the others does no harm")
    run_to(d, s["after_call"])
    ok(d.word(s["seen_vector"]) | d.word(s["seen_vector"] + 8) << 64 == value,
       "the guest has the new value", hex(d.word(s["seen_vector"])))
    ok(d.register(MXCSR) in (0xffff, 0xffbf), "bits that there are not are not set",
       hex(d.register(MXCSR)))
    ok(d.register(ST0 + 1) == PI and d.register(YMM0H + 5) == (7 if there else None),
       "and has the others")
    d.set_register(MXCSR, 0x1f80, 4)


def hardware(d, s):
    stop = run_to(d, s["stop_here"])
    ok("thread:1;hwbreak" in stop and d.register(RIP) == s["stop_here"],
       "a breakpoint of the processor stops it before the instruction", stop)
    count = d.word(s["counter"])
    ok(d.ask(f"Z2,{s['written']:x},8") == "OK", "a place is watched")
    stop = d.ask("c")
    ok(f"thread:1;watch:{s['written']:x};" in stop, "the guest stops when it is written", stop)
    ok(d.word(s["written"]) == count, "after that")
    ok(d.ask("c").startswith("T05") and d.word(s["written"]) == count + 1, "and the next time")
    d.ask(f"z2,{s['written']:x},8")
    ok(d.ask(f"Z4,{s['looked_at'] + 4:x},4") == "OK", "a place is watched for reading, too")
    stop = d.ask("c")
    ok(f"awatch:{s['looked_at'] + 4:x};" in stop, "the guest stops when a part of it is read", stop)
    d.ask(f"z4,{s['looked_at'] + 4:x},4")
    d.ask(f"Z2,{s['second']:x},8")
    stop = d.ask("c")
    ok(f"thread:2;watch:{s['second']:x};" in stop, "the other vCPU has them, too", stop)
    d.ask(f"z2,{s['second']:x},8")
    ok(d.ask("Z1,ffff800000001000,1") == "E1c" and d.ask("Z2,800000000000,8") == "E1c",
       "not for addresses that no guest has")


def hits_of_two_rounds(d, s):
    """How often the guest's own breakpoint is hit while it goes around twice."""
    run_to(d, s["stop_here"])
    before = d.word(s["debug_hits"])
    for _ in range(2):
        run_to(d, s["stop_here"])
    return d.word(s["debug_hits"]) - before


def shared(d, s):
    """The guest has a breakpoint of its own."""
    ok(hits_of_two_rounds(d, s) == 2, "the guest's own breakpoints work beside the debugger's")
    ok(d.word(s["debug_status"]) & 0xf == 1, "and it sees its own hits only")
    for n in range(1, 4):
        d.ask(f"Z2,{s['finished'] + 0x1000 * n:x},8")
    ok(hits_of_two_rounds(d, s) == 0, "if the debugger wants all, the guest's have no effect")
    for n in range(1, 4):
        d.ask(f"z2,{s['finished'] + 0x1000 * n:x},8")
    ok(hits_of_two_rounds(d, s) == 2, "until there is room again")


def lost_step(d, s):
    """A vCPU stops before the step of another one is done: that one is as it was."""
    run_to(d, s["stop_here"])
    for _ in range(TRIES):
        d.ask(f"Z0,{s['after_call']:x},1")
        stop = d.ask("vCont;s:2;c:1")
        d.ask(f"z0,{s['after_call']:x},1")
        if "thread:1" in stop:
            break
        run_to(d, s["stop_here"])
    ok("thread:1" in stop, "one vCPU stops while another one makes a step", stop)
    d.ask("Hg2")
    ok(not d.register(EFLAGS) & TRAP_FLAG, "the other one is not left with its trap flag")
    d.ask("Hg1")
    ok(hits_of_two_rounds(d, s) == 2 and d.word(s["debug_status"]) & 0x400f == 1,
       "and does not see its step")


GDB_SCRIPT = r"""
target remote {path}
info threads
break stop_here
continue
printf "n %d of %d\n", n == counter, n > 0
delete
printf "pi %.6f\n", (double)$st0
printf "vector %lx %lx\n", $xmm3.v2_int64[0], $xmm3.v2_int64[1]
hbreak after_call
continue
delete
watch written
continue
delete
rwatch looked_at
continue
delete
awatch looked_at
continue
delete
tbreak second_here
continue
thread
stepi
printf "flags %d\n", ($eflags & 0x100) != 0
set var $xmm5.v4_int32[2] = 77
printf "set %d %d\n", $xmm5.v4_int32[2], $xmm3.v4_int32[0]
finish
set debug remote 1
continue
set debug remote 0
set var finished = 1
detach
"""

GDB_SAYS = [
    ("the vCPUs are its threads", r"(?s)Thread 1 .*vCPU 0.*Thread 2 .*vCPU 1"),
    ("a breakpoint by name", r'Thread 1 "?.*hit Breakpoint 1, stop_here \(n='),
    ("the argument has its value", r"n 1 of 1"),
    ("the FPU's registers", r"pi 3\.141593"),
    ("vector registers", r"vector 1111111111111111 2222222222222222"),
    ("hbreak", r"hit Breakpoint 2, .*after_call"),
    ("watch", r"hit Hardware watchpoint 3: written\s+Old value = \d+\s+New value = \d+"),
    ("rwatch", r"hit Hardware read watchpoint 4: looked_at\s+Value = 0"),
    ("awatch", r"hit Hardware access \(read/write\) watchpoint 5: looked_at\s+Value = 0"),
    ("a breakpoint on the other vCPU", r'Thread 2 .*hit Temporary breakpoint 6, .*second_here'),
    ("which is the one to look at then", r"Current thread is 2"),
    ("a step leaves no trap flag", r"flags 0"),
    ("a vector register is set", r"set 77 \d+"),
    ("a function is left", r"(?m)^second_main \(\) at"),
    ("Ctrl-C stops it", r"received signal SIGINT"),
    ("the debugger goes", r"Detaching from program|\[Inferior 1 .* detached\]"),
]


def real(build, path):
    """GDB itself, as a user has it; Ctrl-C when it says that the guest runs."""
    words = [w for line in GDB_SCRIPT.format(path=path).strip().splitlines() for w in ("-ex", line)]
    gdb = subprocess.Popen(["gdb", "-nx", "-q", "-batch", "-ex", "set pagination off", *words,
                            f"{build}/rom/guest-debug"], stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    limit = threading.Timer(LIMIT, gdb.kill)
    limit.start()
    text, running = "", False
    for line in gdb.stdout:
        text += line
        if "Sending packet: $vCont;c" in line and not running:
            running = True
            time.sleep(0.3)
            gdb.send_signal(signal.SIGINT)
    limit.cancel()
    for promise, wanted in GDB_SAYS:
        ok(re.search(wanted, text), f"gdb: {promise}", text)
    ok(gdb.wait() == 0, "gdb: it is content", text)


def with_gdb(build, machine, cpu, cpus):
    if not shutil.which("gdb"):
        ok(True, "gdb # SKIP there is none")
        return
    path = tempfile.mktemp(prefix="zwinger-gdb-")
    process = start_own(build, machine, cpu, cpus, path)
    try:
        Debugger(path).leave()
        real(build, path)
        text, _ = process.communicate(timeout=LIMIT)
        ok("not ok" not in text and "1..5" in text, "gdb: the guest ends as if nothing had been", text)
    finally:
        process.kill()
        for name in glob.glob(path):
            os.remove(name)


def own(build, machine, cpu, cpus):
    path = tempfile.mktemp(prefix="zwinger-gdb-")
    process = start_own(build, machine, cpu, cpus, path)
    try:
        d, s = Debugger(path), symbols(f"{build}/rom/guest-debug")
        look(d, s)
        breakpoints(d, s)
        steps(d, s)
        extended(d, s)
        hardware(d, s)
        shared(d, s)
        lost_step(d, s)
        ok(d.ask(f"M{s['finished']:x},8:0100000000000000") == "OK", "memory is written")
        ok(d.ask(f"Z0,{s['stop_here']:x},1") == "OK" and d.ask("D") == "OK",
           "the debugger goes, and with it its breakpoints")
        text, _ = process.communicate(timeout=LIMIT)
        ok("not ok" not in text and "1..5" in text, "the guest goes on as if nothing had been", text)
    finally:
        process.kill()
        for name in glob.glob(path):
            os.remove(name)


def main():
    build, machine, cpu, cpus = sys.argv[1:] if len(sys.argv) > 2 else (sys.argv[1], "pc", "max", "1")
    own(build, machine, cpu, cpus)
    with_gdb(build, machine, cpu, cpus)
    return finish()


if __name__ == "__main__":
    sys.exit(main())
