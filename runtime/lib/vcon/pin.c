/* SPDX-License-Identifier: MIT */
/* An interrupt controller with one pin. */
#include "vcon/pin.h"

#include <l4/sys/err.h>
#include <l4/sys/icu.h>
#include <l4/sys/irq.h>
#include <l4/sys/task.h>

static bool same(const struct server *server, l4_cap_idx_t a, l4_cap_idx_t b)
{
	return l4_msgtag_label(l4_task_cap_equal(server->config.task, a, b)) == 1;
}

static bool gone(const struct server *server, l4_cap_idx_t cap)
{
	return l4_msgtag_label(l4_task_cap_valid(server->config.task, cap)) != 1;
}

static void drop(struct pin *pin, struct server *server, unsigned i)
{
	server_drop_cap(server, pin->bound[i]);
	pin->bound[i] = pin->bound[--pin->count];
}

static void drop_those_gone(struct pin *pin, struct server *server)
{
	for (unsigned i = pin->count; i-- > 0;)
		if (gone(server, pin->bound[i]))
			drop(pin, server, i);
}

/* The capability that came with the request; it is in a receive slot. */
static l4_cap_idx_t received(struct server_request *request, struct wire_item *item)
{
	*item = wire_get_item(&request->in);
	return item->kind == WIRE_CAP ? request->server->receive[item->buffer] : L4_INVALID_CAP;
}

static unsigned find(const struct pin *pin, const struct server *server, l4_cap_idx_t cap)
{
	unsigned i = 0;

	while (i < pin->count && !same(server, pin->bound[i], cap))
		i++;
	return i;
}

/* Move it to a slot of the pin's, as one that does not keep the object alive. */
static l4_cap_idx_t keep_weakly(struct server *server, l4_cap_idx_t cap)
{
	const struct server_config *c = &server->config;
	l4_cap_idx_t slot = c->slot_alloc();
	l4_umword_t control;

	if (!l4_is_valid_cap(slot))
		return slot;
	control = l4_map_obj_control(slot, L4_MAP_ITEM_GRANT) | L4_FPAGE_C_NO_REF_CNT;
	if (l4_error(l4_task_map(c->task, c->task, l4_obj_fpage(cap, 0, L4_CAP_FPAGE_RWS),
				 control)) >= 0)
		return slot;
	c->slot_free(slot);
	return L4_INVALID_CAP;
}

static long bind(struct pin *pin, struct server_request *request)
{
	struct server *server = request->server;
	struct wire_item item;
	l4_cap_idx_t cap = received(request, &item);

	if (!l4_is_valid_cap(cap))
		return -L4_EINVAL;
	drop_those_gone(pin, server);
	if (find(pin, server, cap) < pin->count)
		return 0;
	if (pin->limit > 1 && pin->count == pin->limit)
		return -L4_ENOMEM;
	cap = keep_weakly(server, cap);
	if (!l4_is_valid_cap(cap))
		return -L4_ENOMEM;
	if (pin->limit <= 1)
		pin_clear(pin, server);
	pin->bound[pin->count++] = cap;
	return 0;
}

static long unbind(struct pin *pin, struct server_request *request)
{
	struct wire_item item;
	l4_cap_idx_t cap = received(request, &item);
	unsigned i;

	if (!l4_is_valid_cap(cap))
		return -L4_EINVAL;
	i = find(pin, request->server, cap);
	if (i == pin->count)
		return -L4_ENOENT;
	drop(pin, request->server, i);
	return 0;
}

static long info(struct server_request *request)
{
	wire_put_word(&request->out, 0); /* features */
	wire_put_word(&request->out, 1); /* pins */
	wire_put_word(&request->out, 0); /* message-signalled interrupts */
	return 0;
}

static long handle_pin_operation(struct pin *pin, l4_umword_t op, struct server_request *request)
{
	switch (op) {
	case L4_ICU_OP_BIND:
		return bind(pin, request);
	case L4_ICU_OP_UNBIND:
		return unbind(pin, request);
	case L4_ICU_OP_SET_MODE:
		return 0;
	default:
		return -L4_ENOSYS;
	}
}

long pin_handle(struct pin *pin, struct server_request *request)
{
	l4_umword_t op = wire_get_word(&request->in), number;

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (op == L4_ICU_OP_MASK || op == L4_ICU_OP_UNMASK)
		return -L4_ENOREPLY;
	if (op == L4_ICU_OP_INFO)
		return info(request);
	number = wire_get_word(&request->in);
	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	return number ? -L4_EINVAL : handle_pin_operation(pin, op, request);
}

void pin_fire(struct pin *pin, struct server *server)
{
	l4_msg_regs_t saved = *l4_utcb_mr();

	for (unsigned i = pin->count; i-- > 0;)
		if (l4_ipc_error(l4_irq_trigger(pin->bound[i]), l4_utcb()))
			drop(pin, server, i);
	*l4_utcb_mr() = saved;
}

void pin_clear(struct pin *pin, struct server *server)
{
	while (pin->count)
		drop(pin, server, pin->count - 1);
}
