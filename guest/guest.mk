# SPDX-License-Identifier: MIT
# Paravirtual guests. Included by the top Makefile.
#
# The shim's pure parts are built as they will run (freestanding, without vector registers), into
# $(O)/guest/shim; the host's tests link the same sources.

guest_o := $(O)/guest
shim_lto := $(if $(findstring clang,$(CC)),,-flto)
shim_lto_link := $(if $(shim_lto),-flinker-output=nolto-rel -flto-partition=one)
shim_flags := -std=gnu17 -O2 -g -Wall -Wextra -Werror -ffreestanding -fpie -fvisibility=hidden \
	-mgeneral-regs-only -mno-red-zone -fno-strict-aliasing -fno-asynchronous-unwind-tables \
	-fno-stack-protector -fcf-protection=none -ffunction-sections -fno-jump-tables \
	$(shim_lto) -iquote guest/include -iquote guest -Iabi -MMD -MP
shim_src := $(wildcard guest/shim/*.c)
shim_obj := $(patsubst guest/%,$(guest_o)/%.o,$(shim_src))

$(guest_o)/%.c.o: guest/%.c guest/guest.mk
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(shim_flags) $(shim_own) -c $< -o $@

-include $(shim_obj:.o=.d)

include guest/decoder.mk guest/calls.mk
include guest/linux.mk

include $(wildcard guest/*/*.mk)

$(guest_o)/shim/offsets.h: guest/shim/asm/offsets.c guest/guest.mk
	@mkdir -p $(@D)
	$(call say,GEN,$@)$(CC) $(filter-out -flto,$(shim_flags)) -MF $(@D)/offsets.d -MT $@ -S $< -o - | \
		sed -n 's/.*"->\([A-Z0-9_]*\) \$$\?\(-\?[0-9]*\)".*/#define \1 \2/p' > $@

$(guest_o)/shim/entry.S.o: guest/shim/entry.S $(guest_o)/shim/offsets.h guest/guest.mk
	$(call say,AS,$<)$(CC) -I$(guest_o)/shim -c $< -o $@

-include $(guest_o)/shim/offsets.d

# All files as one for the optimiser: the short ways go through many of them.
$(guest_o)/shim/c.o: $(shim_obj)
	$(call say,LD,$@)$(CC) -r -nostdlib $(shim_flags) $(shim_lto_link) -o $@ $^

# The image that vmm loads into each guest: as it is, and with symbols.
$(guest_o)/shim.debug: guest/shim/shim.ld $(guest_o)/shim/entry.S.o $(guest_o)/shim/c.o
	$(call say,LD,$@)$(LD) -static -nostdlib -z max-page-size=4096 -z noexecstack --gc-sections \
		--orphan-handling=error --build-id=none -T $< -o $@ $(filter %.o,$^)

$(guest_o)/shim.elf: $(guest_o)/shim.debug
	$(call say,STRIP,$@)objcopy --strip-all $< $@

.PHONY: shim-objects shim
shim-objects: $(shim_obj)
shim: $(guest_o)/shim.elf

# Host tests: what each is linked with. test/unit/unit.mk and test/fuzz/fuzz.mk use it.
GUEST_FLAGS := -iquote guest/include -iquote guest -iquote test
XEN_HEADERS ?= /usr/include
XEN_PUBLIC := $(if $(wildcard $(XEN_HEADERS)/xen/event_channel.h),public,absent)
UNIT_SRCS_xen_interface_test := test/unit/xen/$(XEN_PUBLIC).c
UNIT_FLAGS_xen_interface_test := $(GUEST_FLAGS) \
	$(if $(filter public,$(XEN_PUBLIC)),-isystem $(XEN_HEADERS))
SHIM_MEMORY := $(addprefix guest/shim/,walk.c track.c fill.c)
UNIT_SRCS_guest_walk_test := $(SHIM_MEMORY)
UNIT_FLAGS_guest_walk_test := $(GUEST_FLAGS) -pthread
UNIT_SRCS_guest_breakpoints_test := guest/shim/breakpoints.c
UNIT_FLAGS_guest_breakpoints_test := $(GUEST_FLAGS)
UNIT_SRCS_guest_entry_test := $(addprefix guest/shim/,frame.c handle.c time.c traps.c walk.c)
UNIT_FLAGS_guest_entry_test := $(GUEST_FLAGS)
UNIT_SRCS_guest_track_test := $(SHIM_MEMORY)
UNIT_FLAGS_guest_track_test := $(GUEST_FLAGS)
FUZZ_SRCS_guest_memory := $(SHIM_MEMORY)
FUZZ_FLAGS_guest_memory := $(GUEST_FLAGS)
FUZZ_RUNS_guest_memory := 30000
FUZZ_MAX_guest_memory := 2048
UNIT_SRCS_guest_drops_test := guest/shim/drops.c
UNIT_FLAGS_guest_drops_test := $(GUEST_FLAGS) -pthread
UNIT_SRCS_guest_space_test := test/unit/guest/views.c $(SHIM_MEMORY) $(addprefix guest/shim/,space.c drops.c)
UNIT_FLAGS_guest_space_test := -iquote test/unit/guest/place $(GUEST_FLAGS) -Itest/abi/stub -DL4SYS_USE_UTCB_WRAP
UNIT_SRCS_guest_large_test := $(UNIT_SRCS_guest_space_test)
UNIT_FLAGS_guest_large_test := $(UNIT_FLAGS_guest_space_test)
UNIT_SRCS_guest_space_less_test := $(UNIT_SRCS_guest_space_test)
UNIT_FLAGS_guest_space_less_test := $(UNIT_FLAGS_guest_space_test)
UNIT_SRCS_guest_events_test := guest/shim/events.c guest/shim/events_fifo.c test/unit/guest/channels.c
UNIT_SRCS_guest_fifo_test := $(UNIT_SRCS_guest_events_test)
UNIT_FLAGS_guest_events_test := $(GUEST_FLAGS)
UNIT_FLAGS_guest_fifo_test := $(GUEST_FLAGS) -pthread
UNIT_SRCS_guest_traps_test := guest/shim/traps.c guest/shim/time.c
UNIT_FLAGS_guest_traps_test := $(GUEST_FLAGS)
FUZZ_SRCS_guest_events := $(UNIT_SRCS_guest_events_test)
FUZZ_FLAGS_guest_events := $(GUEST_FLAGS)
FUZZ_RUNS_guest_events := 4000
FUZZ_MAX_guest_events := 512
