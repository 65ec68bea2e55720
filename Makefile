# SPDX-License-Identifier: MIT
# Zwinger. Targets: see `make help`.
O ?= build
CC := gcc
LD := ld.bfd
OBJCOPY := objcopy
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

include kernel/kernel.mk
include boot/boot.mk
include test/kernel/kernel-tests.mk
include test/unit/unit.mk

all: boot $(O)/sigma0

help:
	@echo 'make all            build everything into O=$(O)'
	@echo 'make check          run all tests'
	@echo 'make test T=name    run one kernel test (M=pc|q35 CPU=max SMP=1)'

clean:
	rm -rf $(O)

.PHONY: all help clean
