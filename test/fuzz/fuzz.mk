# SPDX-License-Identifier: MIT
# Fuzzers (libFuzzer). Included by the top Makefile after test/unit/unit.mk.
#
#   make fuzz-mapdb-short                   a fixed number of runs from a fixed seed, every time
#                                           the same (without what libFuzzer learns of operands,
#                                           among which are addresses)
#   make fuzz [FUZZ_SECONDS=3600] [F=mapdb] one after the other, each for so long
#
# FUZZ_SRCS_<name>: what test/fuzz/<name>_fuzz.c is linked with; FUZZ_RUNS_<name>, FUZZ_MAX_<name>:
# number of short runs and the largest input, bytes. FUZZ_FLAGS_<name>: more flags.

FUZZCC ?= clang
FUZZ_O := $(O)/test/fuzz
FUZZ_SECONDS ?= 3600
FUZZ_CFLAGS := -std=gnu17 -O1 -g -Wall -Wextra -Werror \
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all

FUZZ_SRCS_mapdb := $(HOST_MAPDB_SRCS)
FUZZ_RUNS_mapdb := 6000
FUZZ_MAX_mapdb := 512

FUZZ_SRCS_acpi := kernel/x86_64/acpi.c
FUZZ_RUNS_acpi := 20000
FUZZ_MAX_acpi := 4096

FUZZ_SRCS_items := kernel/core/items.c
FUZZ_RUNS_items := 1000000
FUZZ_MAX_items := 1024

FUZZ_SRCS_wire := $(addprefix runtime/lib/wire/,in.c out.c)
FUZZ_FLAGS_wire := $(WIRE_FLAGS)
FUZZ_RUNS_wire := 200000
FUZZ_MAX_wire := 1024

FUZZ_SRCS_loader_elf := runtime/lib/loader/elf.c
FUZZ_FLAGS_loader_elf := -Iruntime/lib
FUZZ_RUNS_loader_elf := 1000000
FUZZ_MAX_loader_elf := 1024

FUZZERS := $(patsubst test/fuzz/%_fuzz.c,%,$(wildcard test/fuzz/*_fuzz.c))
F ?= $(FUZZERS)

.PHONY: fuzz fuzzers
fuzzers: $(FUZZERS:%=$(FUZZ_O)/%_fuzz)

.SECONDEXPANSION:
$(FUZZERS:%=$(FUZZ_O)/%_fuzz): $(FUZZ_O)/%_fuzz: test/fuzz/%_fuzz.c $$(FUZZ_SRCS_$$*) $(UNIT_HEADERS)
	@mkdir -p $(@D)
	$(call say,FUZZCC,$@)$(FUZZCC) $(FUZZ_CFLAGS) $(FUZZ_FLAGS_$*) $(UNIT_INCLUDES) -o $@ $< $(FUZZ_SRCS_$*)

fuzz-%-short: $(FUZZ_O)/%_fuzz
	$< -seed=1 -runs=$(FUZZ_RUNS_$*) -max_len=$(FUZZ_MAX_$*) -len_control=0 -use_cmp=0 -verbosity=0 \
		-artifact_prefix=$<-

fuzz: $(F:%=$(FUZZ_O)/%_fuzz)
	@set -e; for f in $(F); do \
		mkdir -p $(FUZZ_O)/$${f}_corpus; \
		echo "  FUZZ    $$f"; \
		$(FUZZ_O)/$${f}_fuzz -max_total_time=$(FUZZ_SECONDS) \
			-artifact_prefix=$(FUZZ_O)/$$f- $(FUZZ_O)/$${f}_corpus; \
	done
