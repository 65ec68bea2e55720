# SPDX-License-Identifier: MIT
"""Lists of boot modules (conf/modules.list): parsing, and finding the files.

A line is `keyword[option,option=value] rest`; # begins a comment. doc/scenarios.md has all of them.
"""
import difflib
import glob
import gzip
import os
import re
import subprocess

LINE = re.compile(r"^([\w-]+)(?:\s*\[([^\]]*)\])?(?:\s+(.*))?$")
MODULE_WORDS = ("module", "bin", "data", "bin-nostrip", "data-nostrip")
BASE_WORDS = ("kernel", "sigma0", "roottask")
DEFAULTS = {"kernel": "zwinger", "sigma0": "sigma0", "roottask": "moe"}
# What L4Re's lists say to boot loaders that are not used here.
NO_EFFECT = {"modaddr": "modules are placed by the boot stage",
             "bootstrap": "the boot stage is part of the kernel's image",
             "default-bootstrap": "the boot stage is part of the kernel's image",
             "set": "there is nothing to be set"}
KEYWORDS = ("entry", "title", "group", "module-group", "include", "searchpath", "moe", "initrd",
            *MODULE_WORDS, *BASE_WORDS, *("default-" + w for w in BASE_WORDS), *NO_EFFECT)
EXPANSIONS = ("glob", "shell", "perl")
OPTIONS = ("arch", "bits", "fname", "uncompress", "nostrip", "no-shlib-scan", "no-defaults",
           *EXPANSIONS)


class ListError(Exception):
    """What is wrong, with file and line."""


def like(word, words):
    """A question for what was perhaps meant; "" if nothing is similar."""
    close = difflib.get_close_matches(word.lower(), words, 1)
    return f" (is '{close[0]}' meant?)" if close else ""


class Module:
    """file: as written. arguments: the rest of the line. name: how rom/ shows it. path: set by
    Entry.find(). where: file and line that names it."""

    def __init__(self, text, options, where):
        words = text.split(None, 1)
        if not words:
            raise ListError(f"{where}: a file name is missing")
        self.file, self.arguments = words[0], words[1].strip() if len(words) > 1 else ""
        if "://" in self.file:
            raise ListError(f"{where}: {self.file}: files are not fetched; get it and name its path")
        self.name = options.get("fname") or os.path.basename(self.file)
        self.compressed = "uncompress" in options
        self.guessed = False  # a script's word: without .lua it may be a module of Lua
        self.where, self.path = where, None

    def command_line(self, path):
        return f"{path} {self.arguments}".strip()

    def find(self, folders, place):
        """Set path, of a compressed file to the content's, which is written to the folder place."""
        candidates = [os.path.join(f, self.file) for f in folders]  # an absolute path stays as it is
        if self.guessed:
            candidates += [c + ".lua" for c in candidates]
        self.path = next((c for c in candidates if os.path.isfile(c)), None)
        if self.guessed and self.path:
            self.name = os.path.basename(self.path)
        if self.path and self.compressed:
            self.path = self.uncompress(place)
        return self.path

    def symbols(self):
        """The module with the names of the program's functions, for moe's reports; None without."""
        if not self.path or not os.path.isfile(self.path + ".sym"):
            return None
        symbols = Module(self.name + ".sym", {}, self.where)
        symbols.path = self.path + ".sym"
        return symbols

    def uncompress(self, place):
        out = os.path.join(place, self.name)
        try:
            with gzip.open(self.path, "rb") as f:
                content = f.read()
        except (OSError, EOFError) as e:
            raise ListError(f"{self.where}: {self.file}: cannot be uncompressed: {e}") from None
        new_file(out)
        with open(out, "wb") as f:
            f.write(content)
        return out

    def named(self, place):
        """Path of the file whose last part is the name that rom/ is to show; maybe a link in the
        folder place."""
        if os.path.basename(self.path) == self.name:
            return self.path
        link = os.path.join(place, self.name)
        new_file(link)
        os.symlink(os.path.abspath(self.path), link)
        return link


def new_file(path):
    """Make room for a file of that path."""
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    if os.path.lexists(path):
        os.remove(path)


