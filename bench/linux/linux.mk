# SPDX-License-Identifier: MIT
# The benchmark of a Linux: a static program for its ramdisk, with the distribution's musl. Included by
# bench/bench.mk.

linux_musl := $(O)/packages/musl-dev
linux_bench_o := $(bench_o)/linux
linux_bench_flags := -std=gnu17 -O2 -Wall -Wextra -Werror -fno-pie -fno-stack-protector -nostdinc \
	-isystem $(linux_musl)/usr/include/x86_64-linux-musl \
	-isystem $(shell $(CC) -print-file-name=include) -idirafter /usr/include \
	-idirafter /usr/include/x86_64-linux-gnu
linux_musl_lib := $(linux_musl)/usr/lib/x86_64-linux-musl
linux_bench_files := $(linux_bench_o)/bench=/bin/bench $(linux_bench_o)/nothing=/bin/bench-nothing \
	tools/guest-init=/bin/guest-init

$(linux_musl).version: tools/fetch-package tools/apt.py
	$(call say,FETCH,musl-dev)tools/fetch-package -o $(O)/packages musl-dev
	@touch $@

$(linux_bench_o)/bench: $(wildcard bench/linux/*.c bench/linux/*.h)
$(linux_bench_o)/first: bench/linux/beside/first.c
$(linux_bench_o)/bench $(linux_bench_o)/first: $(linux_musl).version
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) $(linux_bench_flags) -static -no-pie -nostdlib -o $@ $(linux_musl_lib)/crt1.o \
		$(linux_musl_lib)/crti.o $(filter %.c,$^) -L$(linux_musl_lib) -lc -lgcc $(linux_musl_lib)/crtn.o
	@strip $@

$(linux_bench_o)/nothing: bench/linux/nothing.S
	@mkdir -p $(@D)
	$(call say,AS,$<)$(CC) -nostdlib -static -no-pie -s -o $@ $<

$(linux_bench_o)/initrd: $(addprefix $(linux_bench_o)/,bench first nothing) $(linux_busybox).version tools/mkinitrd tools/guest-init
	$(call say,INITRD,$@)tools/mkinitrd -o $@ -b $(linux_busybox)/bin/busybox \
		-i $(linux_bench_o)/first $(linux_bench_files:%=-f %)

$(call program,bench-usage,bench/linux/beside/usage.c,)

# The machine as it is run otherwise, with the kernel without debugger. MEM=MiB: another size than that of
# the goals, with results of its own.
linux_bench_size = $(filter-out 512,$(guest_memory))
bench-linux: bench-system $(O)/sigma0 rom $(linux_release) $(linux_bench_o)/initrd
	@tools/bench-linux -o $(O) --system $(bench_k) --kernel $(linux_o)/$(LINUX)/vmlinuz \
		--ramdisk $(linux_bench_o)/initrd --work $(linux_bench_o) --goals bench/linux.goals \
		--memory $(guest_memory) --beside $(linux_beside) \
		--json $(bench_o)/linux$(linux_bench_size:%=-%).json $(if $(STRICT),--strict)
.PHONY: bench-linux
