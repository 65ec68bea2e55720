/* SPDX-License-Identifier: MIT */
/* Life and death of objects. */
#include "moe.h"

void object_init(struct object *object, const struct server_class *class, struct factory *factory,
		 void (*destroy)(struct object *))
{
	object->server.class = class;
	object->server.cap = L4_INVALID_CAP;
	object->destroy = destroy;
	object->factory = factory;
	if (!factory)
		return;
	object->next = factory->objects;
	object->link = &factory->objects;
	if (object->next)
		object->next->link = &object->next;
	factory->objects = object;
}

static void destroy(struct object *object)
{
	if (object->link) {
		*object->link = object->next;
		if (object->next)
			object->next->link = object->link;
		object->link = NULL;
	}
	object->destroy(object);
}

void object_kill(struct object *object)
{
	server_unpublish(&moe.server, &object->server);
	while (object->references) {
		struct reference *r = object->references;

		object->references = r->next;
		*r = (struct reference){ 0 };
	}
	destroy(object);
}

static void destroy_unused(struct object *object)
{
	if (!object->permanent && !object->references && !object->server.label)
		destroy(object);
}

void object_released(struct server_object *object)
{
	destroy_unused((struct object *)object);
}

void reference_set(struct reference *reference, struct object *to)
{
	reference->to = to;
	reference->next = to->references;
	reference->link = &to->references;
	if (reference->next)
		reference->next->link = &reference->next;
	to->references = reference;
}

void reference_clear(struct reference *reference)
{
	struct object *to = reference->to;

	if (!to)
		return;
	*reference->link = reference->next;
	if (reference->next)
		reference->next->link = reference->link;
	*reference = (struct reference){ 0 };
	destroy_unused(to);
}

long object_reply_new(struct server_request *request, struct object *object)
{
	long err = server_publish(request->server, &object->server);

	if (err < 0) {
		destroy_unused(object);
		return err;
	}
	server_reply_object(request, &object->server, moe_reply_rights());
	return 0;
}

struct object *object_from_item(struct server_request *request, const struct server_class *class,
				unsigned *rights)
{
	struct wire_item item = wire_get_item(&request->in);
	struct server_object *o = server_item_object(request->server, &item, rights);

	return o && o->class == class ? (struct object *)o : NULL;
}
