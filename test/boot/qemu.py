# SPDX-License-Identifier: MIT
"""A QEMU machine that is controlled by its monitor protocol (QMP), for tests in Python."""
import json
import os
import selectors
import subprocess
import time


class Machine:
    """arguments: of QEMU. After `seconds` every method raises TimeoutError."""

    def __init__(self, arguments, seconds):
        self.process = subprocess.Popen(
            ["qemu-system-x86_64", "-cpu", "max", "-display", "none", "-no-reboot", "-no-shutdown",
             "-qmp", "stdio", *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)
        self.rest = b""
        self.limit = time.monotonic() + seconds
        self.command("qmp_capabilities")

    def answer(self):
        while b"\n" not in self.rest:
            if not self.selector.select(max(0, self.limit - time.monotonic())):
                raise TimeoutError
            data = os.read(self.process.stdout.fileno(), 65536)
            if not data:
                raise EOFError
            self.rest += data
        line, self.rest = self.rest.split(b"\n", 1)
        return json.loads(line)

    def command(self, name, **arguments):
        """Returns what the command does; None on an error."""
        self.process.stdin.write(json.dumps({"execute": name, "arguments": arguments}).encode())
        while True:
            answer = self.answer()
            if "return" in answer or "error" in answer:
                return answer.get("return")

    def monitor(self, line):
        """Text that a command of the human monitor prints."""
        return self.command("human-monitor-command", **{"command-line": line}) or ""

    def end(self):
        self.process.kill()
        self.process.wait()
