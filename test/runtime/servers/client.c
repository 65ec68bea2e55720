/* SPDX-License-Identifier: MIT */
/* What tests of servers do as clients. */
#include "client.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/env.h>
#include <l4/sys/factory.h>
#include <l4/sys/icu.h>
#include <l4/sys/irq.h>
#include <l4/sys/platform_control.h>
#include <l4/sys/semaphore.h>
#include <l4/sys/task.h>
#include <l4/sys/vcon.h>
#include "check.h"

enum { LONG_US = 20000000, SOON_US = 20000 };

l4_cap_idx_t client_cap(const char *name)
{
	l4_cap_idx_t cap = l4re_env_get_cap(name);

	if (l4_is_valid_cap(cap))
		return cap;
	check(false, "the test has the capability '%s'", name);
	client_end(check_plan());
}

l4_cap_idx_t client_weaker(l4_cap_idx_t cap, unsigned rights)
{
	l4_cap_idx_t slot = l4re_util_cap_alloc();

	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, l4_obj_fpage(cap, 0, (unsigned char)rights),
		    l4_map_obj_control(slot, L4_MAP_ITEM_MAP));
	return slot;
}

long client_create(l4_cap_idx_t factory, long protocol, l4_cap_idx_t *cap, ...)
{
	l4_utcb_t *utcb = l4_utcb();
	l4_msgtag_t tag;
	const char *text;
	va_list args;

	*cap = l4re_util_cap_alloc();
	tag = l4_factory_create_start_u(protocol, *cap, utcb);
	va_start(args, cap);
	while ((text = va_arg(args, const char *)))
		l4_factory_create_add_str_u(text, &tag, utcb);
	va_end(args);
	return l4_error(l4_factory_create_commit_u(factory, tag, utcb));
}

void client_release(l4_cap_idx_t cap)
{
	l4re_util_cap_free_um(cap);
}

l4_cap_idx_t client_bind_irq(l4_cap_idx_t icu)
{
	l4_cap_idx_t irq = l4re_util_cap_alloc();
	long error = l4_error(l4_factory_create(l4re_env()->factory, L4_PROTO_SEMAPHORE, irq));

	if (error >= 0)
		error = l4_error(l4_icu_bind(icu, 0, irq));
	check_is(error, 0, "an interrupt can be bound to pin 0");
	return irq;
}

static bool comes(l4_cap_idx_t irq, unsigned us)
{
	return !l4_ipc_error(
	    l4_semaphore_down(irq, l4_timeout(L4_IPC_TIMEOUT_NEVER, l4_timeout_from_us(us))),
	    l4_utcb());
}

bool client_irq_comes(l4_cap_idx_t irq)
{
	return comes(irq, LONG_US);
}

bool client_irq_comes_soon(l4_cap_idx_t irq)
{
	return comes(irq, SOON_US);
}

bool client_write(l4_cap_idx_t vcon, const char *text)
{
	size_t left = strlen(text);

	while (left) {
		unsigned part = left < L4_VCON_WRITE_SIZE ? (unsigned)left : L4_VCON_WRITE_SIZE;

		if (l4_vcon_write(vcon, text, part) < 0)
			return false;
		text += part;
		left -= part;
	}
	return true;
}

long client_send(l4_cap_idx_t cap, long protocol, unsigned words, unsigned long word0,
		 unsigned long word1)
{
	l4_utcb_mr()->mr[0] = word0;
	l4_utcb_mr()->mr[1] = word1;
	l4_utcb_br()->bdr = 0;
	l4_utcb_br()->br[0] = 0;
	return l4_error(
	    l4_ipc_call(cap, l4_utcb(), l4_msgtag(protocol, words, 0, 0), L4_IPC_NEVER));
}

void client_end(int code)
{
	l4_cap_idx_t platform = l4re_env_get_cap("icu");

	if (l4_is_valid_cap(platform))
		l4_platform_ctl_system_shutdown(platform, 0);
	exit(code);
}
