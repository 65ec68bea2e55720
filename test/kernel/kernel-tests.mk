# SPDX-License-Identifier: MIT
# Programs that run on the kernel without a runtime: sigma0 and one test program a topic.
# Included by the top-level Makefile, which sets O (output folder) and CC.
#
#   make test T=ipc_basic [M=pc CPU=max SMP=4 CLOCK=host]   one test program
#   make check-kernel [JOBS=2]                   all of them in all configurations, by prove

M ?= pc
CPU ?= max
SMP ?= 1
JOBS ?= 2

KT_MACHINES := pc q35
KT_CPUS := qemu64 max
KT_SMP := 1 4
KT_TOPICS := $(sort $(patsubst test/kernel/%.c,%,$(wildcard test/kernel/*.c)))

# Further arguments of tools/run-test for a topic.
KT_RUN_vcon := --append=-serial_input --input=Zwinger
KT_RUN_icu := --qemu=-device --qemu=edu

# The machine's time. It is virtual unless a topic is listed here: an instruction takes a nanosecond,
# and the CPUs take turns, so a run does not depend on the load of the host and can be repeated. The
# listed ones have the host's time, so they wait for conditions (PATIENT_MS), never for times:
# with several CPUs, because these must really run at once (or compete for a lock without a pause, as
# a CPU whose turn never comes while the lock is free waits for ever); always, because somebody types.
KT_PARALLEL := debugger destroy garbage races smp view_vcpu
KT_HOST := vcon

KT_CFLAGS := -std=gnu17 -O2 -g -ffreestanding -fno-pic -fno-pie -fno-stack-protector -mno-red-zone \
	-fcf-protection=none -fno-asynchronous-unwind-tables -Wall -Wextra -Werror \
	-Iabi -Itest/kernel/lib -Iruntime/sigma0
KT_LDFLAGS := -nostdlib -static -Wl,-z,max-page-size=4096 -Wl,-z,separate-code \
	-Wl,-z,noexecstack -Wl,--build-id=none

SIGMA0_BASE := 0xe00000
KT_BASE := 0x2000000

SIGMA0_OBJS := $(patsubst %,$(O)/%.o,$(wildcard runtime/sigma0/*.c runtime/sigma0/*.S))
KT_LIB_OBJS := $(patsubst %,$(O)/%.o,$(wildcard test/kernel/lib/*.c) runtime/sigma0/string.c)
KT_OBJS := $(KT_TOPICS:%=$(O)/test/kernel/%.c.o)
KT_PROGRAMS := $(KT_TOPICS:%=$(O)/test/kernel/%)
KT_CONFIGS := $(foreach m,$(KT_MACHINES),$(foreach c,$(KT_CPUS),$(KT_SMP:%=$(m)-$(c)-%)))
KT_RUNS := $(foreach c,$(KT_CONFIGS),$(KT_TOPICS:%=$(O)/test/run/$(c)/%.t))

$(sort $(SIGMA0_OBJS) $(KT_LIB_OBJS) $(KT_OBJS)): $(O)/%.o: %
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(KT_CFLAGS) -MMD -MP -c -o $@ $<

$(O)/sigma0: $(SIGMA0_OBJS)
	$(call say,LD,$@)$(CC) $(KT_LDFLAGS) -Wl,-Ttext-segment=$(SIGMA0_BASE) -o $@ $^

$(KT_PROGRAMS): $(O)/test/kernel/%: $(O)/test/kernel/%.c.o $(KT_LIB_OBJS)
	$(call say,LD,$@)$(CC) $(KT_LDFLAGS) -Wl,-Ttext-segment=$(KT_BASE) -o $@ $^

kernel-tests: $(O)/sigma0 $(KT_PROGRAMS)
kernel-test-runs: $(O)/zwinger kernel-tests $(KT_RUNS)

# One line of shell a run, so that prove can run, name and time each by itself.
kt_clock = $(or $(CLOCK),$(if $(filter $(2),$(KT_HOST) $(if $(filter-out 1,$(1)),$(KT_PARALLEL))),\
	host,virtual))
kt_run = tools/run-test -M $(1) -c $(2) -s $(3) -C $(call kt_clock,$(3),$(4)) $(KT_RUN_$(4)) \
	$(O)/zwinger $(O)/sigma0 $(O)/test/kernel/$(4)
kt_word = $(word $(2),$(subst -, ,$(1)))
kt_config = $(notdir $(patsubst %/,%,$(dir $(1))))

$(KT_RUNS): test/kernel/kernel-tests.mk
	@mkdir -p $(@D)
	@echo '$(call kt_run,$(call kt_word,$(call kt_config,$@),1),$(call \
		kt_word,$(call kt_config,$@),2),$(call \
		kt_word,$(call kt_config,$@),3),$(basename $(notdir $@)))' > $@

test: $(O)/zwinger $(O)/sigma0 $(O)/test/kernel/$(T)
	$(call kt_run,$(M),$(CPU),$(SMP),$(T))

check-kernel: $(O)/zwinger kernel-tests $(KT_RUNS)
	prove -j$(JOBS) --exec sh $(KT_RUNS)

.PHONY: kernel-tests kernel-test-runs test check-kernel

-include $(SIGMA0_OBJS:.o=.d) $(KT_LIB_OBJS:.o=.d) $(KT_OBJS:.o=.d)
