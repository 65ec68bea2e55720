/* SPDX-License-Identifier: MIT */
/* Signals: interrupts that are registered by name. */
#include <stdio.h>
#include <string.h>
#include <l4/re/c/namespace.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/shmc/shmc.h>
#include <l4/sys/factory.h>
#include <l4/sys/irq.h>
#include <l4/sys/rcv_endpoint.h>
#include <l4/sys/task.h>
#include <l4/util/util.h>
#include "shmc/lookup.h"

enum { PAUSE_MS = 10, SIGNAL_NAME = L4SHMC_NAME_STRINGLEN + 4 };

long lookup(l4_cap_idx_t ns, const char *name, l4_umword_t timeout_ms, l4_cap_idx_t *cap)
{
	long result;

	*cap = l4re_util_cap_alloc();
	if (!l4_is_valid_cap(*cap))
		return -L4_ENOMEM;
	result = l4re_ns_query_to_srv(ns, name, *cap, 0);
	while ((result == -L4_ENOENT || result == -L4_EAGAIN) && timeout_ms) {
		l4_umword_t pause = timeout_ms < PAUSE_MS ? timeout_ms : PAUSE_MS;

		l4_sleep((l4_uint32_t)pause);
		timeout_ms -= pause;
		result = l4re_ns_query_to_srv(ns, name, *cap, 0);
	}
	if (result < 0)
		l4re_util_cap_free(*cap);
	return result < 0 ? result : 0;
}

/* The name in the namespace. -L4_EINVAL if it is empty or too long. */
static long full_name(char *full, const char *name)
{
	size_t n = strnlen(name, L4SHMC_NAME_STRINGLEN);

	if (!n || n == L4SHMC_NAME_STRINGLEN)
		return -L4_EINVAL;
	snprintf(full, SIGNAL_NAME, "sig-%s", name);
	return 0;
}

long l4shmc_add_signal(l4shmc_area_t *shmarea, const char *signal_name, l4shmc_signal_t *signal)
{
	char name[SIGNAL_NAME];
	l4_cap_idx_t irq;
	long result;

	if (full_name(name, signal_name) < 0)
		return -L4_EINVAL;
	irq = l4re_util_cap_alloc();
	if (!l4_is_valid_cap(irq))
		return -L4_ENOMEM;
	result = l4_error(l4_factory_create_irq(l4re_env()->factory, irq));
	if (result >= 0)
		result = l4re_ns_register_obj_srv(shmarea->ns, name, irq | L4_CAP_FPAGE_RWS,
						  L4RE_NS_REGISTER_RWS);
	if (result < 0) {
		l4_task_delete_obj(L4RE_THIS_TASK_CAP, irq);
		l4re_util_cap_free(irq);
		return result;
	}
	*signal = (l4shmc_signal_t){ .cap = irq };
	return 0;
}

long l4shmc_get_signal_to(l4shmc_area_t *shmarea, const char *signal_name, l4_umword_t timeout_ms,
			  l4shmc_signal_t *signal)
{
	char name[SIGNAL_NAME];
	l4_cap_idx_t irq;
	long result = full_name(name, signal_name);

	if (result >= 0)
		result = lookup(shmarea->ns, name, timeout_ms, &irq);
	if (result < 0)
		return result;
	*signal = (l4shmc_signal_t){ .cap = irq };
	return 0;
}

long l4shmc_attach_signal_to(l4shmc_area_t *shmarea, const char *signal_name, l4_cap_idx_t thread,
			     l4_umword_t timeout_ms, l4shmc_signal_t *signal)
{
	long result = l4shmc_get_signal_to(shmarea, signal_name, timeout_ms, signal);

	if (result < 0)
		return result;
	result = l4_error(l4_rcv_ep_bind_thread(signal->cap, thread, (l4_umword_t)signal));
	if (result < 0)
		l4re_util_cap_free_um(signal->cap);
	return result < 0 ? result : 0;
}

long l4shmc_connect_chunk_signal(l4shmc_chunk_t *chunk, l4shmc_signal_t *signal)
{
	chunk->signal = signal;
	signal->chunk = chunk;
	return 0;
}

/* Messages have no result of their own here: 0, or that of the exchange. */
static long ipc_result(l4_msgtag_t tag)
{
	return l4_msgtag_has_error(tag) ? l4_error(tag) : 0;
}

/* A trigger has send timeout 0 and no answer; an interrupt is always ready. */
long l4shmc_trigger(l4shmc_signal_t *signal)
{
	return signal ? ipc_result(l4_irq_trigger(signal->cap)) : -L4_EINVAL;
}

long l4shmc_enable_signal(l4shmc_signal_t *signal)
{
	return ipc_result(l4_irq_unmask(signal->cap));
}

long l4shmc_enable_chunk(l4shmc_chunk_t *chunk)
{
	return chunk->signal ? l4shmc_enable_signal(chunk->signal) : -L4_EINVAL;
}

long l4shmc_wait_any_to(l4_timeout_t timeout, l4shmc_signal_t **retsignal)
{
	l4_umword_t label;
	l4_msgtag_t tag = l4_ipc_wait(l4_utcb(), &label, timeout);

	*retsignal = l4_msgtag_has_error(tag) ? NULL : (l4shmc_signal_t *)label;
	return ipc_result(tag);
}

long l4shmc_wait_signal_to(l4shmc_signal_t *signal, l4_timeout_t timeout)
{
	return ipc_result(l4_irq_receive(signal->cap, timeout));
}

long l4shmc_wait_chunk_to(l4shmc_chunk_t *chunk, l4_timeout_t timeout)
{
	return chunk->signal ? l4shmc_wait_signal_to(chunk->signal, timeout) : -L4_EINVAL;
}
