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

ifeq ($(wildcard guest/shim/*.ld),)
$(guest_o)/shim.elf: guest/vmm/first/shim.c
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(filter-out -MMD -MP,$(shim_flags)) -Iabi -nostdlib -static -no-pie \
		-Wl,-N,--section-start=.entry=0xffff820000001000,--build-id=none,-e,first -mcmodel=large -o $@ $<
endif
