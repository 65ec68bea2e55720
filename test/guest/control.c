/* SPDX-License-Identifier: MIT */
/*
 * A guest that is at work in its kernel and in the shim for ever, on all of its vCPUs, and says
 * when it is interrupted from outside.
 */
#include "lib/kernel.h"

#include "guest/layout.h"
#include "xen/event.h"
#include "xen/shared_info.h"

enum { ROUNDS = 1000, WORD_BITS = 64 };

static uint32_t bind_debug(void)
{
	struct xen_event_bind_virq bind = { .virq = XEN_VIRQ_DEBUG };

	hypercall(XEN_CALL_EVENT_CHANNEL_OP, XEN_EVENT_BIND_VIRQ, (uint64_t)&bind, 0, 0, 0);
	return bind.port;
}

/* Events are not delivered at the start, but they are pending. */
static bool take_event(uint32_t port)
{
	struct xen_shared_info *shared = (void *)(GUEST_RAM + start_info->shared_info);
	uint64_t bit = 1UL << port % WORD_BITS;

	return __atomic_fetch_and(&shared->pending[port / WORD_BITS], ~bit, __ATOMIC_SEQ_CST) & bit;
}

static void work(void)
{
	for (volatile int i = 0; i < ROUNDS; i++)
		;
	hypercall(XEN_CALL_XEN_VERSION, XEN_VERSION, 0, 0, 0, 0);
}

static void other_main(void)
{
	for (;;)
		work();
}

void kernel_main(void)
{
	uint32_t port = bind_debug();

	ok(start_info->nr_pages == 8192, "the machine starts");
	start_vcpu(1, other_main);
	for (;;) {
		work();
		if (take_event(port))
			ok(true, "it is interrupted");
	}
}
