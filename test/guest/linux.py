#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Boot Linux guests and look at what they do. Writes TAP. Usage: linux.py BUILD [NAME...]
With LINUX=6.12-amd64 or another flavour in the environment: that kernel, fetched by `make run` before.

Each test is a script that the guest runs; the machine is switched off when the guest is.
"""
import hashlib
import os
import re
import subprocess
import sys

from tap import finish, ok

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1bc|\r")
LIMIT = 240  # seconds for one machine
FLAVOUR = os.environ.get("LINUX", "cloud-amd64")
# Scenarios: a list of modules and an entry of it. The second looks whether every byte comes back.
PLAIN = "conf/modules.list", "linux"
COUNTED = "test/guest/linux/modules.list", "counted"
EIGHT = "test/guest/linux/modules.list", "eight"
KILLS = "test/guest/linux/modules.list", "kills"
ENDED = "Linux has ended, with code 0"
ALL_BACK = "ok - Linux: every byte comes back"
SMP_STEPS = 11  # of linux/smp.sh
SMP_STOLEN = 5  # ticks, at least


def prepare(build, name, run, files=(), vcpus=1, memory=256, unattended=True, append="", words="",
            more=(), symbols=None):
    """A folder with all that the scenario wants of its guest."""
    work = f"{build}/test/guest/{name}"
    kernel = f"{build}/linux/{FLAVOUR}"
    os.makedirs(work, exist_ok=True)
    listed = [w for f in files for w in ("-f", f)]
    subprocess.run(["tools/mkinitrd", "-o", f"{work}/ramdisk", "-b",
                    f"{build}/packages/busybox-static/bin/busybox", "-k", f"{kernel}/modules", "-M",
                    f"{kernel}/l4.ko", "-M", f"{kernel}/l4log.ko", *listed, *more], check=True)
    subprocess.run(["tools/guest-config", "-o", work, "-k", f"{kernel}/vmlinuz", "-i",
                    f"{work}/ramdisk", "-m", str(memory), "-n", str(vcpus), "-a",
                    f'quiet {append} run="{run}"', "-w", words,
                    *(["--unattended"] if unattended else []),
                    *(["-s", symbols] if symbols else [])], check=True)
    return work


def boot(build, name, run, files=(), cpu="max,-smap", smp=1, vcpus=1, memory=256, limit=LIMIT,
         scenario=COUNTED, beside=192, **wishes):
    """Lines of the serial line, until the machine is off."""
    work = prepare(build, name, run, files, vcpus, memory, **wishes)
    try:
        subprocess.run(["tools/run", "-o", build, "-l", scenario[0], "-p", work, "-M", "q35", "-c",
                        cpu, "-s", str(smp), "-m", str(memory + beside), "-S", f"{work}/serial",
                        scenario[1]], timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        pass
    with open(f"{work}/serial", encoding="latin-1") as f:
        lines = ESCAPE.sub("", f.read()).splitlines()
    if scenario != PLAIN:
        ok(ALL_BACK in lines, f"{name}: every byte comes back", "\n".join(lines))
    return lines


def attend(build, name, run, typed, until, smp=1, vcpus=1, memory=256, symbols=None, scenario=COUNTED):
    """Type, as `run -i` does; text of the serial line until the texts are there, or too late."""
    work = prepare(build, name, run, vcpus=vcpus, memory=memory, unattended=False,
                   symbols=symbols)
    words = [w for t in typed for w in ("-i", t)] + [w for u in until for w in ("-u", u)]
    words += ["-u", ALL_BACK] if scenario != PLAIN else []
    done = subprocess.run(["tools/run", "-o", build, "-l", scenario[0], "-p", work, "-M", "q35", "-c",
                           "max,-smap", "-s", str(smp), "-m", str(memory + 192), "-t", str(LIMIT), *words,
                           scenario[1]], stdout=subprocess.PIPE, check=False)
    text = ESCAPE.sub("", done.stdout.decode("latin-1"))
    if scenario != PLAIN:
        ok(ALL_BACK in text, f"{name}: every byte comes back", text)
    return done.returncode == 0, text


def shell(build):
    for cpu, smp, scenario in (("max,-smap", 2, PLAIN), ("qemu64", 1, COUNTED)):
        lines = boot(build, f"shell-{cpu}", "uname -s; false || echo a shell; exit 7", cpu=cpu, smp=smp,
                     scenario=scenario)
        text = "\n".join(lines)
        ok("Linux" in lines and "a shell" in lines, f"{cpu}: the distribution's kernel boots to a shell",
           text)
        ok("init: exit status 7" in lines, f"{cpu}: the status of a command is told", text)
        ok(ENDED in text, f"{cpu}: the scenario goes on after power-off", text)
        ok(any("ticker" in line and "running" in line for line in lines),
           f"{cpu}: a native program runs beside it", text)


def logged(lines):
    """What came from /dev/l4log."""
    return [line.split("| ", 1)[1] for line in lines if line.startswith("linux.l4| ")]


def l4log(build):
    lines = boot(build, "l4log", "sh /l4log.sh", files=["test/guest/l4log.sh=/l4log.sh"])
    text, log = "\n".join(lines), logged(lines)
    ok("init: exit status 0" in lines, "/dev/l4log takes lines, and they are not in dmesg", text)
    ok(log[:4] == ["plain", "two", "lines", "no end"], "each line appears once, in order", text)
    ok(log[4:5] == ["in pieces of a line"], "several writes can make one line", text)
    long = "".join(line for line in log if set(line) == {"x"})
    ok(len(long) == 1500 and len(log) > 5, "a long line is split and nothing of it is lost", text)
    wanted = {f"writer {w} line {n} of many, with some text behind it"
              for w in range(1, 7) for n in range(1, 101)}
    found = [line for line in log if "writer" in line]
    ok(len(found) == 600 and set(found) == wanted, "lines of six writers are neither torn nor lost",
       text)
    ok(log[-1:] == ["end"], "the device goes on", text)


def life(build):
    """Ends that are asked for from outside, as a user does it: at the console of vmctl."""
    typed = ["system-is-up=\5.connect vmctl", "connect vmctl=", "vmctl>=pause linux",
             "vmctl>=show linux", "vmctl>=resume linux", "vmctl>={} linux"]
    place = re.compile(r"rip +[0-9a-f]{16}  (\w+)\+0x")
    symbols = f"{build}/test/guest/made.map"
    os.makedirs(os.path.dirname(symbols), exist_ok=True)
    with open(symbols, "w", encoding="ascii") as f:
        for address in range(0xffffffff81000000, 0xffffffff83000000, 0x80000):
            f.write(f"{address:016x} T made_by_test\n")
    good, text = attend(build, "life-off", "echo system-is-up; sleep 1000",
                        [t.format("shutdown") for t in typed], [ENDED], symbols=symbols,
                        scenario=PLAIN)
    ok(place.findall(text)[:1] == ["made_by_test"], "vmctl show names addresses by a file", text)
    ok(good, "vmctl shutdown: the kernel runs poweroff and the machine ends", text)
    ok("forcing" not in text, "it ends in order", text)
    good, text = attend(build, "life-again", "echo system-is-up; sleep 1000",
                        [t.format("reboot") for t in typed] + ["Restarting system=", "system-is-up=shutdown linux"],
                        ["starts rom/vmlinuz"], vcpus=2)
    names = place.findall(text)
    ok(names and "made_by_test" not in names, "or by the kernel's own names", text)
    ok(good, "vmctl reboot: the kernel ends and starts again", text)


def keys(build):
    """The shell as a user has it: Ctrl-C ends what runs, and nothing else."""
    typed = ["/root # =echo sys''tem-is-up; sleep 1000", "system-is-up=\3", "/root # =echo status: $?",
             "status: 130=\3", "/root # =echo sti''ll-there; poweroff -f"]
    good, text = attend(build, "keys", "", typed, ["still-there"])
    ok("status: 130" in text, "Ctrl-C ends the command that runs", text)
    ok(good, "at the prompt it ends nothing", text)


def paste(build):
    """Text that comes faster than the shell takes it."""
    lines = [f"line {i} of a long text that is pasted" for i in range(200)]
    told = hashlib.md5("".join(line + "\n" for line in lines).encode()).hexdigest()
    typed = ["/root # =stty -echo; echo rea''dy; sleep 2; cat >pasted",
             "ready=" + "\r".join(lines) + "\r\4md5sum pasted; poweroff -f"]
    good, text = attend(build, "paste", "", typed, [told])
    ok(good, "nothing of a long text is lost", text)
    script = "".join(f"echo {i} >>numbers\r" for i in range(150)) + "md5sum numbers; poweroff -f"
    told = hashlib.md5("".join(f"{i}\n" for i in range(150)).encode()).hexdigest()
    good, text = attend(build, "paste-lines", "", ["/root # =" + script], [told])
    ok(good, "nor of many commands, which the shell edits", text)


def crash(build):
    """The kernel gives up: what vmm tells of it."""
    lines = boot(build, "crash", "echo last words; echo c >/proc/sysrq-trigger", vcpus=2, smp=2)
    text = "\n".join(lines)
    ok("Linux has ended, with code 2" in lines, "a panic ends the machine as crashed", text)
    report = text[text.rfind("crashed"):]
    ok(re.match(r"crashed: vCPU [01]: its kernel has given up: ", report), "it is reported, with the vCPU", text)
    ok(all(re.search(rf" {r} [0-9a-f]{{9,16}}\b", report) for r in ("rip", "rsp")),
       "with registers", text)
    ok(re.search(r"rip is \w+\+0x", report), "and the name of the place", text)
    ok(re.search(r"\| \[.*</TASK>", report), "and the console's last lines", text)


def eight(build):
    """Eight guests of 128 MiB in a machine of 2 GiB. They do something when all of them are up."""
    count, memory = 8, 128
    lines = boot(build, "eight", "user hold 16 & sleep 20; kill $!; wait $!", smp=2,
                 files=[f"{build}/guest/test/user/user=/bin/user"], memory=memory,
                 beside=2048 - memory, scenario=EIGHT, limit=3 * LIMIT)
    text = "\n".join(lines)
    for i in range(1, count + 1):
        ok(f"linux{i}  | init: exit status 0" in lines and f"linux{i} has ended, with code 0" in lines,
           f"guest {i} of {count} runs to its end", text)
    ups, ends = ([n for n, line in enumerate(lines) if word in line] for word in (" | Linux ", "init: exit"))
    ok(len(ups) == count and max(ups) < min(ends, default=0), "all of them are up at the same time", text)


def kills(build):
    """Two guests side by side, one of which is killed a hundred times."""
    memory = 128
    files = [f"{build}/guest/test/linux/load=/bin/load", "test/guest/linux/kills.sh=/kills.sh"]
    lines = boot(build, "kills", "sh /kills.sh", files, smp=2, vcpus=2, memory=memory, beside=memory + 256,
                 scenario=KILLS, limit=3 * LIMIT)
    text = "\n".join(lines)
    for promise in ("a Linux guest is killed a hundred times", "killed guests: every byte comes back"):
        ok(f"ok - {promise}" in lines, promise, text)
    ok("victim  | a round is done" in lines, "some of them had come as far as their load", text)
    ended = [line for line in lines if line.startswith("worker  | init: exit status ")]
    ok(ended and set(ended) == {"worker  | init: exit status 0"},
       f"the work of the guest beside it is not disturbed, {len(ended)} times", text)


def smp(build, cpu, vcpus, cpus, rounds):
    """Several vCPUs: with a processor for each of them, or on fewer, so that they have to share."""
    name = f"{cpu}, {vcpus} vCPUs on {cpus}"
    files = [f"{build}/guest/test/linux/load=/bin/load", "test/guest/linux/smp.sh=/smp.sh"]
    lines = boot(build, f"smp-{cpu}-{vcpus}-{cpus}", f"sh /smp.sh {vcpus} {rounds}", files, cpu=cpu,
                 smp=cpus, vcpus=vcpus)
    text = "\n".join(lines)
    steps = [line.split(" ", 2) for line in lines if line.startswith("step ")]
    for _, status, command in steps:
        ok(status == "0:", f"{name}: {command}", text)
    ok(len(steps) == SMP_STEPS, f"{name}: all {SMP_STEPS} steps were taken", text)
    ticks = re.search(r"(?m)^stolen: (\d+) of (\d+) ticks", text)
    if cpus < vcpus:
        stolen, busy = map(int, ticks.groups()) if ticks else (0, 0)
        ok(stolen >= SMP_STOLEN and busy * (vcpus - cpus) / vcpus / 2 < stolen < busy,
           f"{name}: /proc/stat shows the time that vCPUs took from each other, {stolen} of {busy}",
           text)
    ok("init: exit status 0" in lines and ENDED in text,
       f"{name}: the machine ends as it should", text)


TESTS = {"shell": shell, "l4log": l4log, "life": life, "keys": keys, "paste": paste,
         "crash": crash, "eight": eight, "kills": kills,
         "smp": lambda build: smp(build, "max,-smap", 4, 2, 20),
         "smp-one": lambda build: smp(build, "qemu64", 4, 1, 20),
         "smp-all": lambda build: smp(build, "max,-smap", 4, 4, 5),
         "smp-eight": lambda build: smp(build, "qemu64", 8, 2, 3)}


def main(tests):
    build, names = sys.argv[1], sys.argv[2:] or tests
    for name in names:
        tests[name](build)
    return finish()


if __name__ == "__main__":
    sys.exit(main(TESTS))
