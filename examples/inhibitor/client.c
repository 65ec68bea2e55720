/* SPDX-License-Identifier: MIT */
/* Inhibitor locks: ask which there are, take one while something must not be interrupted. */
#include <stdio.h>
#include <l4/re/c/inhibitor.h>
#include <l4/re/env.h>
#include "lib/raw_thread.h"

enum { NAME_BYTES = 16, NO_SUCH_LOCK = 7 };

int main(void)
{
	l4_cap_idx_t power = l4re_env_get_cap("power");
	char name[NAME_BYTES];
	long id = -1;

	while ((id = l4re_inhibitor_next_lock_info(power, name, sizeof(name), id)) >= 0)
		printf("lock %ld: %s\n", id, name);
	check(l4re_inhibitor_acquire(power, 0, "a backup runs"), "acquire");
	printf("acquired twice: %s\n", l4sys_errtostr(l4re_inhibitor_acquire(power, 0, "another")));
	printf("no such lock: %s\n",
	       l4sys_errtostr(l4re_inhibitor_acquire(power, NO_SUCH_LOCK, "")));
	check(l4re_inhibitor_release(power, 0), "release");
	printf("released twice: %s\n", l4sys_errtostr(l4re_inhibitor_release(power, 0)));
	return 0;
}
