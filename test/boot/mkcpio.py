# SPDX-License-Identifier: MIT
# Writes a cpio archive ("newc"): mkcpio.py ARCHIVE FILE... (the same as cpio -o -H newc).
import os
import sys


def member(name, data, mode):
    fields = [0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
    head = b"070701" + b"".join(b"%08x" % f for f in fields) + name.encode() + b"\0"
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


with open(sys.argv[1], "wb") as out:
    out.write(member(".", b"", 0o40755))
    for path in sys.argv[2:]:
        with open(path, "rb") as f:
            out.write(member("./" + os.path.basename(path), f.read(), 0o100644))
    out.write(member("TRAILER!!!", b"", 0))
