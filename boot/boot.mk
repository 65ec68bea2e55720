# SPDX-License-Identifier: MIT
# Rules for the boot images $(O)/zwinger (Multiboot 1 and 2) and $(O)/zwinger.pvh (PVH).
# Included by the top-level Makefile; also works alone: make -f boot/boot.mk O=DIR
O ?= build
CC ?= gcc
LD := ld.bfd
OBJCOPY ?= objcopy
include tools/quiet.mk

# Physical address of the boot image, and of its 64-bit part.
BOOT_BASE ?= 0x1000000
STAGE64_BASE := $(BOOT_BASE)+0x10000

boot_o := $(O)/boot
boot_flags := -std=gnu17 -O2 -g -Wall -Wextra -Werror -ffreestanding -fno-pic -fno-pie \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none \
	-fno-strict-aliasing -mgeneral-regs-only -Iboot -Iabi -I. -MMD -MP
boot_flags64 := $(boot_flags) -m64 -mno-red-zone -mcmodel=small
boot_flags32 := $(boot_flags) -m32 -march=i386

boot_src64 := main.c params.c multiboot1.c multiboot2.c pvh.c cmdline.c options.c console.c \
	screen.c trap.c lib.c identity.c rsdp.c memmap.c place.c modules.c modlist.c cpio.c \
	elf64.c programs.c kernel.c kip.c paging.c
boot_src32 := check32.c cmdline.c options.c console.c
boot_obj64 := $(boot_src64:%.c=$(boot_o)/%.o) $(boot_o)/start64.o
boot_obj32 := $(boot_src32:%.c=$(boot_o)/%.32.o) $(boot_o)/entry.32.o

.PHONY: boot
boot: $(O)/zwinger $(O)/zwinger.pvh

$(boot_o)/%.o: boot/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(boot_flags64) -c $< -o $@

$(boot_o)/%.o: boot/%.S
	@mkdir -p $(@D)
	$(call say,AS,$<)$(CC) $(boot_flags64) -c $< -o $@

$(boot_o)/%.32.o: boot/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(boot_flags32) -c $< -o $@

$(boot_o)/%.32.o: boot/%.S
	@mkdir -p $(@D)
	$(call say,AS,$<)$(CC) $(boot_flags32) "-DSTAGE64_BASE=($(STAGE64_BASE))" -Wa,-I$(boot_o),-I$(O) -c $< -o $@

$(boot_o)/stage64.elf: boot/stage64.ld $(boot_obj64)
	$(call say,LD,$@)$(LD) -m elf_x86_64 -nostdlib --build-id=none -z noexecstack --no-warn-rwx-segments \
		--defsym 'STAGE64_BASE=$(STAGE64_BASE)' -T $< $(boot_obj64) -o $@

$(boot_o)/stage64.bin: $(boot_o)/stage64.elf
	$(call say,OBJCOPY,$@)$(OBJCOPY) -O binary $< $@

$(boot_o)/entry.32.o: $(boot_o)/stage64.bin $(O)/kernel.elf

boot_link = $(LD) -m elf_i386 -nostdlib --build-id=none -z noexecstack --no-warn-rwx-segments \
	--defsym 'BOOT_BASE=$(BOOT_BASE)' --defsym 'STAGE64_BASE=$(STAGE64_BASE)' \
	-T $(filter %.ld,$^) $(filter %.o,$^)

$(O)/zwinger: boot/image.ld $(boot_o)/headers.32.o $(boot_obj32)
	$(call say,LD,$@)$(boot_link) -o $@

# One bootable file: the image with an archive of modules (tools/image) inside.
$(O)/images/%.modules.o: $(O)/images/%.cpio
	$(call say,OBJCOPY,$@)$(OBJCOPY) -I binary -O elf32-i386 \
		--rename-section .data=.modules,alloc,load,readonly,data,contents $< $@

.PRECIOUS: $(O)/images/%.modules.o
$(O)/images/%.elf: boot/image.ld $(boot_o)/headers.32.o $(boot_obj32) $(O)/images/%.modules.o
	$(call say,LD,$@)$(boot_link) -o $@

$(O)/zwinger.pvh: boot/image.ld $(boot_obj32)
	$(call say,LD,$@)$(boot_link) -e pvh_start -o $@

-include $(wildcard $(boot_o)/*.d)
