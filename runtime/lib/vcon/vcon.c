/* SPDX-License-Identifier: MIT */
/* Server side of the virtual console protocol. */
#include "vcon/vcon.h"

#include <string.h>
#include <l4/sys/err.h>

/* A write is not answered. */
static long handle_write(struct vcon *vcon, struct server_request *request)
{
	l4_umword_t count = wire_get_word(&request->in);
	char text[L4_VCON_WRITE_SIZE];

	if (request->in.failed)
		return -L4_EINVAL;
	if (count > request->in.end - request->in.bytes)
		count = request->in.end - request->in.bytes;
	memcpy(text, wire_get_bytes(&request->in, count), count);
	vcon->actions->write(vcon, text, count);
	return -L4_ENOREPLY;
}

static long handle_read(struct vcon *vcon, size_t count, struct server_request *request)
{
	char text[L4_VCON_READ_SIZE];
	l4_umword_t flags = 0;

	if (!vcon->actions->read)
		return -L4_ENOSYS;
	if (count > sizeof(text))
		count = sizeof(text);
	count = vcon->actions->read(vcon, text, count, &flags);
	wire_put_word(&request->out, count | flags);
	wire_put_bytes(&request->out, text, count);
	return 0;
}

static long handle_set_attributes(struct vcon *vcon, struct server_request *request)
{
	l4_vcon_attr_t a;

	a.i_flags = wire_get_word(&request->in);
	a.o_flags = wire_get_word(&request->in);
	a.l_flags = wire_get_word(&request->in);
	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	vcon->attributes = a;
	return 0;
}

static long handle_get_attributes(const struct vcon *vcon, struct server_request *request)
{
	wire_put_word(&request->out, 0);
	wire_put_word(&request->out, vcon->attributes.i_flags);
	wire_put_word(&request->out, vcon->attributes.o_flags);
	wire_put_word(&request->out, vcon->attributes.l_flags);
	return 0;
}

long vcon_handle(struct server_object *object, struct server_request *request)
{
	struct vcon *vcon = (struct vcon *)object;
	l4_umword_t op = wire_get_word(&request->in);

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	switch (op & 0xffff) {
	case L4_VCON_WRITE_OP:
		return handle_write(vcon, request);
	case L4_VCON_READ_OP:
		return handle_read(vcon, op >> 16, request);
	case L4_VCON_SET_ATTR_OP:
		return handle_set_attributes(vcon, request);
	case L4_VCON_GET_ATTR_OP:
		return handle_get_attributes(vcon, request);
	default:
		return -L4_ENOSYS;
	}
}

long vcon_handle_icu(struct server_object *object, struct server_request *request)
{
	return pin_handle(&((struct vcon *)object)->pin, request);
}
