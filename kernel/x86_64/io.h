/* SPDX-License-Identifier: MIT */
/* I/O permission bitmaps of the CPUs. */
#ifndef KERNEL_IO_H
#define KERNEL_IO_H

#include "core/cpu.h"

/* Drop this CPU's bitmap if another CPU asked for it. */
void io_serve(struct cpu *own);

#endif
