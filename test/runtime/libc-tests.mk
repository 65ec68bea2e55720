# SPDX-License-Identifier: MIT
# Tests of the C library. Those that need no file also run as root task: $(O)/rom/test-root-NAME.
#
#   make test-libc T=thread     one of these, as root task

LT_ROOT := thread
lt_lib := test/runtime/lib/check.c

check_root_cflags := -Itest/runtime/lib -Iruntime/libc
$(call library,check_root,$(lt_lib) test/runtime/lib/root.c)
$(foreach t,$(LT_ROOT),$(eval test-root-$(t)_cflags := -Itest/runtime/lib)$(eval \
	test-root-$(t)_base := 0x2000000)$(call service,test-root-$(t),test/runtime/libc_$(t).c,check_root))

test-libc: $(O)/zwinger $(O)/sigma0 $(O)/rom/test-root-$(T)
	tools/run-test -M $(M) -c $(CPU) -s $(SMP) $^

.PHONY: test-libc libc-tests
libc-tests: $(O)/sigma0 $(LT_ROOT:%=$(O)/rom/test-root-%)
