/* SPDX-License-Identifier: MIT */
/* The server loop of sigma0: decode a request, answer it. */
#include "sigma0.h"

#include <l4/sys/err.h>
#include <l4/sys/ipc.h>
#include <l4/sys/scheduler.h>
#include <l4/sys/utcb.h>

/* Low byte of word 0 of a sigma0 request; all bits above are ones. */
enum request {
	REQUEST_RAM = 0x60,
	REQUEST_DEVICE_UNCACHED = 0x70,
	REQUEST_DEVICE_CACHED = 0x80,
	REQUEST_ANY_RAM = 0x90,
	REQUEST_KIP = 0xa0,
	REQUEST_DUMP = 0xc0,
};
#define REQUEST_MAGIC (~0UL << 8)

enum { LABEL_CLIENT_SHIFT = 4, LABEL_RIGHT_S = 2 };

/* Opcodes of the meta protocol, an int in word 0. */
enum { META_COUNT, META_INTERFACE, META_SUPPORTS };

struct interface {
	long protocol;
	const char *name;
};
static const struct interface interfaces[] = {
	{ L4_PROTO_META, "L4::Meta" },
	{ L4_PROTO_FACTORY, "L4::Factory" },
	{ L4_PROTO_SIGMA0, "L4::Sigma0" },
};
enum { INTERFACES = sizeof(interfaces) / sizeof(interfaces[0]) };

static l4_msgtag_t answer(long label)
{
	return l4_msgtag(label, 0, 0, 0);
}

/* The item if err is 0, else the error alone. */
static l4_msgtag_t answer_item(int err, const struct item *item)
{
	l4_msg_regs_t *mr = l4_utcb_mr();

	if (err)
		return answer(err);
	mr->mr[0] = item->control;
	mr->mr[1] = item->page.raw;
	return l4_msgtag(0, 0, 1, 0);
}

static l4_msgtag_t handle_sigma0(l4_umword_t client, unsigned words)
{
	const l4_msg_regs_t *mr = l4_utcb_mr();
	l4_umword_t request = words > 0 ? mr->mr[0] : 0;
	l4_fpage_t want = { .raw = words > 1 ? mr->mr[1] : 0 };
	struct item item;

	if ((request & REQUEST_MAGIC) != REQUEST_MAGIC)
		return answer(-L4_ENOSYS);
	switch (request & ~REQUEST_MAGIC) {
	case REQUEST_RAM:
		return answer_item(memory_ram(client, want, &item), &item);
	case REQUEST_DEVICE_UNCACHED:
		return answer_item(memory_device(want, L4_FPAGE_UNCACHEABLE, &item), &item);
	case REQUEST_DEVICE_CACHED:
		return answer_item(memory_device(want, L4_FPAGE_CACHEABLE, &item), &item);
	case REQUEST_ANY_RAM:
		return answer_item(memory_any_ram(client, want, &item), &item);
	case REQUEST_KIP:
		return answer_item(memory_kip(&item), &item);
	case REQUEST_DUMP:
		memory_dump();
		ports_dump();
		return answer(0);
	default:
		return answer(-L4_ENOSYS);
	}
}

static l4_msgtag_t handle_page_fault(l4_umword_t client, unsigned words)
{
	struct item item;

	if (words < 1)
		return answer(-L4_EINVAL);
	return answer_item(memory_fault(client, l4_utcb_mr()->mr[0], &item), &item);
}

static l4_msgtag_t handle_ports(l4_umword_t client, unsigned words)
{
	l4_fpage_t want = { .raw = words > 0 ? l4_utcb_mr()->mr[0] : 0 };
	struct item item;

	return answer_item(ports_claim(client, want, &item), &item);
}

static l4_msgtag_t handle_factory(l4_umword_t label, unsigned words)
{
	struct item item;

	if (!(label & LABEL_RIGHT_S))
		return answer(-L4_EPERM);
	if (words < 1)
		return answer(-L4_EMSGTOOSHORT);
	if ((long)l4_utcb_mr()->mr[0] != L4_PROTO_SIGMA0)
		return answer(-L4_ENODEV);
	return answer_item(client_create(&item), &item);
}

/* Reply of META_INTERFACE: protocol, length of the name with its NUL in bytes, name. */
static l4_msgtag_t answer_interface(l4_umword_t index)
{
	l4_msg_regs_t *mr = l4_utcb_mr();
	const char *name;
	unsigned length = 0;

	if (index >= INTERFACES)
		return answer(-L4_ERANGE);
	name = interfaces[index].name;
	mr->mr[0] = (l4_umword_t)interfaces[index].protocol;
	do
		((char *)&mr->mr[2])[length] = name[length];
	while (name[length++]);
	mr->mr[1] = length;
	return l4_msgtag(0, 2 + l4_bytes_to_mwords(length), 0, 0);
}

static l4_msgtag_t handle_meta(unsigned words)
{
	const l4_msg_regs_t *mr = l4_utcb_mr();

	if (words < 1)
		return answer(-L4_EMSGTOOSHORT);
	if ((int)mr->mr[0] == META_COUNT)
		return answer(INTERFACES);
	if (words < 2)
		return answer(-L4_EMSGTOOSHORT);
	if ((int)mr->mr[0] == META_INTERFACE)
		return answer_interface(mr->mr[1]);
	if ((int)mr->mr[0] != META_SUPPORTS)
		return answer(-L4_ENOSYS);
	for (unsigned i = 0; i < INTERFACES; i++)
		if (interfaces[i].protocol == (long)mr->mr[1])
			return answer(1);
	return answer(0);
}

static l4_msgtag_t handle(l4_msgtag_t tag, l4_umword_t label)
{
	l4_umword_t client = label >> LABEL_CLIENT_SHIFT;
	unsigned words = l4_msgtag_words(tag);

	switch (l4_msgtag_label(tag)) {
	case L4_PROTO_SIGMA0:
		return handle_sigma0(client, words);
	case L4_PROTO_PAGE_FAULT:
		return handle_page_fault(client, words);
	case L4_PROTO_IO_PAGE_FAULT:
		return handle_ports(client, words);
	case L4_PROTO_FACTORY:
		return handle_factory(label, words);
	case L4_PROTO_META:
		return handle_meta(words);
	default:
		return answer(-L4_EBADPROTO);
	}
}

/* Faults must not wait behind programs: sigma0 never runs but on behalf of a caller. */
static void raise_own_priority(void)
{
	l4_sched_param_t param = l4_sched_param(L4_SCHED_MAX_PRIO, 0);

	l4_scheduler_run_thread(L4_BASE_SCHEDULER_CAP, L4_BASE_THREAD_CAP, &param);
}

void sigma0_main(const void *kip);

void sigma0_main(const void *kip)
{
	l4_utcb_t *utcb = l4_utcb();
	l4_umword_t label;
	l4_msgtag_t tag;

	memory_init(kip);
	ports_init();
	raise_own_priority();
	l4_utcb_br()->bdr = 0;
	l4_utcb_br()->br[0] = 0; /* accept no items */
	tag = l4_ipc_wait(utcb, &label, L4_IPC_NEVER);
	for (;;) {
		if (l4_msgtag_has_error(tag))
			tag = l4_ipc_wait(utcb, &label, L4_IPC_NEVER);
		else
			tag = l4_ipc_reply_and_wait(utcb, handle(tag, label), &label,
						    L4_IPC_SEND_TIMEOUT_0);
	}
}
