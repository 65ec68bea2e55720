# SPDX-License-Identifier: MIT
# Writes a test module: pattern.py SEED BYTES FILE. The test kernel knows the formula.
import sys

seed, size = int(sys.argv[1]), int(sys.argv[2])
with open(sys.argv[3], "wb") as f:
    f.write(bytes((i * 7 + (i >> 8) + seed) & 0xff for i in range(size)))
