# SPDX-License-Identifier: MIT
# Rules for $(O)/kernel.elf. KDB=0 builds it without the kernel debugger.
KDB ?= 1

kernel_o := $(O)/kernel
kernel_flags := -std=gnu17 -O2 -g -Wall -Wextra -Werror -ffreestanding -fpie -fvisibility=hidden \
	-mgeneral-regs-only -mno-red-zone -fno-strict-aliasing -fno-asynchronous-unwind-tables \
	-fcf-protection=none -ffunction-sections \
	-fstack-protector-strong -mstack-protector-guard=tls -mstack-protector-guard-reg=gs \
	-mstack-protector-guard-offset=40 -include kernel/core/hidden.h -Ikernel -Iabi -I$(kernel_o) -MMD -MP
# Indirect branches go through the thunks of x86_64/thunks.S, which are not predicted.
kernel_flags += -fno-jump-tables $(if $(findstring clang,$(CC)),,-mindirect-branch=thunk-extern \
	-mindirect-branch-register -fno-align-jumps -fno-align-loops)

# Without vector registers nothing on the stack has to be aligned.
kernel_flags += $(if $(findstring clang,$(CC)),-mstack-alignment=8,-mpreferred-stack-boundary=3)

kernel_dirs := core mm obj x86_64
kernel_src := $(foreach d,$(kernel_dirs),$(wildcard kernel/$(d)/*.c kernel/$(d)/*.S))
kernel_src := $(filter-out kernel/x86_64/offsets.c,$(kernel_src))
kdb_src := $(if $(filter 0,$(KDB)),$(wildcard kernel/kdb/absent.c),$(filter-out kernel/kdb/absent.c,$(wildcard kernel/kdb/*.c)))
kernel_obj := $(patsubst kernel/%,$(kernel_o)/%.o,$(kernel_src) $(kdb_src))

include kernel/x86_64/font.mk

$(kernel_o)/offsets.h: kernel/x86_64/offsets.c kernel/kernel.mk
	@mkdir -p $(@D)
	$(call say,GEN,$@)$(CC) $(kernel_flags) -MT $@ -S -o $(@:.h=.s) $<
	@sed -n 's/.*"->\([A-Z0-9_]*\) \$$*\(-*[0-9]*\)".*/#define \1 \2/p' $(@:.h=.s) > $@

$(kernel_obj): $(kernel_o)/offsets.h

$(kernel_o)/x86_64/font.S.o: $(FONT)

# Registers that a function may normally not change. They are the user's in the first stage of a
# system call (core/syscall.h); nobody needs them where no function returns to another file.
preserved := rbx rbp r12 r13 r14 r15
first_stage := core/syscall core/vcpu_quick
never_return := core/syscall_whole core/resume core/vcpu_exit
gcc_only = $(if $(findstring clang,$(CC)),,$(1))
$(first_stage:%=$(kernel_o)/%.c.o): kernel_flags += $(call gcc_only,$(preserved:%=-ffixed-%))
$(never_return:%=$(kernel_o)/%.c.o): kernel_flags += $(call gcc_only,-ffixed-rbp \
	$(patsubst %,-fcall-used-%,$(filter-out rbp,$(preserved))))

# Functions begin where the processor likes to fetch only on the paths of IPC and vCPUs.
kernel_hot := $(first_stage) $(never_return)
$(filter-out $(kernel_hot:%=$(kernel_o)/%.c.o),$(kernel_obj)): kernel_flags += \
	$(call gcc_only,-fno-align-functions)

# What runs at the start, at the end, or when somebody debugs is made small.
kernel_small := mm/iospace $(addprefix x86_64/,special acpi cpufeat timer smp fbcon console serial mmio kmap desc power \
	panic backtrace walk stop msi context ioapic lapic) \
	$(addprefix core/,main memory print option insn_io symbols vcpu fault defer remote) \
	$(addprefix obj/,debugger objinfo platform vlog icu factory reply scheduler segment)
$(kernel_small:%=$(kernel_o)/%.c.o): kernel_flags += -Os

$(kernel_o)/%.c.o: kernel/%.c kernel/kernel.mk
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(kernel_flags) -c $< -o $@

$(kernel_o)/%.S.o: kernel/%.S kernel/kernel.mk
	@mkdir -p $(@D)
	$(call say,AS,$<)$(CC) $(kernel_flags) -Wa,-I$(O) -c $< -o $@

kernel_link = $(LD) -m elf_x86_64 -nostdlib -static --build-id=none -z noexecstack -z max-page-size=4096 \
	--gc-sections -T kernel/kernel.ld

# Two passes: the second one has the symbol table of the first.
$(kernel_o)/pass1.elf: kernel/kernel.ld $(kernel_obj)
	$(call say,LD,$@)$(kernel_link) $(kernel_obj) -o $@

$(kernel_o)/symbols.o: $(kernel_o)/pass1.elf tools/mksyms
	$(call say,GEN,$@)tools/mksyms $< > $(@:.o=.S)
	$(call say,AS,$@)$(CC) $(kernel_flags) -c $(@:.o=.S) -o $@

$(O)/kernel.elf: kernel/kernel.ld $(kernel_obj) $(kernel_o)/symbols.o
	$(call say,LD,$@)$(kernel_link) $(kernel_obj) $(kernel_o)/symbols.o -o $@

-include $(kernel_obj:.o=.d) $(kernel_o)/offsets.d
