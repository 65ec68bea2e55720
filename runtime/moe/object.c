/* SPDX-License-Identifier: MIT */
/* Life and death of objects. */
#include "dataspace.h"
#include "moe.h"

enum { PIECES = 4 /* at a time */, HELPING_STEPS = 64 };

/* First in, first out: objects[first] to *last, linked by `next`. */
struct queue {
	struct object *first, **last;
};
static struct queue dying_dataspaces, dying;

void object_init(struct object *object, const struct server_class *class, struct factory *factory,
		 bool (*destroy)(struct object *))
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

static void enqueue(struct queue *q, struct object *object)
{
	if (!q->first)
		q->last = &q->first;
	object->next = NULL;
	*q->last = object;
	q->last = &object->next;
}

static void begin_destruction(struct object *object)
{
	if (object->link) {
		*object->link = object->next;
		if (object->next)
			object->next->link = object->link;
		object->link = NULL;
	}
	if (object->factory)
		object->factory->dying++;
	enqueue(object->server.class == &dataspace_class ? &dying_dataspaces : &dying, object);
	moe.server.work_left = true;
}

/* A piece of the first one's destruction; it goes behind the others then. False: there is none. */
static bool work_on(struct queue *q)
{
	struct object *object = q->first;
	struct factory *f;

	if (!object)
		return false;
	q->first = object->next;
	f = object->factory;
	if (!object->destroy(object))
		enqueue(q, object);
	else if (f)
		f->dying--;
	return true;
}

bool object_work(void)
{
	for (unsigned i = 0; i < PIECES; i++)
		if (!work_on(&dying_dataspaces))
			work_on(&dying);
	return dying_dataspaces.first || dying.first;
}

bool object_work_for_memory(void)
{
	unsigned steps = 0;

	while (steps < HELPING_STEPS && work_on(&dying_dataspaces))
		steps++;
	return steps;
}

void object_kill(struct object *object)
{
	server_unpublish(&moe.server, &object->server);
	while (object->references) {
		struct reference *r = object->references;

		object->references = r->next;
		*r = (struct reference){ 0 };
	}
	begin_destruction(object);
}

static void destroy_unused(struct object *object)
{
	if (object->permanent || object->server.label)
		return;
	if (!object->references || (object->is_lost && object->is_lost(object)))
		object_kill(object);
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
