# SPDX-License-Identifier: MIT
# Tests of servers: test/runtime/server_NAME.c with the scenario servers/NAME.cfg.
#
#   make test-server T=cons [M=pc CPU=max SMP=1]

ST_NAMES := $(sort $(patsubst test/runtime/server_%.c,%,$(wildcard test/runtime/server_*.c)))
st_cflags := -D_GNU_SOURCE -Itest/runtime/lib -Itest/runtime/servers

check_servers_cflags := $(st_cflags)
$(call library,check_servers,test/runtime/servers/client.c)
# The test of cons has a main() of its own.
$(foreach t,$(ST_NAMES),$(eval test-$(t)_cflags := $(st_cflags))$(call \
	program,test-$(t),test/runtime/server_$(t).c,check_servers check check_program vcon server rtc))

server-tests: $(O)/zwinger $(O)/sigma0 $(addprefix $(O)/rom/,moe ned $(ST_NAMES) $(ST_NAMES:%=test-%))

# The clock of the machine stands at a known time.
st_run = tools/run-test -M $(M) -c $(CPU) -s $(SMP) -q=-rtc -q base=2024-02-29T12:00:00 \
	-x $(O)/rom/ned -x $(O)/rom/$(1) -x $(O)/rom/test-$(1) -x test/runtime/servers/$(1).cfg \
	$(O)/zwinger $(O)/sigma0 '$(O)/rom/moe rom/$(1).cfg'

test-server: $(O)/zwinger $(O)/sigma0 $(addprefix $(O)/rom/,moe ned $(T) test-$(T))
	$(call st_run,$(T))

.PHONY: server-tests test-server
