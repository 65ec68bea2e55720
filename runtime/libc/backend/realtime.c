/* SPDX-License-Identifier: MIT */
/* Real time from the server behind the capability `rtc`, which knows the offset of the TSC. */
#include "backend/realtime.h"

#include <l4/re/env.h>
#include <l4/sys/ipc.h>
#include <l4/sys/kip.h>

enum { GET_TIMER_OFFSET = 0, SCALE_SHIFT = 27 };

static uint64_t tsc_ns(void)
{
	const char *kip = (const char *)l4_kip();
	uint64_t scaler = *(const uint64_t *)(kip + L4_KIP_OFFS_SCALER_NS);
	uint64_t tsc = __builtin_ia32_rdtsc();

	return (uint64_t)((unsigned __int128)tsc * scaler >> SCALE_SHIFT);
}

/* Ask the server; 0 if there is none. */
static uint64_t ask(void)
{
	l4_cap_idx_t rtc = l4re_env_get_cap("rtc");
	l4_msgtag_t tag = l4_msgtag(0, 1, 0, 0);

	if (l4_is_invalid_cap(rtc))
		return 0;
	l4_utcb_br()->bdr = 0;
	l4_utcb_br()->br[0] = 0;
	l4_utcb_mr()->mr[0] = GET_TIMER_OFFSET;
	tag = l4_ipc_call(rtc, l4_utcb(), tag, L4_IPC_NEVER);
	if (l4_error(tag) < 0 || l4_msgtag_words(tag) < 1)
		return 0;
	return l4_utcb_mr()->mr[0] + (tsc_ns() - l4_kip_clock_ns(l4_kip()));
}

uint64_t realtime_offset_ns(void)
{
	static uint64_t offset;
	static char asked;

	if (!__atomic_load_n(&asked, __ATOMIC_ACQUIRE)) {
		offset = ask();
		__atomic_store_n(&asked, 1, __ATOMIC_RELEASE);
	}
	return offset;
}
