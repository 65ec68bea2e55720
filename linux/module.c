// SPDX-License-Identifier: GPL-2.0
/*
 * Module l4: what other modules need to use capabilities of L4. It finds out at its start which
 * ones the scenario gave to the virtual machine; the one with the name "l4log" is the log.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <xen/xen.h>

#include <l4/re/env.h>
#include <l4/sys/ipc.h>

#include "module.h"

enum { CAPS_MAX = 16 };

static l4re_env_cap_entry_t caps[CAPS_MAX + 1];

static l4re_env_t environment = {
	.parent = L4_INVALID_CAP,
	.rm = L4_INVALID_CAP,
	.mem_alloc = L4_INVALID_CAP,
	.log = L4_INVALID_CAP,
	.main_thread = L4_INVALID_CAP,
	.factory = L4_INVALID_CAP,
	.scheduler = L4_INVALID_CAP,
	.itas = L4_INVALID_CAP,
	.dbg_events = L4_INVALID_CAP,
	.caps = caps,
};

l4re_env_t *l4re_global_env = &environment;
EXPORT_SYMBOL_GPL(l4re_global_env);

static long outside(unsigned long operation, unsigned long number, void *to)
{
	return xen_single_call(OUTSIDE_HYPERCALL, operation, number, (unsigned long)to, 0, 0);
}

static void read_caps(void)
{
	struct outside_cap c;
	unsigned int i;

	for (i = 0; i < CAPS_MAX && outside(OUTSIDE_CAP, i, &c) == 0; i++) {
		caps[i].cap = c.selector;
		memcpy(caps[i].name, c.name, sizeof(caps[i].name));
	}
	caps[i].flags = ~0UL;
	environment.log = l4re_env_get_cap("l4log");
}

static int __init l4_init(void)
{
	if (!xen_pv_domain() || outside(OUTSIDE_VERSION, 0, NULL) != OUTSIDE_VERSION_NUMBER)
		return -ENODEV;
	read_caps();
	return 0;
}

static void __exit l4_exit(void)
{
	utcbs_free();
}

module_init(l4_init);
module_exit(l4_exit);
MODULE_DESCRIPTION("Capabilities of L4 for modules of a guest");
MODULE_LICENSE("GPL");
