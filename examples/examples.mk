# SPDX-License-Identifier: MIT
# Examples of the kernel alone: folders of examples/ whose name ends in -kernel, each a program that
# runs as the root task. Included by the top Makefile. The others are in programs.mk.
#
#   make run [E=hello] [M=pc CPU=max SMP=2 MEM=256]   E: entry of conf/modules.list, script (.cfg),
#   or one of these

E ?= hello
MEM ?= 256
ex_smp = $(if $(filter file,$(origin SMP)),2,$(SMP))
EX_NAMES := $(notdir $(patsubst %/,%,$(wildcard examples/*-kernel/)))
EX_PROGRAMS := $(EX_NAMES:%=$(O)/examples/%/program)
EX_BASE := 0x2000000
EX_CFLAGS := -std=gnu17 -O2 -g -ffreestanding -fno-pic -fno-pie -fno-stack-protector -mno-red-zone \
	-fcf-protection=none -fno-asynchronous-unwind-tables -Wall -Wextra -Werror -Iabi
EX_LDFLAGS := -nostdlib -static -no-pie -Wl,-z,max-page-size=4096 -Wl,-z,separate-code \
	-Wl,-z,noexecstack -Wl,--build-id=none -Wl,-Ttext-segment=$(EX_BASE)

ex_objs = $(patsubst %,$(O)/%.o,$(wildcard examples/$(1)/*.c) runtime/sigma0/string.c)
EX_OBJS := $(filter $(O)/examples/%,$(sort $(foreach n,$(EX_NAMES),$(call ex_objs,$(n)))))

$(EX_OBJS): $(O)/%.o: %
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(EX_CFLAGS) -MMD -MP -c -o $@ $<

.SECONDEXPANSION:
$(EX_PROGRAMS): $(O)/examples/%/program: $$(call ex_objs,$$*)
	$(call say,LD,$@)$(CC) $(EX_LDFLAGS) -o $@ $^

.PHONY: examples run-example run-root-task run-scenario image-file iso-file
examples: $(EX_PROGRAMS)

run-example: $(if $(filter $(E),$(EX_NAMES)),run-root-task,run-scenario)

run-scenario: $(O)/zwinger $(O)/sigma0 rom $(O)/host/lua
	@tools/check-scenario -o $(O) -m $(MEM) $(E)
	$(call say,QEMU,$(E))tools/run -o $(O) -M $(M) -c $(CPU) -s $(ex_smp) -m $(MEM) $(E)

# One file that boots: ELF for any Multiboot loader, ISO for BIOS and UEFI.
image_of = $(O)/images/$(notdir $(basename $(E)))
image-file: $(O)/zwinger $(O)/sigma0 rom $(O)/host/lua
	@tools/check-scenario -o $(O) -m $(MEM) $(E)
	@tools/image -o $(O) $(E) $(image_of).cpio
	@$(MAKE) --no-print-directory $(image_of).elf
	@echo 'Multiboot image: $(image_of).elf'

iso-file: $(O)/zwinger $(O)/sigma0 rom $(O)/host/lua
	@tools/check-scenario -o $(O) -m $(MEM) $(E)
	@tools/image -o $(O) $(E) $(image_of).iso
	@echo 'ISO image: $(image_of).iso'

# The serial line is the terminal; Ctrl-a x ends QEMU.
run-root-task: $(O)/zwinger $(O)/sigma0 $(O)/examples/$(E)/program
	$(call say,QEMU,examples/$(E))qemu-system-x86_64 -M $(M) -cpu $(CPU) -smp $(ex_smp) -m $(MEM) -nodefaults -vga none -nographic \
		-serial mon:stdio -no-reboot -kernel $(O)/zwinger \
		-initrd '$(O)/sigma0,$(O)/examples/$(E)/program'

-include $(EX_OBJS:.o=.d)
