# SPDX-License-Identifier: MIT
# Tests of ned: the scenarios of test/runtime/ned, and the programs that they start.
#
#   make test-ned T=api [M=pc CPU=max SMP=1]

probe_cflags := -D_GNU_SOURCE -Itest/runtime/ned
probe-wishes_cflags := $(probe_cflags)
probe-pie_pie := yes
$(call library,probe,$(addprefix test/runtime/ned/,probe.c place.c files.c))
$(call program,probe,,probe)
$(call program,probe-pie,,probe)
ends_cflags := -D_GNU_SOURCE
$(call program,ends,test/runtime/ned/ends.c)
$(call program,probe-wishes,test/runtime/ned/wishes.c,probe)

.PHONY: test-ned ned-tests
ned-tests: $(O)/zwinger $(O)/sigma0 $(addprefix $(O)/rom/,moe ned ends probe probe-pie probe-wishes)

test-ned: ned-tests
	tools/run-test -M $(M) -c $(CPU) -s $(SMP) $(foreach f,$(addprefix $(O)/rom/,ned ends probe \
		probe-pie probe-wishes) $(wildcard test/runtime/ned/*.cfg) test/tap.lua,-x $(f)) \
		$(O)/zwinger $(O)/sigma0 '$(O)/rom/moe rom/$(T).cfg'
