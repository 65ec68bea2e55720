# SPDX-License-Identifier: MIT
# vmm, the program that runs a paravirtual guest. Included by guest/guest.mk.

vmm_pure := $(addprefix guest/vmm/,builder.c console.c image.c kernel.c options.c patch.c unpack.c)
vmm_cflags = -D_GNU_SOURCE -iquote guest/include -iquote guest $(filter -I%,$(decompress_cflags)) \
	-DSHIM_ELF='"$(guest_o)/shim.elf"'
$(call program,vmm,$(vmm_pure) $(addprefix guest/vmm/,area.c crash.c guest.c main.c memory.c \
	service.c shim.c shim_image.S threads.c),server wire l4re util zlib lzma lz4 zstd)
$(call rt_obj,$(filter %.c,$(vmm_pure))): | $(decompress_headers)
$(rt_o)/guest/vmm/shim_image.S.o: $(guest_o)/shim.elf
$(call rt_obj,guest/vmm/unpack.c): | $(decompress_sources)
