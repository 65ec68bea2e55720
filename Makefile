# SPDX-License-Identifier: MIT
# Zwinger. Targets: see `make help`.
O ?= build
CC := gcc
LD := ld.bfd
OBJCOPY := objcopy
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

include tools/quiet.mk
include kernel/kernel.mk
include boot/boot.mk
include runtime/runtime.mk
include guest/guest.mk
include test/kernel/kernel-tests.mk
include test/unit/unit.mk
include $(wildcard test/runtime/*.mk)
include test/guest/guest-tests.mk
include test/fuzz/fuzz.mk
include examples/examples.mk
include examples/programs.mk
# Programs of your own: a folder each, with a .mk (doc/tutorial.md).
APPS ?= apps
include $(wildcard $(APPS)/*/*.mk)
include bench/bench.mk

all: boot $(O)/sigma0 rom examples shim-objects

help:
	@echo 'make all              build everything into O=$(O) (V=1 shows the commands)'
	@echo 'make run              boot the scenario E=linux in QEMU (M=pc CPU=max SMP=2)'
	@echo 'make run E=FILE.cfg   boot a script of your own (doc/tutorial.md)'
	@echo '  QEMU_CPU= QEMU_MEM= QEMU_ARGS=  CPU model, MiB, further arguments of QEMU; ICOUNT=1: the clock'
	@echo '                                  counts instructions; SERIAL=FILE: unattended, serial line there'
	@echo 'make run E=linux      a Linux guest: LINUX=cloud-amd64 (or amd64, of the distribution),'
	@echo '  KERNEL=FILE INITRD=FILE APPEND="..." MEM=MiB VCPUS=N MODULES="NAME..." FILES="FILE=PATH..." VMM="..."'
	@echo '  SYMBOLS=FILE its System.map; GDB=PORT a debugger can connect there (doc/vmm.md)'
	@echo 'make listentries      names for E= (MODULES_LIST=conf/modules.list); see doc/scenarios.md'
	@echo 'make image E=hello    write the scenario as one file for a Multiboot loader'
	@echo 'make iso E=hello      write it as a disc image that boots under BIOS and UEFI'
	@echo 'make check            run all tests (PARTS="style clang abi unit fuzz boot examples scenarios kernel libc runtime guest")'
	@echo 'make test T=name      run one kernel test (M=pc|q35 CPU=max SMP=1)'
	@echo 'make style            check the style of the source; make format: apply clang-format'
	@echo 'make fuzz             run the fuzzers for FUZZ_SECONDS=3600 each (F=mapdb: only that)'
	@echo 'make bench E=ipc      measure against the goals (bench/README.md); without E: all sets'
	@echo 'make clean            remove O=$(O)'

# What a clean machine lacks is installed first, so the work is in a make of its own; and what is run
# has the terminal for itself, so what it needs is built before, JOBS at a time.
in_parallel = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(JOBS))
run: deps-run
	@$(MAKE) $(in_parallel) --no-print-directory run-files
	@$(MAKE) --no-print-directory run-example

image: deps-run
	@$(MAKE) $(in_parallel) --no-print-directory image-file

iso: deps-iso
	@$(MAKE) $(in_parallel) --no-print-directory iso-file

check: deps-check
	@tools/check -o $(O) -j $(JOBS) $(PARTS)

deps-%:
	@tools/deps $*

style: $(kernel_o)/offsets.h
	@tools/style -f '$(filter-out -MMD -MP,$(kernel_flags))' -c $(CC)

format:
	@clang-format -i $(shell git ls-files '*.c' '*.h')

kernel-objects: $(kernel_obj) $(shim_obj)

boot-test-images: $(O)/kernel.elf
	@$(MAKE) --no-print-directory -f test/boot/test.mk O=$(O)/test/boot

clean:
	rm -rf $(O)

.PHONY: all help run image iso check style format kernel-objects boot-test-images clean
