# SPDX-License-Identifier: MIT
# Tests of the C library: each as root task, $(O)/rom/test-root-NAME, and as program, $(O)/rom/libc_NAME.
#
#   make test-libc T=thread      one of these, as program under moe
#   make test-root T=thread      one, as root task

LT_ROOT_NAMES := thread file pipe signal interrupt timer
LT_NAMES := $(LT_ROOT_NAMES) memory absent console fault math text tools native
LT_ROOT := $(LT_ROOT_NAMES:%=$(O)/rom/test-root-%)
lt_cflags := -D_GNU_SOURCE -fno-builtin -Itest/runtime/lib -Iruntime/libc
RT_ROOT_BASE := 0x2000000

# $(call lt_library,NAME,SOURCES)
lt_library = $(eval $(1)_cflags := $(lt_cflags))$(call library,$(1),$(2))
lt_root = $(eval test-root-$(1)_base := $(RT_ROOT_BASE))$(call \
	service,test-root-$(1),,check_$(1) check check_root libc_files)

$(call lt_library,check,test/runtime/lib/check.c)
$(call lt_library,check_root,test/runtime/lib/root.c test/runtime/lib/root_files.c)
$(call lt_library,check_program,test/runtime/lib/program.c)
$(foreach t,$(LT_NAMES),$(call lt_library,check_$(t),test/runtime/libc_$(t).c))
$(foreach t,$(LT_ROOT_NAMES),$(call lt_root,$(t)))
$(foreach t,$(LT_NAMES),$(call program,libc_$(t),,check_$(t) check check_program))

test-root: $(O)/zwinger $(O)/sigma0 $(O)/rom/test-root-$(T)
	tools/run-test -M $(M) -c $(CPU) -s $(SMP) $^

test-libc: $(O)/zwinger $(O)/sigma0 $(O)/rom/moe $(O)/rom/libc_$(T)
	tools/run-test -M $(M) -c $(CPU) -s $(SMP) -x $(O)/rom/libc_$(T) -i typed. $(O)/zwinger $(O)/sigma0 \
		'$(O)/rom/moe --init=rom/libc_$(T)'

.PHONY: test-root test-libc libc-tests
libc-tests: $(O)/sigma0 $(O)/rom/moe $(LT_ROOT) $(LT_NAMES:%=$(O)/rom/libc_%) $(O)/rom/hello
