/* SPDX-License-Identifier: MIT */
/* Timeouts and sleeping. */
#include <l4/sys/__timeout.h>
#include <l4/util/util.h>

l4_timeout_s l4util_micros2l4to(l4_uint64_t us)
{
	return us == ~(l4_uint64_t)0 ? L4_IPC_TIMEOUT_NEVER : l4_timeout_from_us(us);
}

void l4_usleep(l4_uint64_t us)
{
	l4_ipc_sleep(l4_timeout(L4_IPC_TIMEOUT_0, l4util_micros2l4to(us)));
}

void l4_sleep(l4_uint32_t ms)
{
	l4_usleep((l4_uint64_t)ms * 1000);
}
