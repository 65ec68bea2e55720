/* SPDX-License-Identifier: MIT */
/* A test of the C library as a program. If it is the first program, it has the machine end with it.
 */
#include "check.h"

#include <l4/re/env.h>
#include <l4/sys/platform_control.h>

int main(void)
{
	l4_cap_idx_t platform = l4re_env_get_cap("icu");
	int failures;

	check_main();
	failures = check_plan();
	if (l4_is_valid_cap(platform))
		l4_platform_ctl_system_shutdown(platform, 0);
	return failures;
}
