# SPDX-License-Identifier: MIT
"""The package archive that this machine's apt is set up for, through lists of our own."""
import fcntl
import glob
import hashlib
import os
import re
import subprocess

PINS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sources.txt")


class Failure(Exception):
    pass


def default_cache():
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.environ.get("ZWINGER_SOURCES") or os.path.join(home, "zwinger", "sources")


def pin(name, version):
    """(file, sha256) of a package."""
    with open(PINS, encoding="utf-8") as f:
        for line in f:
            fields = line.split("#")[0].split()
            if fields[:2] == [name, version]:
                return fields[2], fields[3]
    raise Failure(f"{name} {version} is not in tools/sources.txt")


def checksum(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def lock(cache):
    """Wait until nobody else works in the cache; until the result is closed nobody will."""
    os.makedirs(cache, exist_ok=True)
    handle = open(os.path.join(cache, ".lock"), "w", encoding="utf-8")
    fcntl.flock(handle, fcntl.LOCK_EX)
    return handle


def codename():
    with open("/etc/os-release", encoding="utf-8") as f:
        match = re.search(r"^VERSION_CODENAME=(\S+)", f.read(), re.M)
    return match[1] if match else ""


def entries(etc, release, kind="deb-src"):
    """The machine's entries for binary packages of the release, as entries of a kind (deb for binary
    packages, deb-src): ([lines of the one-line form], [stanzas of the other form])."""
    lines, stanzas = [], []
    ours = re.compile(rf"(?<![\w-]){re.escape(release)}(-[\w-]+)?/?(?=\s|$)")
    for path in [f"{etc}/sources.list", *sorted(glob.glob(f"{etc}/sources.list.d/*"))]:
        if not os.path.isfile(path) or not path.endswith((".list", ".sources")):
            continue
        with open(path, encoding="utf-8") as f:
            text = re.sub(r"^\s*#.*\n?", "", f.read(), flags=re.M)
        if path.endswith(".list"):
            lines += [kind + line[3:] for line in text.split("\n")
                      if re.match(r"deb\s", line) and ours.search(line)]
            continue
        for stanza in re.split(r"\n\s*\n", text):
            suites = re.search(r"^Suites:(.*)$", stanza, re.M)
            if suites and ours.search(suites[1]):
                stanzas.append(re.sub(r"^Types:.*$", f"Types: {kind}", stanza, flags=re.M))
    return lines, stanzas


def private(place, kind="deb-src", etc="/etc/apt"):
    """A private set-up of apt in the folder place; returns the options that select it."""
    lines, stanzas = entries(etc, codename(), kind)
    if not lines and not stanzas:
        raise Failure("apt has no package archive of this release in its configuration")
    for folder in ("parts", "lists/partial", "cache/archives/partial"):
        os.makedirs(os.path.join(place, folder), exist_ok=True)
    with open(f"{place}/parts/source.list", "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")
    with open(f"{place}/parts/source.sources", "w", encoding="utf-8") as f:
        f.write("\n\n".join(stanzas) + "\n")
    settings = {"Dir::Etc::sourcelist": "/dev/null", "Dir::Etc::sourceparts": f"{place}/parts",
                "Dir::State::lists": f"{place}/lists", "Dir::Cache": f"{place}/cache",
                "APT::Sandbox::User": "root", "Acquire::Languages": "none"}
    return [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]


def run(options, words, folder, program="apt-get"):
    """(exit status, output) of a program of apt, run in a folder."""
    environment = dict(os.environ, LC_ALL="C")
    r = subprocess.run([program, "-q", *options, *words], cwd=folder, env=environment,
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       text=True)
    return r.returncode, r.stdout
