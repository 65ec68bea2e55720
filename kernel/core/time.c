/* SPDX-License-Identifier: MIT */
/* Kernel clock (TSC, scaled to microseconds) and timeouts of a CPU. Abi spec 1.4, 6. */
#include "core/ipc.h"
#include "core/ipc_internal.h"
#include "core/sched.h"
#include "core/vcpu.h"

#define EXPIRED_MAX 16 /* timeouts handled by one interrupt */

u64 clock_start_tsc, clock_scale_us, clock_scale_ns;

/* us = ticks * scale_us >> 32; ns = ticks * scale_ns >> 27; the KIP code uses the same. */
void clock_init(void)
{
	clock_scale_us = (1000ULL << 32) / tsc_khz;
	clock_scale_ns = (1000000ULL << 27) / tsc_khz;
}

u64 tsc_to_us(u64 ticks)
{
	return (u64)((unsigned __int128)ticks * clock_scale_us >> 32);
}

/* The exact inverse of the clock, rounded up: a deadline is never before its time on the clock. */
u64 us_to_tsc(u64 us)
{
	u64 quotient = us << 32, rest = us >> 32;

	if (us >> 50)
		return 1ULL << 62;
	/* 128 by 64 bits; no overflow because rest < 2^18 < clock_scale_us below 16 GHz */
	__asm__("divq %2" : "+a"(quotient), "+d"(rest) : "r"(clock_scale_us) : "cc");
	return quotient + (rest != 0);
}

u64 clock_us(void)
{
	return tsc_to_us(rdtsc() - clock_start_tsc);
}

u64 clock_us_to_tsc(u64 us)
{
	return clock_start_tsc + us_to_tsc(us);
}

bool timeout_deadline(const struct thread *t, u16 to, u64 *when)
{
	if (!to)
		return false;
	if (to & 0x8000) {
		unsigned br = to & 63;

		*when = clock_us_to_tsc(t->utcb[UTCB_BR + (br < UTCB_BRS ? br : UTCB_BRS - 1)]);
		return true;
	}
	if (!(to & 0x3ff))
		*when = 0;
	else
		*when = rdtsc() + us_to_tsc((u64)(to & 0x3ff) << (to >> 10 & 31));
	return true;
}

void timer_rearm(struct cpu *own)
{
	u64 when = own->timeouts.root ? own->timeouts.root->key : ~0ULL;
	/* Told once: at a preemption point of the kernel it would be told again and again, for
	 * ever. */
	bool told = own->slice_over && (own->need_resched & RESCHED_LOOK);
	bool peers = !told && own->cur_prio && !list_empty(&own->ready.queue[own->cur_prio]);

	own->slice_armed = peers;
	if (peers && own->slice_end < when)
		when = own->slice_end;
	if (when == own->armed_for)
		return;
	own->armed_for = when;
	if (when == ~0ULL)
		timer_stop();
	else
		timer_arm(when);
}

void timeout_set(struct cpu *own, struct cpu *home, struct timeout *to, u64 tsc)
{
	heap_insert(&home->timeouts, &to->node, tsc);
	if (home == own) {
		if (tsc < own->armed_for)
			timer_rearm(own);
	} else if (home != &limbo_cpu && home->timeouts.root == &to->node) {
		cpu_kick(own, home); /* it re-arms its timer on the way */
	}
}

/* Own lock held; released. */
static void expire(struct cpu *own, struct timeout *to)
{
	if (to->kind != TIMEOUT_VCPU) {
		ipc_timeout(own, container_of(to, struct thread, timeout));
		return;
	}
	heap_remove(&own->timeouts, &to->node);
	vcpu_deadline_reached(own, to);
	spin_unlock(&own->lock);
}

/* After EXPIRED_MAX timeouts the timer is set for the next one, which is due, so that others get a
 * chance in between. */
void timer_tick(struct cpu *own)
{
	own->armed_for = ~0ULL;
	for (unsigned i = 0;; i++) {
		struct heap_node *n;

		spin_lock(&own->lock);
		n = own->timeouts.root;
		if (!n || i == EXPIRED_MAX || n->key > rdtsc())
			break;
		expire(own, container_of(n, struct timeout, node));
	}
	if (own->slice_armed && rdtsc() >= own->slice_end) {
		own->slice_over = true;
		own->need_resched |= RESCHED_LOOK;
	}
	timer_rearm(own);
	spin_unlock(&own->lock);
}
