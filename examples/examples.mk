# SPDX-License-Identifier: MIT
# Examples of the kernel alone: folders of examples/ whose name ends in -kernel, each a program that
# runs as the root task. Included by the top Makefile. The others are in programs.mk.
#
#   make run [E=linux] [M=pc CPU=max SMP=2 MEM=256]   E: entry of conf/modules.list, script (.cfg),
#   or one of these
#   ... QEMU_CPU= QEMU_MEM= QEMU_ARGS=   what QEMU gets as CPU model and MiB of memory, and more
#   ... ICOUNT=1                         the clock counts instructions
#   ... ESC=kdb                          with a Linux guest, too, ESC enters the kernel's debugger
#   ... GDB=PORT                         a debugger of the Linux guest can connect there
#   ... SERIAL=FILE                      unattended: the serial line goes into the file
#   ... MODULES_LIST=FILE MODULE_SEARCH_PATH=DIR:DIR QEMU_OPTIONS=   as in L4Re: another list, where
#   modules are, too, the same as QEMU_ARGS

E ?= linux
MEM ?= 256
ex_smp = $(if $(filter file,$(origin SMP)),2,$(SMP))
# A guest needs a QEMU without SMAP, which faults on what Linux does in user mode.
ex_comma := ,
ex_no_smap = $(if $(findstring smap,$(CPU)),,$(ex_comma)-smap)
ex_cpu = $(or $(QEMU_CPU),$(CPU)$(if $(linux_wanted),$(ex_no_smap)))
ex_linux_mem = $(shell expr $(guest_memory) + $(linux_beside) + $(linux_files_mib))
ex_mem = $(or $(QEMU_MEM),$(if $(linux_wanted),$(ex_linux_mem),$(MEM)))
MODULES_LIST ?= conf/modules.list
QEMU_ARGS ?= $(QEMU_OPTIONS)
ex_path = -l $(MODULES_LIST) $(patsubst %,-p %,$(subst :, ,$(MODULE_SEARCH_PATH)) \
	$(if $(linux_wanted),$(linux_run)))
ex_unattended = $(if $(SERIAL),-S '$(SERIAL)')
# The keys of a guest's shell are its own, ESC included.
ex_escape = $(if $(linux_wanted),$(if $(filter kdb,$(ESC)),,--append=-noesc))
# The second serial line: a debugger of the guest.
ex_gdb = $(if $(GDB),-serial tcp:127.0.0.1:$(GDB)$(ex_comma)server$(ex_comma)nowait)
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

listentries:
	@sed -nE 's/^(entry|title)(\[[^]]*\])? +//p' $(MODULES_LIST)

.PHONY: listentries examples run-example run-files run-root-task run-scenario image-file iso-file
examples: $(EX_PROGRAMS)

run-example: $(if $(filter $(E),$(EX_NAMES)),run-root-task,run-scenario)

# Programs of the entry; what nobody builds is missed by the checker.
entry_programs = $(addprefix $(O)/rom/,$(filter $(rt_programs),$(shell tools/entry-modules \
	-l $(MODULES_LIST) $(E))))
entry_files = $(O)/zwinger $(O)/sigma0 $(O)/host/lua $(entry_programs) $(if $(linux_wanted),linux-files)

run-files: $(if $(filter $(E),$(EX_NAMES)),$(O)/zwinger $(O)/sigma0 $(O)/examples/$(E)/program,$$(entry_files))
	@:

run-scenario: $$(entry_files)
	@tools/check-scenario -o $(O) $(ex_path) -m $(ex_mem) $(E)
	$(call say,QEMU,$(E))tools/run -o $(O) $(ex_path) -M $(M) -c $(ex_cpu) -s $(ex_smp) -m $(ex_mem) \
		$(ex_unattended) $(if $(ICOUNT),-I) $(ex_escape) $(E) -- $(ex_gdb) $(QEMU_ARGS)

# One file that boots: ELF for any Multiboot loader, ISO for BIOS and UEFI.
image_of = $(O)/images/$(notdir $(basename $(E)))
image-file: $$(entry_files)
	@tools/check-scenario -o $(O) $(ex_path) -m $(ex_mem) $(E)
	@tools/image -o $(O) $(ex_path) $(E) $(image_of).cpio
	@$(MAKE) --no-print-directory $(image_of).elf
	@echo 'Multiboot image: $(image_of).elf'

iso-file: $$(entry_files)
	@tools/check-scenario -o $(O) $(ex_path) -m $(ex_mem) $(E)
	@tools/image -o $(O) $(ex_path) $(E) $(image_of).iso
	@echo 'ISO image: $(image_of).iso'

# The serial line is the terminal; Ctrl-a x ends QEMU.
run-root-task: $(O)/zwinger $(O)/sigma0 $(O)/examples/$(E)/program
	$(call say,QEMU,examples/$(E))qemu-system-x86_64 -M $(M) -cpu $(ex_cpu) -smp $(ex_smp) -m $(ex_mem) -nodefaults -vga none -nographic \
		-serial $(if $(SERIAL),'file:$(SERIAL)' -monitor none,mon:stdio) -no-reboot \
		$(if $(ICOUNT),-icount shift=0$(ex_comma)sleep=off) $(QEMU_ARGS) -kernel $(O)/zwinger \
		-initrd '$(O)/sigma0,$(O)/examples/$(E)/program'

-include $(EX_OBJS:.o=.d)
