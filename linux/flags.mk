# SPDX-License-Identifier: GPL-2.0
# For the Kbuild of a module that uses L4: include $(L4_LINUX)/flags.mk
#
# The headers are those of native programs. What is different in Linux comes first: the system call
# (l4/sys/syscall_defs.h) and the few headers of the C library that they include.
ccflags-y += -I$(L4_LINUX)/include -isystem $(L4_LINUX)/../abi -isystem $(L4_LINUX)/../runtime/include \
	-I$(L4_LINUX)/../guest/include -DL4SYS_USE_UTCB_WRAP
