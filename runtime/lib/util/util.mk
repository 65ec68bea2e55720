# SPDX-License-Identifier: MIT
# Small things for programs: sleeping, command lines, lists, numbers.

$(call library,util,$(wildcard runtime/lib/util/*.c))
