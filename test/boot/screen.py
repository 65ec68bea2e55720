#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Read the console from the screen where there is no serial line. TAP on standard output.

usage: screen.py O, with O/zwinger, O/sigma0, O/font.psf and O/test/kernel/smoke built. The screen
comes from QEMU's monitor as a picture; characters are found by comparing it with the glyphs of
the font that the program on the machine draws with.
"""
import os
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True  # the source stays as it is
from qemu import Machine  # noqa: E402

SECONDS = 60
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MODES = ((800, 600), 32), ((1024, 768), 24), ((640, 480), 16)  # pixels, bits of one
TEXT_MEMORY, TEXT_COLUMNS, TEXT_ROWS = 0xB8000, 80, 25


class Font:
    """Glyphs as tuples of rows, each a tuple of 0 or 1; cell: width and height with the gaps."""

    def __init__(self, glyphs, cell):
        self.glyphs, self.cell = glyphs, cell
        self.codes = {glyph: chr(code) for code, glyph in glyphs.items()}


def console_font(path):
    """The kernel's: PSF version 1, 8 pixels wide, one byte a row."""
    with open(path, "rb") as f:
        data = f.read()
    if data[:2] != b"\x36\x04":
        sys.exit("screen.py: the font is not PSF version 1")
    height = data[3]
    glyphs = {}
    for code in range(ord(" "), ord("~") + 1):
        rows = data[4 + code * height:4 + (code + 1) * height]
        glyphs[code] = tuple(tuple(row >> (7 - x) & 1 for x in range(8)) for row in rows)
    return Font(glyphs, (8, height))


