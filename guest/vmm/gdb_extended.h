/* SPDX-License-Identifier: MIT */
/* Extended state of a vCPU in GDB's registers. */
#ifndef VMM_GDB_EXTENDED_H
#define VMM_GDB_EXTENDED_H

#include "guest/extended.h"
#include "vmm/gdb.h"

/* Is this register part of extended state? */
bool extended_has(unsigned number);

/* Enter what there is into registers. */
void extended_get(const struct extended *e, struct gdb_registers *registers);

/* Take over those that are known (and are there) in a form that the processor can load. */
void extended_set(struct extended *e, const struct gdb_registers *registers);

#endif
