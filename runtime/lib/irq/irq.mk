# SPDX-License-Identifier: MIT
# Interrupts for programs.

irq_cflags := -D_GNU_SOURCE
$(call library,irq,$(wildcard runtime/lib/irq/*.c))
