# SPDX-License-Identifier: MIT
# log, the log to memory.

log_cflags := -D_GNU_SOURCE
$(call program,log,$(addprefix runtime/log/,main.c lines.c),vcon server wire l4re util)
UNIT_SRCS_log_test := runtime/log/lines.c
UNIT_FLAGS_log_test := -Iruntime/log -Iruntime/lib -Iruntime/include
