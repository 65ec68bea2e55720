/* SPDX-License-Identifier: MIT */
/* The registers of a vCPU in GDB's remote protocol: their sizes, their description. For gdb.c. */
#ifndef VMM_GDB_REGISTERS_H
#define VMM_GDB_REGISTERS_H

#include "vmm/gdb.h"

/* Bytes that a register takes in packets. */
unsigned registers_bytes(unsigned number);

/* The description in XML that a debugger asks for (target.xml); ends with 0. */
const char *registers_description(void);

#endif
