/* SPDX-License-Identifier: MIT */
/* Recognise an I/O instruction at the instruction pointer of a thread. Intel SDM vol. 2, IN, OUT.
 */
#ifndef KERNEL_INSN_IO_H
#define KERNEL_INSN_IO_H

#include "core/types.h"

struct thread;

/* Decode up to 15 bytes: in, out, ins, outs with prefixes. bytes = 1, 2 or 4. Pure. */
bool insn_io_parse(const u8 *code, unsigned len, u16 dx, unsigned *port, unsigned *bytes);

/* Same for the current instruction of t, read through its address space. */
bool insn_io_decode(struct thread *t, unsigned *port, unsigned *bytes);

#endif
