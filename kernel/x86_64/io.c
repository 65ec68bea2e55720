/* SPDX-License-Identifier: MIT */
/* I/O permission bitmaps: revocation across CPUs. A bitmap is loaded on the first fault after a
 * task got the CPU, and dropped when another task's is needed or rights shrink. */
#include "core/remote.h"
#include "mm/mapdb.h"
#include "x86_64/insn.h"

static void drop(struct cpu *own, void *arg)
{
	(void)arg;
	desc_load_io(own, NULL);
}

void io_bitmap_revoked(void)
{
	struct cpu *own = this_cpu();

	/* Either the change of the bitmap is seen by a CPU that loads it, or its io_loaded here. */
	mfence();
	for (unsigned i = 0; i < cpus_online; i++)
		if (READ_ONCE(cpu_of(i)->io_loaded))
			remote_call(own, cpu_of(i), drop, NULL);
}
