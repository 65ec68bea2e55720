# SPDX-License-Identifier: MIT
# make bench E=set      measure; a set is a file bench/SET.goals. Without E: all sets.
#                       PARALLEL=1: pairs on two CPUs also in real time (two idle host CPUs)
#
# Results: one table on the terminal, and $(O)/bench/SET.json. All runs are of a kernel without
# debugger that is built apart, whatever $(O) holds.
BENCH_SETS := $(patsubst bench/%.goals,%,$(wildcard bench/*.goals))
bench_sets := $(if $(filter command environment,$(firstword $(origin E))),$(E),$(BENCH_SETS))

, := ,
bench_o := $(O)/bench
bench_k := $(bench_o)/system
bench_flags := $(KT_CFLAGS) -Ibench/lib
BENCH_BASE := $(KT_BASE)

bench_programs := ipc latency pairs
bench_src := $(wildcard $(foreach d,lib $(bench_programs),bench/$(d)/*.c))
bench_obj := $(bench_src:%=$(O)/%.o)
bench_lib := $(patsubst %,$(O)/%.o,$(wildcard bench/lib/*.c)) $(KT_LIB_OBJS)

# Kernel and boot image.
bench-system:
	@$(MAKE) --no-print-directory O=$(bench_k) KDB=0 MEASURE=0 boot

$(bench_obj): $(O)/%.c.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(bench_flags) -MMD -MP -c -o $@ $<

$(bench_o)/root_start.o: bench/lib/start.S
	@mkdir -p $(@D)
	$(call say,AS,$<)$(CC) $(bench_flags) '-DSTAMP=first_tsc_root(%rip)' -c -o $@ $<

$(bench_o)/sigma0_start.o: bench/lib/start.S
	@mkdir -p $(@D)
	$(call say,AS,$<)$(CC) $(bench_flags) '-DSTAMP=first_tsc_sigma0' -c -o $@ $<

# $(call bench_program,NAME,further objects,further arguments of the linker)
define bench_program
$(bench_o)/$(1).elf: $(patsubst %,$(O)/%.o,$(wildcard bench/$(1)/*.c)) $(2) $(bench_lib)
	$$(call say,LD,$$@)$$(CC) $$(KT_LDFLAGS) -Wl,-Ttext-segment=$(BENCH_BASE) $(3) -o $$@ $$^
endef
$(eval $(call bench_program,ipc,$(bench_o)/root_start.o,-Wl$(,)-e$(,)bench_start))
$(eval $(call bench_program,latency))
$(eval $(call bench_program,pairs))

$(bench_o)/plain-sigma0: $(O)/sigma0
	@mkdir -p $(@D)
	@cp $< $@

# The real sigma0, which first notes the time in the image of the benchmark.
$(bench_o)/sigma0: $(bench_o)/ipc.elf $(bench_o)/sigma0_start.o $(SIGMA0_OBJS)
	$(call say,LD,$@)$(CC) $(KT_LDFLAGS) -Wl,-Ttext-segment=$(SIGMA0_BASE) -Wl,-e,bench_start -o $@ \
		-Wl,--defsym,first_tsc_sigma0=0x$$(nm $< | sed -n 's/ . first_tsc_sigma0$$//p') \
		$(filter-out $<,$^)

# Plugin of QEMU: what the instructions of the kernel are.
$(bench_o)/insncount.so: bench/insncount.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) -O2 -Wall -Wextra -Werror -shared -fPIC -o $@ $<

# What a clean machine lacks is installed first, so the work is in a make of its own.
bench: deps-bench
	@rm -f $(bench_sets:%=$(bench_o)/%.json)
	@$(MAKE) --no-print-directory bench-sets

bench-sets: $(bench_sets:%=bench-%)

bench-ipc: bench-system $(bench_o)/sigma0 $(bench_o)/plain-sigma0 $(bench_programs:%=$(bench_o)/%.elf) $(bench_o)/insncount.so
	@tools/bench --system $(bench_k) --programs $(bench_o) \
		--goals bench/ipc.goals --json $(bench_o)/ipc.json --profile $(bench_o)/ipc.profile \
		$(if $(PARALLEL),--parallel)

.PHONY: bench bench-sets bench-system $(BENCH_SETS:%=bench-%)

include bench/runtime/programs.mk
include bench/linux/linux.mk

-include $(bench_obj:.o=.d)
