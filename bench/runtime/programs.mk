# SPDX-License-Identifier: MIT
# The set "runtime" of `make bench`; with STRICT=1 a goal that is missed is an error. Included by
# bench/bench.mk.

bench-greet_cflags := -Ibench
bench-begin_cflags := -Ibench
bench-runtime_cflags := -Ibench -D_GNU_SOURCE
$(call program,bench-greet,bench/runtime/greet.c,)
$(call program,bench-begin,bench/runtime/begin.c,)
$(call program,bench-runtime,bench/runtime/main.c bench/runtime/sample.c,)

bench_rom := $(addprefix $(O)/rom/,moe ned hello bench-greet bench-begin bench-runtime)

bench-runtime: bench-system $(O)/sigma0 $(bench_rom)
	@tools/bench-runtime -o $(O) --system $(bench_k) --goals bench/runtime.goals \
		--json $(bench_o)/runtime.json $(if $(STRICT),--strict)

.PHONY: bench-runtime
