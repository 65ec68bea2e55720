/* SPDX-License-Identifier: MIT */
/* The guest's clock and the run states of its vCPUs. */
#include "shim/time.h"

#define NS_PER_MS 1000000UL

/* The shift brings khz to (10^6, 2 * 10^6]; right shifts are at most 12, so nothing overflows. */
struct tsc_scale tsc_scale(uint32_t khz)
{
	unsigned left = 0, right = 0;

	while ((uint64_t)khz << left <= NS_PER_MS)
		left++;
	while (khz > 2 * NS_PER_MS << right)
		right++;
	return (struct tsc_scale){ (NS_PER_MS << (32 + right)) / ((uint64_t)khz << left),
				   (int8_t)(left - right) };
}

uint64_t tsc_to_ns(struct tsc_scale scale, uint64_t ticks)
{
	ticks = scale.shift < 0 ? ticks >> -scale.shift : ticks << scale.shift;
	return (unsigned __int128)ticks * scale.mul >> 32;
}

/* Make a version odd or even; everything before is seen before. */
static void step_version(uint32_t *version)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	__atomic_store_n(version, *version + 1, __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void time_publish(struct xen_time_info *info, struct tsc_scale scale, uint64_t tsc, uint64_t ns,
		  bool stable)
{
	info->version &= ~1U;
	step_version(&info->version);
	info->tsc_timestamp = tsc;
	info->system_time = ns;
	info->tsc_to_system_mul = scale.mul;
	info->tsc_shift = scale.shift;
	info->flags = stable ? XEN_TIME_TSC_STABLE : 0;
	step_version(&info->version);
}

void time_publish_wall(struct xen_shared_info *shared, uint64_t sec, uint32_t nsec)
{
	shared->wall_version &= ~1U;
	step_version(&shared->wall_version);
	shared->wall_sec = sec;
	shared->wall_sec_hi = sec >> 32;
	shared->wall_nsec = nsec;
	step_version(&shared->wall_version);
}

void runstate_change(struct xen_runstate_info *info, uint32_t state, uint64_t now, uint64_t lost_ns,
		     bool flagged)
{
	uint64_t entered = info->entry_time & ~XEN_RUNSTATE_UPDATE;
	uint64_t all = now > entered ? now - entered : 0, lost = lost_ns < all ? lost_ns : all;
	uint32_t old = info->state % XEN_RUNSTATES;

	if (flagged)
		__atomic_store_n(&info->entry_time, entered | XEN_RUNSTATE_UPDATE,
				 __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	info->time[old] += all - lost;
	info->time[XEN_RUNNABLE] += lost;
	info->state = state;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	__atomic_store_n(&info->entry_time, now, __ATOMIC_SEQ_CST);
}
