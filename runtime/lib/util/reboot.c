/* SPDX-License-Identifier: MIT */
/* Restarting the machine. */
#include <stdlib.h>
#include <l4/re/env.h>
#include <l4/sys/platform_control.h>
#include <l4/util/kprintf.h>
#include <l4/util/reboot.h>

enum { REBOOT = 1 };

void l4util_reboot(void)
{
	static const char *const names[] = { "pfc", "icu" };

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		l4_cap_idx_t control = l4re_env_get_cap(names[i]);

		if (l4_is_valid_cap(control))
			l4_platform_ctl_system_shutdown(control, REBOOT);
	}
	l4_kprintf("reboot: no capability 'pfc' or 'icu' that can do it\n");
	_Exit(EXIT_FAILURE);
}
