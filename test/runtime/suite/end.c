/* SPDX-License-Identifier: MIT */
/* Switch the machine off. */
#include <l4/re/env.h>
#include <l4/sys/platform_control.h>

int main(void)
{
	l4_platform_ctl_system_shutdown(l4re_env_get_cap("icu"), 0);
	return 1;
}
