# SPDX-License-Identifier: MIT
# Tests with guests: the scenarios test/guest/*.cfg, and guest kernels of our own, test/guest/*.S and
# *.c, which are $(O)/rom/guest-NAME. Each scenario writes TAP (test/tap.lua). Tests with Linux are in
# linux.py and torture.py, programs for it in user, user32.
#
#   make test-guest T=vmm_hello [M=pc CPU=max SMP=1]

gt_o := $(O)/guest/test
gt_kernels := $(basename $(notdir $(wildcard test/guest/*.S test/guest/*.c)))
gt_lib := $(gt_o)/lib/start.o $(gt_o)/lib/kernel.o
gt_rom := $(addprefix $(O)/rom/,moe ned hello uart vmm vmctl $(gt_kernels:%=guest-%))
gt_flags := -std=gnu17 -O1 -g -Wall -Wextra -Werror -ffreestanding -mcmodel=kernel -fno-pie \
	-mgeneral-regs-only -mno-red-zone -fcf-protection=none -fno-stack-protector \
	-fno-asynchronous-unwind-tables -iquote guest/include -iquote test/guest -Iabi -MMD -MP

$(gt_o)/%.o: test/guest/%.S
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(gt_flags) -c -o $@ $<
$(gt_o)/%.o: test/guest/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(gt_flags) -c -o $@ $<

# Those in C have the library. The sources of one that is large are in a folder of its name.
$(patsubst test/guest/%.c,$(O)/rom/guest-%,$(wildcard test/guest/*.c)): $(gt_lib)
$(O)/rom/guest-worst: $(patsubst test/guest/%.c,$(gt_o)/%.o,$(wildcard test/guest/worst/*.c))
$(gt_kernels:%=$(O)/rom/guest-%): $(O)/rom/guest-%: $(gt_o)/%.o test/guest/kernel.ld
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LD) -nostdlib -static -z max-page-size=4096 -z noexecstack \
		--build-id=none --no-warn-rwx-segments $(gt_place) -T test/guest/kernel.ld -o $@ $(filter %.o,$^)
# Where vmm unpacks most files, and so that it cannot be moved from there.
$(O)/rom/guest-low: gt_place := --defsym=place=0xffffffff80e02000

-include $(wildcard $(gt_o)/*.d $(gt_o)/*/*.d)

# Programs that run in a Linux guest: one of 64 bit, and one of 32 bit without a library.
gt_user_flags := -std=gnu17 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Werror -MMD -MP
gt_user := $(gt_o)/user/user $(gt_o)/user/user32 $(gt_o)/linux/load

$(gt_o)/user/%.o: test/guest/user/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(gt_user_flags) -c -o $@ $<
$(gt_o)/user/user: $(patsubst test/guest/%.c,$(gt_o)/%.o,$(wildcard test/guest/user/*.c))
	$(call say,LD,$@)$(CC) -static -no-pie -pthread -o $@ $^
$(gt_o)/user/user32: test/guest/user32/user32.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(gt_user_flags) -m32 -ffreestanding -fno-pie -no-pie -nostdlib -static \
		-fno-omit-frame-pointer -fno-stack-protector -fcf-protection=none -MT $@ -o $@ $<

$(gt_o)/linux/load: test/guest/linux/load.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(gt_user_flags) -static -no-pie -pthread -MT $@ -o $@ $<

# What Linux guests do in test/guest/torture.py: packages of the distribution, a program's source.
gt_packages := $(O)/packages
gt_tools := $(gt_packages)/stress-ng.version $(gt_packages)/tcc.version
$(gt_packages)/stress-ng.version: tools/fetch-package tools/apt.py
	$(call say,FETCH,stress-ng)tools/fetch-package -o $(@D) -f '^(zlib1g|lib(?!x11|xcb|egl-|drm-c))' stress-ng
	@touch $@
$(gt_packages)/tcc.version: tools/fetch-package tools/apt.py
	$(call say,FETCH,tcc)tools/fetch-package -o $(@D) -f '^(libc6|linux-libc-dev)$$' tcc libc6-dev
	@touch $@

.PHONY: guest-tests test-guest torture-files
torture-files: $(gt_tools) $(lua_source)/.complete
guest-tests: $(O)/zwinger $(O)/sigma0 $(gt_rom) $(gt_user)

test-guest: guest-tests
	tools/run-test -M $(M) -c $(CPU) -s $(SMP) $(foreach f,$(filter-out %/moe,$(gt_rom)) \
		test/tap.lua test/guest/$(T).cfg,-x $(f)) \
		$(O)/zwinger $(O)/sigma0 '$(O)/rom/moe rom/$(T).cfg'
