# SPDX-License-Identifier: MIT
# Tests of the hypercalls on the host. Included by guest.mk.

CALLS_SRCS := $(filter-out %/calls_outside.c,$(wildcard guest/shim/calls*.c)) \
	$(addprefix guest/shim/,drops.c events.c events_fifo.c runstate.c time.c \
	timers.c track.c traps.c walk.c) test/unit/guest/machine.c
define calls-test
UNIT_SRCS_guest_calls_$(1)_test := $$(CALLS_SRCS)
UNIT_FLAGS_guest_calls_$(1)_test = $$(GUEST_FLAGS)
endef
$(foreach t,event grant memory misc mmu segment vcpu,$(eval $(call calls-test,$(t))))
FUZZ_SRCS_guest_calls := $(CALLS_SRCS)
FUZZ_FLAGS_guest_calls = $(GUEST_FLAGS)
FUZZ_RUNS_guest_calls := 3000
FUZZ_MAX_guest_calls := 1024
