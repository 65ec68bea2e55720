# SPDX-License-Identifier: MIT
# Images for test/boot/run.sh: the boot stage with a test kernel, and stand-in programs.
# make -f test/boot/test.mk O=DIR; everything goes to $(O).
O ?= build/test/boot
include boot/boot.mk

test_flags := -std=gnu17 -O2 -g -Wall -Wextra -Werror -ffreestanding -fpie -mcmodel=small \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none -mno-red-zone \
	-mgeneral-regs-only -Iabi -I. -Itest/boot -MMD -MP
test_programs := sigma0 root root.pie sigma0.pie root.clash root.stage sigma0.high root.nowhere
test_link := $(LD) -nostdlib --build-id=none -z noexecstack -z max-page-size=4096

.DEFAULT_GOAL := images
.PHONY: images
images: boot $(test_programs:%=$(O)/%) $(O)/mod1 $(O)/mod2 $(O)/mod3 $(O)/modules.cpio \
	$(O)/bad/zwinger

$(O)/%.o: test/boot/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(test_flags) -c $< -o $@

$(O)/%.o: test/boot/%.S
	@mkdir -p $(@D)
	$(call say,AS,$<)$(CC) $(test_flags) -c $< -o $@

$(O)/kernel.elf: test/boot/kernel.ld $(O)/kernel.o $(O)/test.o
	$(call say,LD,$@)$(test_link) -no-pie -T $^ -o $@

# Programs at the usual fixed addresses, position independent ones, and ones that cannot be.
$(O)/sigma0: link_flags := -Ttext-segment=0x100000
$(O)/root: link_flags := -Ttext-segment=0x140000
$(O)/root.clash: link_flags := -Ttext-segment=0x101000
$(O)/root.stage: link_flags := -Ttext-segment=0x1000000
$(O)/root.nowhere: link_flags := -Ttext-segment=0xe0000000
$(O)/sigma0.high: link_flags := -Ttext-segment=0x1060000
$(O)/root.pie $(O)/sigma0.pie: link_flags := -pie --no-dynamic-linker -z notext
$(test_programs:%=$(O)/%): $(O)/program.o
	$(call say,LD,$@)$(test_link) $(link_flags) $< -o $@

# Module N: bytes computed from their position and N.
$(O)/mod1: bytes := 5000
$(O)/mod2: bytes := 1234567
$(O)/mod3: bytes := 4096
$(O)/mod%: test/boot/pattern.py
	$(call say,GEN,$@)python3 $< $* $(bytes) $@

$(O)/modules.list: test/boot/test.mk
	@printf 'mod1 arg\nroot -x\nmod2 arg\nmod3 arg\n' >$@

cpio_files := $(addprefix $(O)/,sigma0 modules.list root mod1 mod2 mod3)
$(O)/modules.cpio: test/boot/mkcpio.py $(cpio_files)
	$(call say,GEN,$@)python3 $< $@ $(cpio_files)

# The same boot stage with something that is no kernel.
$(O)/bad/zwinger: $(O)/zwinger
	@mkdir -p $(@D)
	@printf 'no kernel' >$(@D)/kernel.elf
	@$(MAKE) --no-print-directory -f boot/boot.mk O=$(O)/bad $@

-include $(wildcard $(O)/*.d)
