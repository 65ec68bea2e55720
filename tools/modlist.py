# SPDX-License-Identifier: MIT
"""Lists of boot modules (conf/modules.list): parsing, and finding the files.

A line is `keyword[option,option=value] rest`; # begins a comment. conf/modules.list shows most of them.
"""
import glob
import os
import re
import shlex
import subprocess

LINE = re.compile(r"^([\w-]+)(?:\s*\[([^\]]*)\])?(?:\s+(.*))?$")
MODULE_WORDS = ("module", "bin", "data", "bin-nostrip", "data-nostrip")
BASE_WORDS = ("kernel", "sigma0", "roottask")
DEFAULTS = {"kernel": "zwinger", "sigma0": "sigma0", "roottask": "moe"}


class ListError(Exception):
    """What is wrong, with file and line."""


class Module:
    """file: as written. arguments: the rest of the line. name: how rom/ shows it. path: set by
    Entry.find(). where: file and line that names it."""

    def __init__(self, text, options, where):
        words = text.split(None, 1)
        if not words:
            raise ListError(f"{where}: a file name is missing")
        self.file, self.arguments = words[0], words[1].strip() if len(words) > 1 else ""
        self.name = options.get("fname") or os.path.basename(self.file)
        self.where, self.path = where, None

    def command_line(self, path):
        return f"{path} {self.arguments}".strip()

    def symbols(self):
        """The module with the names of the program's functions, for moe's reports; None without."""
        if not self.path or not os.path.isfile(self.path + ".sym"):
            return None
        symbols = Module(self.name + ".sym", {}, self.where)
        symbols.path = self.path + ".sym"
        return symbols

    def named(self, place):
        """Path of the file whose last part is the name that rom/ is to show; maybe a link in the
        folder place."""
        if os.path.basename(self.path) == self.name:
            return self.path
        os.makedirs(place, exist_ok=True)
        link = os.path.join(place, self.name)
        if os.path.lexists(link):
            os.remove(link)
        os.symlink(os.path.abspath(self.path), link)
        return link


class Entry:
    def __init__(self, name, options, where):
        self.name, self.options, self.where = name, options, where
        self.base = {}      # keyword of BASE_WORDS: Module
        self.modules = []

    def all(self):
        return [self.base[w] for w in BASE_WORDS if w in self.base] + self.modules

    def booted(self):
        """The modules in the order in which the kernel's boot stage wants them."""
        return [self.base["sigma0"], self.base["roottask"]] + self.modules

    def find(self, folders):
        """Set path of each module and add the symbols of programs; returns the modules whose file is
        nowhere."""
        missing = []
        for module in self.all():
            candidates = [module.file] if os.path.isabs(module.file) else \
                [os.path.join(f, module.file) for f in folders]
            module.path = next((c for c in candidates if os.path.isfile(c)), None)
            if not module.path:
                missing.append(module)
        self.modules += [symbols for m in self.modules if (symbols := m.symbols())]
        return missing


