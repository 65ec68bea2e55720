#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Debug guests with GDB's remote protocol over the machine's second serial line. Writes TAP.
Usage: gdb.py BUILD [MACHINE CPU CPUS]
"""
import glob
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

from tap import finish, ok

LIMIT = 60  # seconds for an answer
RIP, RDI, EFLAGS = 16, 5, 17


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

    def connect(self):
        """The machine may not be there yet: ask until somebody answers."""
        self.socket.settimeout(1)
        features = ""
        for _ in range(LIMIT):
            try:
                features = self.ask("qSupported:swbreak+")
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

    def word(self, address):
        return int.from_bytes(bytes.fromhex(self.ask(f"m{address:x},8")), "little")


def symbols(path):
    lines = subprocess.run(["nm", path], capture_output=True, text=True, check=True).stdout
    return {line.split()[2]: int(line.split()[0], 16) for line in lines.splitlines()}


def start_own(build, machine, cpu, cpus, path):
    modules = ["ned", "vmm", "uart", "guest-debug"]
    files = [f"{build}/rom/{m}" for m in modules] + ["test/guest/tap.lua", "test/guest/gdb/gdb.cfg"]
    extra = [word for f in files for word in ("-x", f)]
    return subprocess.Popen(["tools/run-test", "-M", machine, "-c", cpu, "-s", cpus, "-q=-serial", "-q",
                             f"unix:{path},server,nowait", *extra, f"{build}/zwinger", f"{build}/sigma0",
                             f"{build}/rom/moe rom/gdb.cfg"], stdout=subprocess.PIPE, text=True)


def look(d, s):
    features = d.connect()
    ok("PacketSize=" in features and "swbreak+" in features, "the machine answers", features)
    ok(re.match(r"T02thread:1;", d.ask("?")), "and stands still")
    before = d.word(s["counter"])
    ok(d.word(s["counter"]) == before, "nothing goes on meanwhile")
    ok(d.ask("m10,4") == "E14" and d.ask("mffff830000000000,4") == "E14",
       "memory that the guest does not have cannot be read")
    ok(d.ask("vMustReplyEmpty") == "" and d.ask("Z2,0,8") == "", "what is not known is said so")
    ok(d.ask("qfThreadInfo") == "m1" and d.ask("T2") == "E01", "there is one vCPU")
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


def own(build, machine="pc", cpu="max", cpus="1"):
    path = tempfile.mktemp(prefix="zwinger-gdb-")
    process = start_own(build, machine, cpu, cpus, path)
    try:
        d, s = Debugger(path), symbols(f"{build}/rom/guest-debug")
        look(d, s)
        breakpoints(d, s)
        steps(d, s)
        ok(d.ask(f"M{s['finished']:x},8:0100000000000000") == "OK", "memory is written")
        ok(d.ask(f"Z0,{s['stop_here']:x},1") == "OK" and d.ask("D") == "OK",
           "the debugger goes, and with it its breakpoints")
        text, _ = process.communicate(timeout=LIMIT)
        ok("not ok" not in text and "1..3" in text, "the guest goes on as if nothing had been", text)
    finally:
        process.kill()
        for name in glob.glob(path):
            os.remove(name)


def main():
    own(*sys.argv[1:])
    return finish()


if __name__ == "__main__":
    sys.exit(main())