class Entry:
    """notes: what is said about its lines. refusal: why it cannot be booted, or None."""

    def __init__(self, name, options, where):
        self.name, self.options, self.where = name, options, where
        self.base = {}      # keyword of BASE_WORDS: Module
        self.modules = []
        self.notes, self.refusal = [], None

    def all(self):
        return [self.base[w] for w in BASE_WORDS if w in self.base] + self.modules

    def booted(self):
        """The modules in the order in which the kernel's boot stage wants them."""
        return [self.base["sigma0"], self.base["roottask"]] + self.modules

    def place(self, output):
        """The folder for files of its own; output is the build folder."""
        return f"{output}/images/{self.name}"

    def find(self, folders, output):
        """Set path of each module and add the symbols of programs; returns the modules whose file is
        nowhere."""
        missing = [m for m in self.all() if not m.find(folders, self.place(output))]
        named = {m.path for m in self.modules if not m.guessed or m.file == m.name}
        self.modules = [m for m in self.modules
                        if not m.guessed or m.file == m.name or m.path not in named]
        self.modules += [symbols for m in self.modules if (symbols := m.symbols())]
        return missing

    def twice(self):
        """Modules whose name another one before has."""
        booted = self.booted()
        names = [m.name for m in booted]
        return [m for i, m in enumerate(booted) if m.name in names[:i]]

    def check(self):
        for word in BASE_WORDS:
            if word not in self.base:
                raise ListError(f"{self.where}: the entry '{self.name}' has no {word}")


