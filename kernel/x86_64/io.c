/* SPDX-License-Identifier: MIT */
/* I/O permission bitmaps: revocation across CPUs. A bitmap is loaded on the first fault after a
 * task got the CPU, and dropped when another task's is needed or its rights shrink. */
#include "x86_64/io.h"
#include "core/sched.h"
#include "mm/mapdb.h"

void io_serve(struct cpu *own)
{
	if (!READ_ONCE(own->io_drop))
		return;
	desc_load_io(own, NULL);
	__atomic_store_n(&own->io_drop, false, __ATOMIC_RELEASE);
}

void io_bitmap_revoked(void)
{
	struct cpu *own = this_cpu();

	for (unsigned i = 0; i < cpus_online; i++) {
		struct cpu *c = cpu_of(i);

		if (!READ_ONCE(c->io_loaded))
			continue;
		if (c == own) {
			desc_load_io(own, NULL);
			continue;
		}
		__atomic_store_n(&c->io_drop, true, __ATOMIC_RELEASE);
		cpu_kick(own, c);
		while (READ_ONCE(c->io_drop)) {
			io_serve(own);
			spin_relax();
		}
	}
}
