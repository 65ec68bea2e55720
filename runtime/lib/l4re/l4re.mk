# SPDX-License-Identifier: MIT
# The L4Re C interface.

$(call library,l4re,$(wildcard runtime/lib/l4re/*.c))
