# SPDX-License-Identifier: MIT
# moe, the root task.
moe_base := 0x2000000
moe_src := $(wildcard runtime/moe/*.c)
moe_cflags := -Iruntime
$(call service,moe,$(moe_src),loader server wire)
# Clearing of all memory: the library does it by words, -Os by bytes in place.
$(call rt_obj,runtime/moe/dataspace.c): rt_own += -fno-builtin-memset

# Pure parts, tested on the host.
moe_unit = $(1:%=runtime/moe/%.c)
UNIT_SRCS_moe_memory_test := $(call moe_unit,heap pages quota)
UNIT_FLAGS_moe_memory_test := -Iruntime
UNIT_SRCS_moe_pure_test := $(call moe_unit,cpu_mask log_format module_name names options region text)
UNIT_FLAGS_moe_pure_test := -Iruntime
UNIT_SRCS_moe_symbols_test := $(call moe_unit,symbols)
UNIT_FLAGS_moe_symbols_test := -Iruntime
