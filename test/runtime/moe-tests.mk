# SPDX-License-Identifier: MIT
# Tests of moe: each program is given to it as the init program, so it is moe's only client.
#
#   make test-moe T=dataspace [M=pc CPU=max SMP=1]

MT_TOPICS := $(sort $(patsubst test/runtime/moe_%.c,%,$(wildcard test/runtime/moe_*.c)))
MT_CFLAGS := -std=gnu17 -O2 -g -ffreestanding -fno-pic -fno-pie -fno-stack-protector -mno-red-zone \
	-fcf-protection=none -fno-omit-frame-pointer -fno-asynchronous-unwind-tables -Wall -Wextra \
	-Werror -Iabi -Iruntime/include -Iruntime/lib -Itest/runtime/moe -Itest/kernel/lib \
	-Iruntime/sigma0 -Itest/runtime/moe/include
mt_o := $(O)/test/runtime/moe
mt_lib := $(patsubst %.c,$(mt_o)/%.o,$(wildcard test/runtime/moe/*.c runtime/lib/wire/*.c \
	runtime/lib/loader/*.c) \
	test/kernel/lib/tap.c test/kernel/lib/text.c runtime/sigma0/string.c)
MT_PROGRAMS := $(MT_TOPICS:%=$(O)/rom/test-moe-%)

$(mt_lib) $(MT_TOPICS:%=$(mt_o)/test/runtime/moe_%.o): $(mt_o)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(MT_CFLAGS) -MMD -MP -c -o $@ $<

$(MT_PROGRAMS): $(O)/rom/test-moe-%: $(mt_o)/test/runtime/moe_%.o $(mt_lib)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(KT_LDFLAGS) -Wl,-Ttext-segment=0x400000 -o $@ $^

moe-tests: $(O)/zwinger $(O)/sigma0 $(O)/rom/moe $(MT_PROGRAMS)

# Programs that a test starts besides itself.
MT_MODULES_examples := $(patsubst %,$(O)/rom/%,hello $(addprefix ex_,aliens dataspace event irq log \
	namespace shmc_cons shmc_prod singlestep start_with_exc utcb_ipc vcpu))
moe-tests: $(MT_MODULES_examples)

mt_run = tools/run-test -M $(M) -c $(CPU) -s $(SMP) -x $(O)/rom/test-moe-$(1) \
	$(MT_MODULES_$(1):%=-x %) \
	$(O)/zwinger $(O)/sigma0 '$(O)/rom/moe --init=rom/test-moe-$(1) $(MT_ARGS_$(1))'

test-moe: $(O)/zwinger $(O)/sigma0 $(O)/rom/moe $(O)/rom/test-moe-$(T) $(MT_MODULES_$(T))
	$(call mt_run,$(T))

.PHONY: moe-tests test-moe

-include $(shell find $(mt_o) -name '*.d' 2>/dev/null)