def boot_font():
    """The boot stage's: 5 x 7 in a cell of 6 x 10, all twice as large; from its source."""
    with open(f"{SOURCE}/boot/screen.c", encoding="utf-8") as f:
        table = re.search(r"glyphs\[.*?\{(.*?)\};", f.read(), re.S)[1]
    glyphs = {}
    for code, text in enumerate(re.findall(r'"(.{7})"', table), ord(" ")):
        rows = [[int(c, 32) >> (4 - x // 2) & 1 if x < 10 else 0 for x in range(12)] for c in text]
        rows = [tuple(row) for row in rows for _ in range(2)] + [(0,) * 12] * 6
        glyphs[code] = tuple(rows)
    return Font(glyphs, (12, 20))


def picture(path):
    """Rows of a PPM file, one byte a pixel: is there light?"""
    with open(path, "rb") as f:
        data = f.read()
    header = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", data)
    width, height = int(header[1]), int(header[2])
    pixels = data[header.end():]
    rows = []
    for y in range(height):
        row = pixels[y * width * 3:(y + 1) * width * 3]
        rows.append(bytes(max(row[i:i + 3]) > 127 for i in range(0, width * 3, 3)))
    return rows


def decode(rows, font):
    """Lines of text; what is no glyph of the font is shown as byte 0."""
    width, height = font.cell
    lines = []
    for top in range(0, len(rows) - height + 1, height):
        line = ""
        for left in range(0, len(rows[0]) - width + 1, width):
            glyph = tuple(tuple(rows[top + y][left:left + width]) for y in range(height))
            line += font.codes.get(glyph, "\0")
        lines.append(line.rstrip())
    return lines


class Screen(Machine):
    """A machine without a serial line."""

    def __init__(self, arguments):
        super().__init__(["-m", "256", "-vga", "std", "-serial", "none", *arguments], SECONDS)

    def screen(self, font, size):
        """Lines of text; none while the mode is another one than size (None: any)."""
        self.command("screendump", filename="screen.ppm")
        rows = picture("screen.ppm")
        right = size is None or size == (len(rows[0]), len(rows))
        return decode(rows, font) if right else []

    def text_memory(self):
        self.command("pmemsave", val=TEXT_MEMORY, size=TEXT_COLUMNS * TEXT_ROWS * 2,
                     filename="screen.text")
        with open("screen.text", "rb") as f:
            cells = f.read()[::2].decode("latin-1")
        return [cells[i:i + TEXT_COLUMNS].rstrip(" \0") for i in range(0, len(cells), TEXT_COLUMNS)]


class Test:
    def __init__(self):
        self.count = self.failed = 0

    def result(self, good, name, lines):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}", flush=True)
        if not good:
            for line in lines:
                print("#   " + line.replace("\0", "?"), flush=True)

    def run(self, name, font, expected, arguments, size=None):
        """The screen (text memory without a font) must come to satisfy expected(lines)."""
        lines = []
        good = False
        machine = Screen(arguments)
        try:
            while not good and time.monotonic() < machine.limit:
                lines = machine.screen(font, size) if font else machine.text_memory()
                good = expected(lines)
                time.sleep(0.2)
        except (TimeoutError, EOFError):
            lines.append("(the machine has ended)")
        machine.end()
        self.result(good, name, lines)


def whole_log(lines):
    """The end of the smoke test, with its lines in order and nothing else between them."""
    text = [line for line in lines if line]
    if not text or not re.search(r"end of test: \d+ run, 0 failed", "\n".join(text[-2:])):
        return False
    numbers = [int(m[1]) for m in (re.match(r"ok (\d+) - ", line) for line in text) if m]
    return ("\0" not in "".join(text) and len(numbers) > 10 and
            numbers == list(range(numbers[0], numbers[0] + len(numbers))))


def one_error(lines):
    text = "".join(lines).upper()  # a long line goes on in the next row
    return text.count("ZWINGER BOOT: ERROR: ") == 1 and bool(
        re.search(r"ERROR: MODULE 1 \(\S*NOPROGRAM\), .*:\s*NOT AN ELF64 FILE", text))


def image(name, mode, *modules):
    """A bootable image; GRUB leaves the screen in a mode: WIDTHxHEIGHTxBITS or text."""
    options = ["-g", mode] if mode else []
    subprocess.run([f"{SOURCE}/tools/mkiso", *options, name, *modules], check=True,
                   stdout=subprocess.DEVNULL)
    return ["-cdrom", name]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    o = os.path.abspath(sys.argv[1])
    folder = f"{o}/test/screen"
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)
    with open("noprogram", "w", encoding="ascii") as f:
        f.write("no program\n")
    system = [f"{o}/zwinger", f"{o}/sigma0", f"{o}/test/kernel/smoke"]
    broken = [f"{o}/zwinger", f"{o}/sigma0", f"{folder}/noprogram"]
    large, small = console_font(f"{o}/font.psf"), boot_font()
    firmware = subprocess.run([f"{SOURCE}/tools/uefi-firmware"], check=True, text=True,
                              capture_output=True).stdout.strip()
    uefi = ["-M", "q35", "-bios", firmware]
    test = Test()

    for size, bits in MODES:
        mode = f"{size[0]}x{size[1]}x{bits}"
        test.run(f"kernel, frame buffer {mode}", large, whole_log,
                 image("system.iso", mode, *system), size)
        test.run(f"error of the boot stage, frame buffer {mode}", small, one_error,
                 image("broken.iso", mode, *broken), size)
    test.run("kernel, frame buffer of UEFI", large, whole_log,
             image("system.iso", "", *system) + uefi)
    test.run("kernel, text mode of GRUB", None, whole_log, image("system.iso", "text", *system))
    test.run("kernel, text mode of the BIOS", None, whole_log,
             ["-kernel", system[0], "-initrd", ",".join(system[1:])])
    test.run("kernel, a serial line that is not wanted", None, whole_log,
             ["-kernel", system[0], "-initrd", ",".join(system[1:]), "-append", "-noserial",
              "-serial", "null"])
    test.run("error of the boot stage, frame buffer of UEFI", small, one_error,
             image("broken.iso", "", *broken) + uefi)
    test.run("error of the boot stage, text mode", None, one_error,
             ["-kernel", broken[0], "-initrd", ",".join(broken[1:])])
    print(f"1..{test.count}")
    return 1 if test.failed else 0


if __name__ == "__main__":
    sys.exit(main())
