/* SPDX-License-Identifier: MIT */
/* Waiting for a spinlock: out of line, as it is rare. */
#include "core/spinlock.h"

void spin_lock_wait(struct spinlock *l)
{
	do {
		while (READ_ONCE(l->held))
			spin_relax();
	} while (!spin_trylock(l));
}
