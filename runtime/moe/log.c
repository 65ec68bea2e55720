/* SPDX-License-Identifier: MIT */
/* The console protocol of log objects. */
#include <string.h>
#include <l4/sys/err.h>
#include <l4/sys/vcon.h>
#include "log.h"
#include "log_format.h"
#include "moe.h"

struct log {
	struct object object;
	struct log_source source;
};

static struct log_console console = { .write = moe_write };

static bool destroy(struct object *object)
{
	struct log *l = (struct log *)object;

	log_forget(&console, &l->source);
	factory_free(object->factory, l);
	return true;
}

/* Writes are not answered. */
static long write_text(struct log *l, struct server_request *request)
{
	l4_umword_t count = wire_get_word(&request->in);
	char text[WIRE_MAX_BYTES];

	if (request->in.failed)
		return -L4_EINVAL;
	if (count > request->in.end - request->in.bytes)
		count = request->in.end - request->in.bytes;
	memcpy(text, wire_get_bytes(&request->in, count), count);
	log_format(&console, &l->source, text, count);
	return -L4_ENOREPLY;
}

static long handle(struct server_object *object, struct server_request *request)
{
	l4_umword_t op = wire_get_word(&request->in) & 0xffff;

	if (request->in.failed)
		return -L4_EINVAL;
	if (op != L4_VCON_WRITE_OP)
		return -L4_ENOSYS;
	return write_text((struct log *)object, request);
}

static long no_interrupt(struct server_object *object, struct server_request *request)
{
	(void)object;
	(void)request;
	return -L4_ENOSYS;
}

static const struct server_interface interfaces[] = {
	{ L4_PROTO_LOG, "N4L4Re3LogE", handle, NULL, 0 },
	{ L4_PROTO_IRQ, "N2L43IcuE", no_interrupt, NULL, 0 },
};

static const struct server_class class = { interfaces, 2, object_released, NULL };

struct object *log_create(struct factory *f, const char *tag, unsigned colour)
{
	struct log *l = factory_alloc(f, sizeof(*l));

	if (!l)
		return NULL;
	object_init(&l->object, &class, f, destroy);
	strncpy(l->source.tag, tag, LOG_TAG_MAX);
	l->source.colour = colour;
	return &l->object;
}
