# SPDX-License-Identifier: MIT
# cons, the console multiplexer.

cons_pure := $(addprefix runtime/cons/,client.c console.c escape.c mux.c prompt.c keys.c command.c)
cons_cflags := -D_GNU_SOURCE
$(call program,cons,$(cons_pure) $(addprefix runtime/cons/,frontend.c service.c main.c),vcon server wire l4re util)
UNIT_SRCS_cons_test := $(cons_pure) runtime/lib/vcon/ring.c
UNIT_SRCS_cons_line_test := $(UNIT_SRCS_cons_test)
UNIT_FLAGS_cons_test = -Iruntime/cons -D_GNU_SOURCE $(WIRE_FLAGS)
UNIT_FLAGS_cons_line_test = $(UNIT_FLAGS_cons_test)
