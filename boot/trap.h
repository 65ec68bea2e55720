/* SPDX-License-Identifier: MIT */
/* Processor exceptions while booting: always a bug or broken memory; reported, never a reset. */
#ifndef BOOT_TRAP_H
#define BOOT_TRAP_H

/* Install handlers for all exceptions. They stay until the kernel loads its own. */
void trap_init(void);

#endif
