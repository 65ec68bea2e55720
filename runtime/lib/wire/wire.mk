# SPDX-License-Identifier: MIT
# The wire format of the L4Re protocols.

$(call library,wire,$(wildcard runtime/lib/wire/*.c))
