# SPDX-License-Identifier: MIT
# Linux for guests: the distribution's kernel, a ramdisk, and what the user wants of a guest. Included
# by guest.mk.
#
#   LINUX=cloud-amd64       kernel of the distribution: package linux-image-$(LINUX); amd64, 6.12-cloud-amd64...
#   KERNEL=FILE             another kernel (bzImage, ELF), with INITRD=FILE or a ramdisk without modules
#   MODULES="NAME..."       modules of the kernel that the ramdisk has and loads
#   FILES="FILE=PATH..."    further files of the ramdisk
#   APPEND="..." MEM=MiB VCPUS=N
#   VMM="WORD..."           further arguments of vmm (doc/vmm.md)
#   SYMBOLS=FILE            the kernel's System.map; GDB=PORT: a debugger can connect there

LINUX ?= cloud-amd64
MODULES ?=
FILES ?=
APPEND ?=
VMM ?=
VCPUS ?= 1
linux_o := $(O)/linux
linux_package := linux-image-$(LINUX)
linux_release := $(linux_o)/$(LINUX)/release
linux_modules := $(patsubst %,$(linux_o)/$(LINUX)/%.ko,l4 l4log)
linux_sources := $(wildcard linux/* linux/include/* linux/include/*/*/*) $(wildcard abi/l4/sys/*.h) \
	guest/include/guest/outside.h guest/linux.mk
linux_busybox := $(O)/packages/busybox-static
linux_run := $(linux_o)/run
linux_kernel = $(or $(KERNEL),$(linux_o)/$(LINUX)/vmlinuz)
linux_initrd = $(or $(INITRD),$(linux_o)/$(if $(KERNEL),plain,$(LINUX)).initrd)

$(linux_o)/%/release: tools/fetch-kernel tools/fetch-package tools/apt.py
	$(call say,FETCH,Linux $*)tools/fetch-kernel $(O)/packages $(@D) $*
	@touch $@

$(linux_busybox).version: tools/fetch-package tools/apt.py
	$(call say,FETCH,busybox-static)tools/fetch-package -o $(O)/packages busybox-static
	@touch $@

# The wishes can be others each time, so it is written each time.
$(linux_o)/plain.initrd: $(linux_busybox).version tools/mkinitrd tools/guest-init .FORCE
	$(call say,INITRD,$@)tools/mkinitrd -o $@ -b $(linux_busybox)/bin/busybox $(FILES:%=-f %)

$(linux_o)/$(LINUX).initrd: $(linux_modules) $(linux_busybox).version tools/mkinitrd tools/guest-init .FORCE
	$(call say,INITRD,$@)tools/mkinitrd -o $@ -b $(linux_busybox)/bin/busybox \
		-k $(linux_o)/$(LINUX)/modules $(MODULES:%=-m %) $(linux_modules:%=-M %) $(FILES:%=-f %)

# Modules of our own. Kbuild would take our variable O for its own.
$(linux_modules) &: $(linux_release) $(linux_sources)
	$(call say,KBUILD,linux)env -u MAKEFLAGS -u MFLAGS $(MAKE) -s -C linux KDIR=$(abspath $(linux_o)/$(LINUX)/build) \
		OUT=$(abspath $(linux_o)/$(LINUX)) >$(linux_o)/$(LINUX)/modules.log 2>&1 || \
		{ cat $(linux_o)/$(LINUX)/modules.log; exit 1; }

.PHONY: linux-files linux-kernel .FORCE
linux-kernel: $(linux_release)
.FORCE:
linux-files: $(if $(KERNEL),,$(linux_release)) $(if $(INITRD),,$(linux_initrd))
	@tools/guest-config -o $(linux_run) -k '$(linux_kernel)' -i '$(linux_initrd)' -m '$(guest_memory)' \
		-n '$(VCPUS)' $(if $(SERIAL),--unattended) $(if $(SYMBOLS),-s '$(SYMBOLS)') $(if $(GDB),--gdb) \
		-a '$(subst ','\'',$(APPEND))' -w '$(VMM)'

# What running a scenario needs, if it has a guest: an entry of this list, or a script that names
# rom/vmlinuz. The machine has as much memory as the guest and this much for all else, MiB: a sixteenth
# of a machine is the microkernel's. The guest's files stay where the boot loader has put them.
GUEST_SCENARIOS := linux
linux_wanted = $(or $(filter $(GUEST_SCENARIOS),$(E)),$(if $(filter %.cfg,$(E)),$(shell grep -ls rom/vmlinuz $(E))))
guest_memory = $(if $(filter file,$(origin MEM)),512,$(MEM))
linux_beside = $(shell expr 128 + '$(guest_memory)' / 8 2>/dev/null)
linux_files_mib = $(shell expr $$(cat '$(linux_kernel)' '$(linux_initrd)' 2>/dev/null | wc -c) / 1048576)
