# SPDX-License-Identifier: MIT
# vmm, the program that runs a paravirtual guest. Included by guest/guest.mk.

vmm_gdb := gdb.c gdb_extended.c gdb_hardware.c gdb_memory.c gdb_packet.c gdb_registers.c
vmm_pure := $(addprefix guest/vmm/,alternatives.c balloon.c builder.c console.c $(vmm_gdb) image.c \
	kallsyms.c kernel.c options.c patch.c store.c store_tree.c symbols.c unpack.c) guest/shim/walk.c
vmm_cflags = -D_GNU_SOURCE -iquote guest/include -iquote guest $(filter -I%,$(decompress_cflags)) \
	-DSHIM_ELF='"$(guest_o)/shim.elf"'
$(call program,vmm,$(vmm_pure) $(addprefix guest/vmm/,area.c control.c crash.c debug.c file.c \
	guest.c life.c main.c memory.c service.c shim.c shim_image.S threads.c),server wire l4re util zlib lzma lz4 zstd)
$(call rt_obj,$(filter %.c,$(vmm_pure))): | $(decompress_headers)
$(rt_o)/guest/vmm/shim_image.S.o: $(guest_o)/shim.elf
# Tens of megabytes: the library works by words, -Os by bytes in place; what is searched, quickly.
$(call rt_obj,guest/vmm/memory.c guest/vmm/kernel.c): rt_own += -fno-builtin-memset -fno-builtin-memcpy
$(call rt_obj,guest/vmm/patch.c): rt_own += -O2
$(call rt_obj,guest/vmm/unpack.c): | $(decompress_sources)

# Host tests of the pure parts.
VMM_IMAGE := $(addprefix guest/vmm/,image.c unpack.c)
VMM_FLAGS = $(GUEST_FLAGS) -D_GNU_SOURCE $(filter -I%,$(decompress_cflags))
UNIT_SRCS_vmm_image_test := $(VMM_IMAGE) $(O)/host/libdecompress.a
UNIT_FLAGS_vmm_image_test = $(VMM_FLAGS)
UNIT_SRCS_vmm_kernel_test := $(addprefix guest/vmm/,kernel.c patch.c)
UNIT_SRCS_vmm_alternatives_test := $(addprefix guest/vmm/,alternatives.c kernel.c)
UNIT_FLAGS_vmm_alternatives_test = $(VMM_FLAGS)
UNIT_FLAGS_vmm_kernel_test = $(VMM_FLAGS)
UNIT_SRCS_vmm_builder_test := guest/vmm/builder.c
UNIT_FLAGS_vmm_builder_test = $(VMM_FLAGS)
UNIT_SRCS_vmm_console_test := $(addprefix guest/vmm/,console.c options.c)
UNIT_FLAGS_vmm_console_test = $(VMM_FLAGS)
FUZZ_SRCS_vmm_image := $(VMM_IMAGE) $(O)/host/libdecompress.a
FUZZ_FLAGS_vmm_image = $(VMM_FLAGS)
FUZZ_RUNS_vmm_image := 20000
FUZZ_MAX_vmm_image := 2048
FUZZ_SRCS_vmm_kernel := $(addprefix guest/vmm/,alternatives.c builder.c kernel.c patch.c)
FUZZ_FLAGS_vmm_kernel = $(VMM_FLAGS)
FUZZ_RUNS_vmm_kernel := 20000
FUZZ_MAX_vmm_kernel := 256
UNIT_SRCS_vmm_gdb_test := $(addprefix guest/vmm/,$(vmm_gdb))
UNIT_FLAGS_vmm_gdb_test = $(VMM_FLAGS)
UNIT_SRCS_vmm_extended_test := guest/vmm/gdb_extended.c
UNIT_FLAGS_vmm_extended_test = $(VMM_FLAGS)
FUZZ_SRCS_vmm_gdb := $(addprefix guest/vmm/,$(vmm_gdb))
FUZZ_FLAGS_vmm_gdb = $(VMM_FLAGS)
FUZZ_RUNS_vmm_gdb := 50000
FUZZ_MAX_vmm_gdb := 2048
UNIT_SRCS_vmm_store_test := $(addprefix guest/vmm/,store.c store_tree.c)
UNIT_FLAGS_vmm_store_test = $(VMM_FLAGS)
FUZZ_SRCS_vmm_store := $(addprefix guest/vmm/,store.c store_tree.c)
FUZZ_FLAGS_vmm_store = $(VMM_FLAGS)
FUZZ_RUNS_vmm_store := 20000
FUZZ_MAX_vmm_store := 4096
UNIT_SRCS_vmm_kallsyms_test := guest/vmm/kallsyms.c
UNIT_FLAGS_vmm_kallsyms_test = $(VMM_FLAGS)
UNIT_SRCS_vmm_symbols_test := guest/vmm/symbols.c
UNIT_FLAGS_vmm_symbols_test = $(VMM_FLAGS)
UNIT_SRCS_vmm_balloon_test := guest/vmm/balloon.c
UNIT_FLAGS_vmm_balloon_test = $(VMM_FLAGS)