class ModuleList:
    """entries: {lower-case name: Entry}, in order."""

    def __init__(self, path):
        self.entries, self.groups, self.folders, self.notes = {}, {}, [], []
        self.defaults = {w: Module(DEFAULTS[w], {}, "default") for w in BASE_WORDS}
        self.entry = self.group = None
        self.reading = []
        self.read(path)

    def read(self, path):
        if os.path.realpath(path) in self.reading:
            raise ListError(f"{path}: includes itself")
        self.reading.append(os.path.realpath(path))
        try:
            with open(path, encoding="utf-8") as f:
                lines = f.read().split("\n")
        except (OSError, UnicodeDecodeError) as e:
            raise ListError(f"{path}: {getattr(e, 'strerror', None) or 'no text'}") from None
        for number, line in enumerate(lines, 1):
            text = re.sub(r"(^|\s)#.*", "", line).strip()
            if text:
                self.line(text, path, f"{path}:{number}")
        self.reading.pop()

    def line(self, text, path, where):
        match = LINE.match(text)
        if not match:
            raise ListError(f"{where}: cannot read: {text}")
        word, rest = match[1].lower(), (match[3] or "").strip()
        if word not in KEYWORDS:
            raise ListError(f"{where}: unknown keyword '{word}'{like(word, KEYWORDS)}")
        options = options_of(match[2], where)
        if word in ("entry", "title"):
            self.begin_entry(rest, options, where)
        elif word == "group":
            self.entry, self.group = None, self.groups.setdefault(rest.lower(), [])
        elif word == "include":
            self.include(rest, path, where)
        elif word == "searchpath":
            self.add_folder(os.path.join(os.path.dirname(path), rest), where)
        elif word in NO_EFFECT or word == "initrd":
            self.loader_line(word, rest, where)
        elif word.startswith("default-"):
            self.defaults[word[8:]] = Module(rest, options, where)
        elif not skipped(options):
            self.module_line(word, options, rest, path, where)

    def add_folder(self, folder, where):
        if not os.path.isdir(folder):
            raise ListError(f"{where}: {folder}: no such folder")
        self.folders.append(folder)

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

    def loader_line(self, word, rest, where):
        """Lines for boot loaders: entries of plain Linux are refused when they are to be booted."""
        if self.entry and (word == "initrd" or word == "set" and rest.split() == ["mode", "linux"]):
            self.entry.refusal = f"{where}: '{word}': this entry boots Linux, not Zwinger"
        else:
            notes = self.entry.notes if self.entry else self.notes
            notes.append(f"{where}: '{word}' has no effect: " + NO_EFFECT.get(word, "not an entry"))

    def module_line(self, word, options, rest, path, where):
        modules = self.entry.modules if self.entry else self.group
        if modules is None:
            raise ListError(f"{where}: '{word}' outside of an entry")
        if word in MODULE_WORDS:
            modules += self.expand(rest, options, path, where)
        elif word == "module-group":
            for name in rest.split():
                if name.lower() not in self.groups:
                    raise ListError(f"{where}: there is no group '{name}'" +
                                    like(name, self.groups))
                modules += self.groups[name.lower()]
        elif not self.entry:
            raise ListError(f"{where}: '{word}' in a group")
        elif word in BASE_WORDS:
            self.entry.base[word] = Module(rest, options, where)
        else:
            self.entry.base["roottask"] = Module(f"moe rom/{rest}", {}, where)
            modules.append(Module(rest.split()[0] if rest else "", {}, where))

    def expand(self, text, options, path, where):
        """A module line can name several files: [glob] by a pattern, [shell] by the lines of a
        command, [perl] by the list that an expression gives."""
        if "glob" in options:
            folders = self.folders + [os.path.dirname(path)]
            lines = sorted(n for f in folders for n in glob.glob(os.path.join(f, text)))
        elif "shell" in options or "perl" in options:
            command = ["perl", "-e", f'print map {{ "$_\\n" }} ({text}\n)'] if "perl" in options \
                else ["sh", "-c", text]
            done = subprocess.run(command, capture_output=True, text=True, check=False,
                                  stdin=subprocess.DEVNULL)
            if done.returncode:
                raise ListError(f"{where}: failed: {text}: {' '.join(done.stderr.split())}")
            lines = [line for line in done.stdout.split("\n") if line.strip()]
        else:
            return [Module(text, options, where)]
        if not lines:
            raise ListError(f"{where}: no file is named by: {text}")
        return [Module(line, options, where) for line in lines]

    def places(self, output, path):
        """Folders in which files are looked for: output is the build folder, path that of the list."""
        return self.folders + [output, f"{output}/rom", os.path.dirname(path) or "."]

    def get(self, name):
        """The entry of that name; or, for the path of a script (.cfg), one with the files that the
        script names in rom/."""
        if name.endswith(".cfg"):
            return self.entry_of_script(name)
        if name.lower() not in self.entries and os.path.isfile(name):
            raise ListError(f"{name}: the name of a script ends in .cfg")
        if name.lower() not in self.entries:
            known = " ".join(e.name for e in self.entries.values())
            raise ListError(f"there is no entry '{name}'{like(name, self.entries)}; there are: "
                            f"{known}")
        entry = self.entries[name.lower()]
        if entry.refusal:
            raise ListError(entry.refusal)
        entry.check()
        return entry

    def entry_of_script(self, path):
        try:
            with open(path, encoding="utf-8") as f:
                text = re.sub(r"--.*", "", f.read())
        except (OSError, UnicodeDecodeError) as e:
            raise ListError(f"{path}: {getattr(e, 'strerror', None) or 'no text'}") from None
        script = os.path.basename(path)
        entry = Entry(script[:-4], {}, path)
        entry.base = dict(self.defaults, roottask=Module(f"moe rom/{script}", {}, path))
        entry.modules = [Module(os.path.abspath(path), {}, path), Module("ned", {}, path)]
        known = [script, "ned"]
        for match in re.finditer(r"\brom/([\w.+-]*\w)", text):
            if match[1] not in known:
                known.append(match[1])
                line = text.count("\n", 0, match.start()) + 1
                entry.modules.append(Module(match[1], {}, f"{path}:{line}"))
                entry.modules[-1].guessed = True
        self.folders = [os.path.dirname(path) or "."]
        return entry


def options_of(text, where):
    options = {}
    for part in (text or "").split(","):
        key, _, value = part.strip().partition("=")
        key = key.strip().lower()
        if key and key not in OPTIONS and not key.startswith("attr:"):
            raise ListError(f"{where}: unknown option '{key}'{like(key, OPTIONS)}")
        if key:
            options[key] = value.strip()
    return options


def skipped(options):
    """Is the line for other targets?"""
    return "amd64" not in options.get("arch", "amd64").split("|") or \
        "64" not in options.get("bits", "64").split("|")
