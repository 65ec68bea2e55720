/* SPDX-License-Identifier: MIT */
/* From a message to the handler of its object. */
#include <l4/sys/err.h>
#include <l4/sys/ipc.h>
#include <l4/sys/ipc_gate.h>
#include <l4/sys/meta.h>
#include "server/server.h"

enum { LABEL_RIGHTS = L4_CAP_FPAGE_W | L4_CAP_FPAGE_S };

static const char meta_name[] = "N2L44MetaE";

struct server_object *server_find(const struct server *server, l4_umword_t label)
{
	l4_umword_t wanted = label & ~(l4_umword_t)LABEL_RIGHTS;
	struct server_object *o =
	    server->config.buckets[(label >> 2) & (server->config.bucket_count - 1)];

	while (o && o->label != wanted)
		o = o->next;
	return o;
}

static const struct server_interface *find_interface(const struct server_class *class,
						     long protocol)
{
	for (unsigned i = 0; i < class->interface_count; i++)
		if (class->interfaces[i].protocol == protocol)
			return &class->interfaces[i];
	return NULL;
}

/* The meta protocol counts itself as the last interface. */
static long meta_interface(const struct server_class *class, struct server_request *request)
{
	l4_umword_t index = wire_get_word(&request->in);

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (index > class->interface_count)
		return -L4_ERANGE;
	if (index == class->interface_count) {
		wire_put_word(&request->out, (l4_umword_t)L4_PROTO_META);
		wire_put_string(&request->out, meta_name);
		return 0;
	}
	wire_put_word(&request->out, (l4_umword_t) class->interfaces[index].protocol);
	wire_put_string(&request->out, class->interfaces[index].name);
	return 0;
}

static long meta_supports(const struct server_class *class, struct server_request *request)
{
	long protocol = (long)wire_get_word(&request->in);

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	return protocol == L4_PROTO_META || find_interface(class, protocol);
}

static long handle_meta(const struct server_class *class, struct server_request *request)
{
	int op = (int)wire_get_u32(&request->in);

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	switch (op) {
	case L4_META_OP_NUM_INTERFACES:
		return class->interface_count + 1;
	case L4_META_OP_INTERFACE:
		return meta_interface(class, request);
	case L4_META_OP_SUPPORTS:
		return meta_supports(class, request);
	default:
		return -L4_ENOSYS;
	}
}

static long handle_operation(const struct server_interface *interface, struct server_object *object,
			     struct server_request *request)
{
	l4_uint32_t op = wire_get_u32(&request->in);

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (op >= interface->operation_count || !interface->operations[op].handle)
		return -L4_ENOSYS;
	if (interface->operations[op].rights & ~request->rights)
		return -L4_EPERM;
	return interface->operations[op].handle(object, request);
}

static long handle(struct server_object *object, struct server_request *request)
{
	const struct server_interface *interface;

	interface = find_interface(object->class, request->protocol);
	if (interface && interface->handle)
		return interface->handle(object, request);
	if (interface)
		return handle_operation(interface, object, request);
	if (request->protocol == L4_PROTO_META)
		return handle_meta(object->class, request);
	return -L4_EBADPROTO;
}

l4_msgtag_t server_dispatch(struct server *server, l4_umword_t label, l4_msgtag_t tag)
{
	struct server_object *object = server_find(server, label);
	struct server_request request = { .server = server,
					  .protocol = l4_msgtag_label(tag),
					  .tag = tag,
					  .rights = label & LABEL_RIGHTS,
					  .in = wire_in_init(tag) };
	long result;

	if (!object)
		return l4_msgtag(-L4_ENOENT, 0, 0, 0);
	result = handle(object, &request);
	if (result < 0)
		return l4_msgtag(result, 0, 0, 0);
	return wire_tag(&request.out, request.out.failed ? -L4_EMSGTOOLONG : result);
}

void server_reply_object(struct server_request *request, const struct server_object *object,
			 unsigned rights)
{
	wire_put_cap(&request->out, object->cap, rights);
}

/* Kernel calls in the middle of a request: the message is still, or already, in the registers. */
static l4_umword_t label_of_gate(l4_cap_idx_t gate)
{
	l4_msg_regs_t saved = *l4_utcb_mr();
	l4_umword_t label = 0;

	l4_utcb_mr()->mr[0] = L4_IPC_GATE_GET_INFO_OP;
	if (l4_error(l4_obj_call_u(gate, L4_PROTO_KOBJECT, 1, 0, l4_utcb())) == 0)
		label = l4_utcb_mr()->mr[0];
	*l4_utcb_mr() = saved;
	return label;
}

struct server_object *server_item_object(struct server *server, const struct wire_item *item,
					 unsigned *rights)
{
	l4_umword_t label = item->label;

	*rights = item->rights;
	if (item->kind == WIRE_LOCAL) {
		*rights = l4_fpage_rights(item->fpage) & LABEL_RIGHTS;
		label = label_of_gate(l4_fpage_obj(item->fpage));
	} else if (item->kind != WIRE_OWN_LABEL) {
		return NULL;
	}
	return label ? server_find(server, label) : NULL;
}
