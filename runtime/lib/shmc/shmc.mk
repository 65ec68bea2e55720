# SPDX-License-Identifier: MIT
# Shared-memory areas with chunks, signals and rings.

$(call library,shmc,$(wildcard runtime/lib/shmc/*.c))
