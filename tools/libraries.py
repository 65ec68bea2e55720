# SPDX-License-Identifier: MIT
"""Shared libraries that programs need, from packages that were unpacked and not installed."""
import os
import re
import subprocess

NEEDED = re.compile(r"\(NEEDED\)\s+Shared library: \[([^]]+)\]")
INTERPRETER = re.compile(r"\[Requesting program interpreter: ([^]]+)\]")


def needs(path):
    """(names of shared libraries, path of the loader or None) of a file; a script needs none."""
    with open(path, "rb") as f:
        if f.read(4) != b"\x7fELF":
            return [], None
    text = subprocess.run(["readelf", "-ldW", path], stdout=subprocess.PIPE, check=True, text=True,
                          env=dict(os.environ, LC_ALL="C")).stdout
    loader = INTERPRETER.search(text)
    return NEEDED.findall(text), loader[1] if loader else None


def below(folder):
    """{name: path} of all shared libraries below a folder, those for particular processors left out,
    and links that lead out of it."""
    found, top = {}, os.path.realpath(folder) + "/"
    for place, folders, files in os.walk(top):
        folders[:] = sorted(n for n in folders if n not in ("gconv", "glibc-hwcaps"))
        paths = {n: os.path.realpath(os.path.join(place, n)) for n in files if ".so." in n}
        found |= {n: p for n, p in paths.items() if p.startswith(top) and os.path.isfile(p)}
    return found


def places(path):
    """[(name, path in the system)] of what a file needs to be loaded."""
    names, loader = needs(path)
    return [(n, f"lib/x86_64-linux-gnu/{n}") for n in names] + ([(os.path.basename(loader), loader)] if loader else [])


def closure(programs, folder):
    """{path in the system: file} of all that these programs need to be loaded, and the names of what
    is not below the folder."""
    known, found, missing = below(folder), {}, set()
    waiting = list(programs)
    while waiting:
        for name, path in places(waiting.pop()):
            if name not in known:
                missing.add(name)
            elif path not in found:
                found[path] = known[name]
                waiting.append(known[name])
    return found, sorted(missing)
