# SPDX-License-Identifier: MIT
# For servers of consoles and logs: the protocol, the last bytes of a text, an interrupt pin.

$(call library,vcon,$(wildcard runtime/lib/vcon/*.c))
UNIT_SRCS_vcon_test = $(wildcard runtime/lib/vcon/*.c) $(WIRE_SRCS) \
	$(addprefix runtime/lib/server/,dispatch.c objects.c)
UNIT_FLAGS_vcon_test = $(WIRE_FLAGS)