class ModuleList:
    """entries: {lower-case name: Entry}, in order."""

    def __init__(self, path):
        self.entries, self.groups, self.folders = {}, {}, []
        self.defaults = {w: Module(DEFAULTS[w], {}, "default") for w in BASE_WORDS}
        self.entry = self.group = None
        self.read(path)

    def read(self, path):
        try:
            with open(path, encoding="utf-8") as f:
                lines = f.read().split("\n")
        except OSError as e:
            raise ListError(f"{path}: {e.strerror}") from None
        for number, line in enumerate(lines, 1):
            text = re.sub(r"(^|\s)#.*", "", line).strip()
            if text:
                self.line(text, path, f"{path}:{number}")

    def line(self, text, path, where):
        match = LINE.match(text)
        if not match:
            raise ListError(f"{where}: cannot read: {text}")
        word, options, rest = match[1].lower(), options_of(match[2]), (match[3] or "").strip()
        if word in ("entry", "title"):
            self.begin_entry(rest, options, where)
        elif word == "group":
            self.entry, self.group = None, self.groups.setdefault(rest.lower(), [])
        elif word == "include":
            self.include(rest, path, where)
        elif word == "searchpath":
            self.folders.append(os.path.join(os.path.dirname(path), rest))
        elif word.startswith("default-") and word[8:] in BASE_WORDS:
            self.defaults[word[8:]] = Module(rest, options, where)
        elif not skipped(options):
            self.module_line(word, options, rest, where)

    def begin_entry(self, name, options, where):
        if not name:
            raise ListError(f"{where}: the entry has no name")
        self.group, self.entry = None, Entry(name, options, where)
        if "no-defaults" not in options:
            self.entry.base = dict(self.defaults)
        if not skipped(options):
            self.entries.setdefault(name.lower(), self.entry)

    def include(self, pattern, path, where):
        pattern = os.path.join(os.path.dirname(path), os.path.expandvars(pattern))
        names = sorted(glob.glob(pattern))
        if not names and not glob.has_magic(pattern):
            raise ListError(f"{where}: {pattern}: no such file")
        for name in names:
            self.read(name)

    def module_line(self, word, options, rest, where):
        modules = self.entry.modules if self.entry else self.group
        if modules is None:
            raise ListError(f"{where}: '{word}' outside of an entry")
        if word in MODULE_WORDS:
            modules += expand(rest, options, where)
        elif word == "module-group":
            for name in rest.split():
                if name.lower() not in self.groups:
                    raise ListError(f"{where}: there is no group '{name}'")
                modules += self.groups[name.lower()]
        elif word in BASE_WORDS and self.entry:
            self.entry.base[word] = Module(rest, options, where)
        elif word == "moe" and self.entry:
            self.entry.base["roottask"] = Module(f"moe rom/{rest}", {}, where)
            modules.append(Module(rest.split()[0] if rest else "", {}, where))
        elif word not in ("bootstrap", "modaddr", "set", "initrd"):
            raise ListError(f"{where}: unknown keyword '{word}'")

    def places(self, output, path):
        """Folders in which files are looked for: output is the build folder, path that of the list."""
        return self.folders + [output, f"{output}/rom", os.path.dirname(path) or "."]

    def get(self, name):
        """The entry of that name; or, for the path of a script (.cfg), one with the files that the
        script names in rom/."""
        if name.endswith(".cfg"):
            return self.entry_of_script(name)
        if name.lower() not in self.entries:
            known = " ".join(e.name for e in self.entries.values())
            raise ListError(f"there is no entry '{name}'; there are: {known}")
        return self.entries[name.lower()]


    def entry_of_script(self, path):
        try:
            with open(path, encoding="utf-8") as f:
                text = re.sub(r"--.*", "", f.read())
        except OSError as e:
            raise ListError(f"{path}: {e.strerror}") from None
        script = os.path.basename(path)
        entry = Entry(script[:-4], {}, path)
        entry.base = dict(self.defaults, roottask=Module(f"moe rom/{script}", {}, path))
        names = dict.fromkeys(["ned", *re.findall(r"\brom/([\w.+-]+)", text)])
        entry.modules = [Module(os.path.abspath(path), {}, path)]
        entry.modules += [Module(name, {}, path) for name in names]
        return entry


def options_of(text):
    options = {}
    for part in (text or "").split(","):
        key, _, value = part.strip().partition("=")
        if key:
            options[key.lower()] = value
    return options


def skipped(options):
    """Is the line for other targets?"""
    return "amd64" not in options.get("arch", "amd64").split("|") or \
        "64" not in options.get("bits", "64").split("|")


def expand(text, options, where):
    """A module line can name several files: [glob] by a pattern, [shell] by lines of a command."""
    if "shell" in options:
        r = subprocess.run(text, shell=True, capture_output=True, text=True)
        if r.returncode:
            raise ListError(f"{where}: command failed: {text}")
        return [Module(line, options, where) for line in r.stdout.split("\n") if line.strip()]
    if "glob" in options:
        return [Module(shlex.quote(n), options, where) for n in sorted(glob.glob(text))]
    return [Module(text, options, where)]
