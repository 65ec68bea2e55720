# SPDX-License-Identifier: MIT
# The C library: musl from the distribution's source package with the files of overlay/ in place of
# its own. Included by runtime/runtime.mk.

libc_version := musl-1.2.3-1
libc_source := $(O)/source/$(libc_version)
libc_o := $(O)/libc
libc_overlay := $(shell find runtime/libc/overlay -type f)
libc_headers := $(libc_o)/obj/include/bits/alltypes.h
libc_include = $(patsubst %,-isystem $(libc_o)/%,tree/arch/x86_64 tree/arch/generic obj/include \
	tree/include)

# What makes system calls by itself is written in assembler in musl; the overlay has some of it.
libc_dropped := $(addprefix src/,signal/x86_64/restore.s process/x86_64/vfork.s \
	$(addprefix thread/x86_64/,clone.s syscall_cp.s __unmapself.s __set_thread_area.s))

libc_cflags := -w -g -fpie -fno-strict-aliasing -fexcess-precision=standard -frounding-math \
	-fno-omit-frame-pointer -fno-asynchronous-unwind-tables -fno-stack-protector \
	-fcf-protection=none -ffunction-sections -fdata-sections \
	-I$(abspath runtime/libc) -Wa,--noexecstack
libc_make = $(MAKE) -s -C $(libc_o) -f tree/Makefile srcdir=tree ARCH=x86_64 CC='$(CC)' \
	CFLAGS='$(libc_cflags)' CFLAGS_AUTO=-Os CFLAGS_MEMOPS=-fno-tree-loop-distribute-patterns

$(libc_source)/.complete: tools/sources.txt tools/fetch-source
	$(call say,FETCH,$(libc_version))tools/fetch-source -o $(O)/source musl 1.2.3-1
	@touch $@

# A tree of links to the pristine source, and copies of the overlay.
$(libc_o)/tree/.complete: $(libc_source)/.complete $(libc_overlay) runtime/libc/backend/calls.h \
		runtime/libc/backend/threads.h runtime/libc/libc.mk
	@rm -rf $(libc_o)
	@mkdir -p $(libc_o)/obj
	@cp -as $(abspath $(libc_source)) $(libc_o)/tree
	@cd $(libc_o)/tree && rm $(libc_dropped) && cp -P src/internal/syscall.h src/internal/syscall_upstream.h
	@cp -a --remove-destination runtime/libc/overlay/. $(libc_o)/tree
	@touch $@

$(libc_headers): $(libc_o)/tree/.complete
	+$(call say,GEN,$@)$(libc_make) obj/include/bits/alltypes.h obj/include/bits/syscall.h
	@touch $@

$(O)/lib/libc.a: $(libc_headers)
	@mkdir -p $(@D)
	+$(call say,MAKE,$@)$(libc_make) lib/libc.a
	@cp $(libc_o)/lib/libc.a $@

libc_common := table within log futex clock thread wait process random
libc_program_only := program realtime region mmap mremap fault content mapping names
libc_files := files transfer console path folder device tmpfs pipe poll signals signal_calls \
	signal_frame exceptions sigaltstack timers lock attributes thread_names
libc_sources = $(patsubst %,runtime/libc/backend/%.c,$(1))
libc_own_cflags := -D_GNU_SOURCE -Iruntime/libc
libc_common_cflags := $(libc_own_cflags)
libc_files_cflags := $(libc_own_cflags)
libc_service_cflags := $(libc_own_cflags)
libc_program_cflags := $(libc_own_cflags)
$(call library,libc_common,$(call libc_sources,$(libc_common)))
$(call library,libc_files,$(call libc_sources,$(libc_files)))
$(call library,libc_service,$(wildcard runtime/libc/backend/service*.c runtime/libc/start/service_*))
$(call library,libc_program,$(call libc_sources,$(libc_program_only)) \
	$(wildcard runtime/libc/start/program_*))
