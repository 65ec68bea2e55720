#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The ramdisks of tools/mkinitrd, on made-up modules; and the wishes that tools/guest-config writes.
Writes TAP."""
import os
import stat
import struct
import subprocess
import sys
import tempfile

results = []


def ok(condition, promise):
    results.append(condition)
    print(f"{'ok' if condition else 'not ok'} {len(results)} - {promise}")


def entries(data):
    """{path: (mode, content, device)} of an archive, in order."""
    found, place = {}, 0
    while True:
        field = [int(data[place + 6 + 8 * i:place + 14 + 8 * i], 16) for i in range(13)]
        name = data[place + 110:place + 110 + field[11] - 1].decode()
        start = (place + 110 + field[11] + 3) & ~3
        if name == "TRAILER!!!":
            return found
        found[name] = (field[1], data[start:start + field[6]], (field[9], field[10]))
        place = (start + field[6] + 3) & ~3


def run(*words):
    return subprocess.run(words, capture_output=True, text=True)


def make(folder, name, *words):
    path = f"{folder}/{name}"
    r = run("tools/mkinitrd", "-o", path, "-b", f"{folder}/busybox", "-k", f"{folder}/modules", *words)
    if r.returncode:
        return r.stderr
    with open(path, "rb") as f:
        return f.read()


def write(path, content, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(content)
    os.chmod(path, mode)


def prepare(folder):
    write(f"{folder}/busybox", b"busybox", 0o755)
    for path, needs in (("kernel/a/top-one.ko", b"middle,base"), ("kernel/b/middle.ko", b"base"),
                        ("kernel/base.ko", b""), ("kernel/other.ko", b"")):
        write(f"{folder}/modules/{path}", b"ELF\0license=GPL\0depends=" + needs + b"\0name=x\0")


def archives(folder):
    data = make(folder, "one", "-m", "top_one", "-f", f"{folder}/busybox=/usr/bin/tool")
    ok(data == make(folder, "two", "-m", "top_one", "-f", f"{folder}/busybox=/usr/bin/tool"),
       "the same wishes give the same bytes")
    found = entries(data)
    paths = list(found)
    ok(all(os.path.dirname(p) in paths[:i] for i, p in enumerate(paths) if "/" in p),
       "a folder comes before what is in it")
    ok(found["etc/modules"][1] == b"base\nmiddle\ntop_one\n",
       "modules are loaded behind those that they depend on")
    ok("lib/modules/other.ko" not in found and "lib/modules/base.ko" in found,
       "only modules that are needed are there")
    ok(stat.S_ISCHR(found["dev/console"][0]) and found["dev/console"][2] == (5, 1),
       "the console's device node is there without root's help")
    ok(found["init"][0] & 0o111 and found["usr/bin/tool"][0] & 0o111, "programs can be executed")
    ok(found["usr/bin/tool"][1] == b"busybox", "further files have their content")
    write(f"{folder}/own.ko", b"ELF\0depends=base,own2\0")
    write(f"{folder}/own2.ko", b"ELF\0depends=\0")
    data = make(folder, "four", "-M", f"{folder}/own.ko", "-M", f"{folder}/own2.ko")
    ok(entries(data)["etc/modules"][1] == b"base\nown2\nown\n",
       "modules from elsewhere can depend on the kernel's and on each other")
    folders_and_libraries(folder)
    ok("no module 'absent'" in make(folder, "three", "-m", "absent"), "a missing module is named")


def linked(output, *words):
    """A small ELF file of the compiler."""
    os.makedirs(os.path.dirname(output), exist_ok=True)
    subprocess.run(["gcc", "-nostdlib", "-o", output, "-x", "c", "/dev/null", "-x", "none", *words],
                   check=True)


def folders_and_libraries(folder):
    write(f"{folder}/tree/a/b", b"content", 0o755)
    found = entries(make(folder, "five", "-f", f"{folder}/tree=/there"))
    ok(found["there/a/b"][1] == b"content" and found["there/a/b"][0] & 0o111,
       "a folder comes with all that is in it")
    place = f"{folder}/packages/one/usr/lib"
    linked(f"{place}/libinner.so.1", "-shared", "-Wl,-soname,libinner.so.1")
    linked(f"{place}/libouter.so.1", "-shared", "-Wl,-soname,libouter.so.1,--no-as-needed",
           f"{place}/libinner.so.1")
    write(f"{place}/ld-linux-x86-64.so.2", b"loader")
    linked(f"{folder}/program", "-Wl,-e,0,--no-as-needed,-rpath-link," + place, f"{place}/libouter.so.1",
           "-Wl,-dynamic-linker,/lib64/ld-linux-x86-64.so.2")
    words = ["-f", f"{folder}/program=/bin/program", "-L", f"{folder}/packages"]
    found = entries(make(folder, "six", *words))
    libraries = [f"lib/x86_64-linux-gnu/lib{n}.so.1" for n in ("outer", "inner")]
    ok(all(n in found for n in libraries) and found["lib64/ld-linux-x86-64.so.2"][1] == b"loader",
       "a program comes with its loader, its libraries and theirs")
    os.remove(f"{place}/libinner.so.1")
    os.symlink("/nowhere", f"{place}/libinner.so.1")
    ok("there is no libinner.so.1" in make(folder, "seven", *words), "a missing library is named")


def kernel_file(cut=0, machine=None):
    """The beginning of a bzImage whose payload lacks some bytes, or of an ELF file for a machine."""
    data = bytearray(4096)
    if machine is None:
        data[0x1f1] = 1
        data[0x202:0x208] = b"HdrS" + struct.pack("<H", 0x20f)
        struct.pack_into("<II", data, 0x248, 16, len(data) - 1024 - 16 + cut)
    else:
        data[:5] = b"\x7fELF\x02"
        struct.pack_into("<HH", data, 16, 2, machine)
    return bytes(data)


def wish(folder, kernel, *words):
    return run("tools/guest-config", "-o", f"{folder}/run", "-k", kernel, "-i", f"{folder}/one", *words)


def wishes(folder):
    text = "quote=\"it's\" \\ \n\x7f"
    write(f"{folder}/bzimage", kernel_file())
    write(f"{folder}/elf", kernel_file(machine=62))
    r = wish(folder, f"{folder}/bzimage", "-a", text, "-n", "2", "--unattended", "-w", "patch=off prio=3")
    script = f"local g = dofile('{folder}/run/guest.lua') io.write(g.append, '|', g.vcpus, '|', " \
             "tostring(g.unattended), '|', table.concat(g.words, '+'))"
    write(f"{folder}/show.lua", script.encode())
    shown = run(f"{sys.argv[1]}/host/lua", f"{folder}/show.lua").stdout
    ok(r.returncode == 0 and shown == text + "|2|true|patch=off+prio=3", "any command line reaches the scenario")
    ok(wish(folder, f"{folder}/elf").returncode == 0, "a kernel may be an ELF file")


def refusals(folder):
    """What cannot be is refused before a machine starts, and told in the user's words."""
    write(f"{folder}/empty", b"")
    write(f"{folder}/text", b"no kernel\n" * 500)
    write(f"{folder}/cut", kernel_file(cut=1))
    write(f"{folder}/arm", kernel_file(machine=183))
    for kernel, words, message in (
            ("absent", (), "absent: No such file"), ("modules", (), "modules is a folder"),
            ("empty", (), "empty is empty"), ("text", (), "neither a bzImage nor an ELF file"),
            ("cut", (), "is cut off"), ("arm", (), "is no ELF file of a kernel for x86-64"),
            ("elf", ("-i", f"{folder}/empty"), f"INITRD={folder}/empty is empty"),
            ("elf", ("-s", f"{folder}/absent"), "SYMBOLS="), ("elf", ("-m", "31"), "MEM=31: wanted"),
            ("elf", ("-m", "1G"), "MEM=1G: wanted"), ("elf", ("-m", ""), "MEM=: wanted"),
            ("elf", ("-n", "0"), "VCPUS=0: wanted"), ("elf", ("-n", "33"), "VCPUS=33: wanted"),
            ("elf", ("-n", "two"), "VCPUS=two: wanted")):
        r = wish(folder, f"{folder}/{kernel}", *words)
        ok(r.returncode == 1 and message in r.stderr and r.stderr.count("\n") == 1,
           f"a guest that cannot be is refused at once: {message}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        prepare(folder)
        archives(folder)
        wishes(folder)
        refusals(folder)
    print(f"1..{len(results)}")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
