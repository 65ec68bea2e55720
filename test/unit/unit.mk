# SPDX-License-Identifier: MIT
# Host unit tests (cmocka, sanitizers). Included by the top Makefile, which sets O (build
# folder). UNIT_SRCS_<name>: what test/unit/<name>.c is linked with. UNIT_FLAGS_<name>: more flags.

HOSTCC ?= gcc
UNIT_O := $(O)/test/unit
UNIT_CFLAGS := -std=gnu17 -O1 -g -Wall -Wextra -Werror -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=all
UNIT_INCLUDES := -Itest/unit/host -Ikernel -Iabi

PANIC_HOST := test/unit/host/panic_host.c
ARENA_HOST := $(PANIC_HOST) test/unit/host/arena_host.c
KMEM_SRCS := kernel/mm/quota.c kernel/mm/buddy.c kernel/mm/slab.c
MAPDB_SRCS := $(addprefix kernel/mm/,mapnode.c mapop.c revoke.c map.c unmap.c space.c iospace.c) \
	kernel/x86_64/pagetable.c
HOST_SRCS := $(PANIC_HOST) test/unit/host/kernel_host.c
HOST_MAPDB_SRCS := $(HOST_SRCS) $(addprefix test/unit/host/,kmem_host.c mapcheck.c) \
	kernel/mm/quota.c $(MAPDB_SRCS)

UNIT_SRCS_quota_test := test/unit/host/kmem_host.c kernel/mm/quota.c
UNIT_SRCS_buddy_test := $(ARENA_HOST) $(KMEM_SRCS)
UNIT_SRCS_slab_test := $(ARENA_HOST) $(KMEM_SRCS)
UNIT_SRCS_pagetable_test := $(HOST_MAPDB_SRCS)
UNIT_SRCS_mapdb_test := $(HOST_MAPDB_SRCS)
UNIT_SRCS_mapdb_limits_test := $(HOST_MAPDB_SRCS)
UNIT_SRCS_iospace_test := $(HOST_MAPDB_SRCS)

UNIT_SRCS_memmap_test := boot/memmap.c
UNIT_SRCS_symbols_test := kernel/core/symbols.c
UNIT_SRCS_kdb_line_test := kernel/kdb/line.c
UNIT_FLAGS_memmap_test := -Iboot
UNIT_SRCS_sigma0_regions_test := $(addprefix runtime/sigma0/,regions.c descriptors.c)
UNIT_FLAGS_sigma0_regions_test := -Iruntime
WIRE_SRCS := $(addprefix runtime/lib/wire/,in.c out.c call.c)
WIRE_FLAGS := -Iruntime/lib -Itest/abi/stub -DL4SYS_USE_UTCB_WRAP
UNIT_SRCS_wire_test := $(WIRE_SRCS)
UNIT_FLAGS_wire_test := $(WIRE_FLAGS)
UNIT_SRCS_l4re_test := $(WIRE_SRCS) runtime/lib/util/sleep.c $(addprefix runtime/lib/l4re/, \
	cap_alloc.c dataspace.c debug.c foreign.c kumem_alloc.c mem_alloc.c namespace.c rm.c)
UNIT_FLAGS_l4re_test := -Iruntime/include $(WIRE_FLAGS)
UNIT_SRCS_cap_alloc_test := runtime/lib/l4re/cap_alloc.c
UNIT_FLAGS_cap_alloc_test := -Iruntime/include $(WIRE_FLAGS) -pthread
UNIT_SRCS_shmc_test := $(wildcard runtime/lib/shmc/*.c) $(WIRE_SRCS) runtime/lib/util/sleep.c \
	$(addprefix runtime/lib/l4re/,cap_alloc.c dataspace.c debug.c foreign.c mem_alloc.c \
	namespace.c rm.c)
UNIT_FLAGS_shmc_test := -Iruntime/include $(WIRE_FLAGS)
UNIT_SRCS_l4util_test := $(addprefix runtime/lib/util/,base64.c human_readable.c keymap.c \
	list_alloc.c parse_cmd.c spin.c)
UNIT_FLAGS_l4util_test := -Iruntime/include $(WIRE_FLAGS)
UNIT_SRCS_server_test := $(WIRE_SRCS) $(addprefix runtime/lib/server/,dispatch.c loop.c objects.c)
UNIT_FLAGS_server_test := $(WIRE_FLAGS)
UNIT_SRCS_loader_elf_test := runtime/lib/loader/elf.c
UNIT_FLAGS_loader_elf_test := -Iruntime/lib
UNIT_SRCS_loader_stack_test := runtime/lib/loader/stack.c
UNIT_FLAGS_loader_stack_test := -Iruntime/lib -Iruntime/include

# What is linked for real takes the place of the stand-ins in cpu_host.c.
CPU_HOST := $(PANIC_HOST) test/unit/host/cpu_host.c kernel/core/heap.c
UNIT_SRCS_heap_test := kernel/core/heap.c
UNIT_SRCS_captab_test := kernel/core/captab.c kernel/mm/quota.c \
	test/unit/host/kmem_host.c $(ARENA_HOST)
UNIT_SRCS_kobject_test := kernel/core/kobject.c kernel/core/captab.c kernel/mm/quota.c \
	test/unit/host/kmem_host.c $(CPU_HOST)
UNIT_SRCS_reply_test := kernel/obj/reply.c kernel/mm/quota.c test/unit/host/kmem_host.c $(CPU_HOST)
UNIT_FLAGS_reply_test := -pthread
UNIT_SRCS_ready_queue_test := kernel/core/sched.c kernel/core/resume.c $(CPU_HOST)
UNIT_SRCS_timeout_test := kernel/core/time.c $(CPU_HOST)
UNIT_SRCS_memory_test := kernel/core/memory.c $(PANIC_HOST)
UNIT_SRCS_insn_io_test := kernel/core/insn_io.c
UNIT_SRCS_print_test := kernel/core/print.c
UNIT_SRCS_option_test := kernel/core/option.c
UNIT_SRCS_acpi_test := kernel/x86_64/acpi.c

UNIT_TESTS := $(patsubst test/unit/%.c,%,$(wildcard test/unit/*_test.c))
UNIT_HEADERS = $(wildcard kernel/*/*.h kernel/*.h test/unit/host/*.h test/unit/host/*/*.h runtime/lib/*/*.h \
	guest/include/*/*.h guest/*/*.h test/unit/xen/*.h test/unit/guest/*.h test/unit/guest/*/*/*.h)

.PHONY: unit-tests unit-check
unit-tests: $(addprefix $(UNIT_O)/,$(UNIT_TESTS))

# Each test program writes TAP.
unit-check: unit-tests
	@set -e; for t in $(UNIT_TESTS); do CMOCKA_MESSAGE_OUTPUT=TAP $(UNIT_O)/$$t; done

# Evaluated late, so that fragments included after this one can add to the table.
.SECONDEXPANSION:
$(addprefix $(UNIT_O)/,$(UNIT_TESTS)): $(UNIT_O)/%: test/unit/%.c $$(UNIT_SRCS_$$*) $(UNIT_HEADERS)
	@mkdir -p $(@D)
	$(call say,HOSTCC,$@)$(HOSTCC) $(UNIT_CFLAGS) $(UNIT_FLAGS_$*) $(UNIT_INCLUDES) -o $@ $< $(UNIT_SRCS_$*) -lcmocka
