/* SPDX-License-Identifier: MIT */
/* What the start-up code sets before anything else runs, and what headers leave to a library. */
#include <l4/re/env.h>
#include <l4/sys/utcb.h>

l4re_env_t *l4re_global_env;
l4_kernel_info_t const *l4_global_kip;

l4_utcb_t *l4_utcb_wrap(void)
{
	return l4_utcb_direct();
}
