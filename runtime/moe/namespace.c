/* SPDX-License-Identifier: MIT */
/* The namespace protocol. */
#include <stddef.h>
#include <string.h>
#include <l4/re/protocols.h>
#include <l4/sys/err.h>
#include <l4/sys/task.h>
#include "dataspace.h"
#include "moe.h"
#include "namespace.h"
#include "text.h"

enum { FREED_AT_ONCE = 64, ABOVE_MAX = 32, LOOKED_AT_MAX = 256 };
enum { PARTLY_RESOLVED = 0x20, REGISTER_RIGHTS = 7, REGISTER_OVERWRITE = 0x200 };

/* What a name stands for: an object of moe's, a capability of somebody else's, or nothing yet. */
struct entry {
	struct name name;	 /* first */
	struct reference object; /* second: found from it by entry_of() */
	struct namespace *owner;
	l4_cap_idx_t cap;
	unsigned rights;
	bool fixed; /* made by moe */
	bool empty; /* registered without a capability */
};

static const char listing_name[] = ".dirinfo";

static void free_entry(struct namespace *n, struct entry *e)
{
	names_remove(&n->names, &e->name);
	n->count--;
	reference_clear(&e->object);
	if (l4_is_valid_cap(e->cap))
		server_drop_cap(&moe.server, e->cap);
	factory_free(n->object.factory, e);
}

static bool destroy(struct object *object)
{
	struct namespace *n = (struct namespace *)object;
	struct name *name;

	for (unsigned i = 0; i < FREED_AT_ONCE; i++) {
		name = names_next(&n->names, NULL);
		if (!name) {
			factory_free(object->factory, n);
			return true;
		}
		free_entry(n, (struct entry *)name);
	}
	return false;
}

/* Only names refer to namespaces. */
static const struct entry *entry_of(const struct reference *r)
{
	return (const struct entry *)((const char *)r - offsetof(struct entry, object));
}

/* Namespaces above one, as far as they have been found. */
struct above {
	const struct object *found[ABOVE_MAX];
	unsigned count, looked_at;
};

/* Enter those that have a name for o. False: a client can get at one, or there are too many. */
static bool find_above(struct above *a, const struct object *o)
{
	for (const struct reference *r = o->references; r; r = r->next) {
		const struct object *owner = &entry_of(r)->owner->object;
		unsigned i = 0;

		if (owner->server.label || owner->permanent || a->looked_at++ == LOOKED_AT_MAX)
			return false;
		while (i < a->count && a->found[i] != owner)
			i++;
		if (i == ABOVE_MAX)
			return false;
		a->found[i] = owner;
		a->count += i == a->count;
	}
	return true;
}

/*
 * Namespaces that only name each other are lost. One that has too many above it is not found to be
 * so: the search is bounded. It goes with its factory.
 */
static bool is_lost(const struct object *object)
{
	struct above a = { .count = 0 };
	bool lost = find_above(&a, object);

	for (unsigned i = 0; lost && i < a.count; i++)
		lost = find_above(&a, a.found[i]);
	return lost;
}

struct namespace *namespace_create(struct factory *f)
{
	struct namespace *n = factory_alloc(f, sizeof(*n));

	if (!n)
		return NULL;
	object_init(&n->object, &namespace_class, f, destroy);
	n->object.is_lost = is_lost;
	return n;
}

static struct entry *new_entry(struct namespace *n, const char *text, size_t length)
{
	struct entry *e = factory_alloc(n->object.factory, sizeof(*e) + length);

	if (!e)
		return NULL;
	memcpy(e + 1, text, length);
	e->name.text = (const char *)(e + 1);
	e->name.length = length;
	e->cap = L4_INVALID_CAP;
	e->owner = n;
	names_insert(&n->names, &e->name);
	n->count++;
	return e;
}

long namespace_add(struct namespace *n, const char *name, struct object *object, unsigned rights)
{
	struct entry *e = new_entry(n, name, strlen(name));

	if (!e)
		return -L4_ENOMEM;
	e->fixed = true;
	e->rights = rights;
	reference_set(&e->object, object);
	return 0;
}

struct object *namespace_lookup(const struct namespace *n, const char *name)
{
	const struct entry *e = (const struct entry *)names_find(&n->names, name, strlen(name));

	return e ? e->object.to : NULL;
}

/* Does the entry still stand for something? Keeps the message registers. */
static bool is_alive(const struct entry *e)
{
	l4_msg_regs_t saved = *l4_utcb_mr();
	bool alive;

	if (e->empty || e->object.to)
		return true;
	alive = l4_is_valid_cap(e->cap) &&
		l4_msgtag_label(l4_task_cap_valid(L4_BASE_TASK_CAP, e->cap)) == 1;
	*l4_utcb_mr() = saved;
	return alive;
}

/* The reply to a query: what is left of the path, and the capability. */
static void answer_query(struct server_request *request, const char *rest, size_t rest_length,
			 l4_cap_idx_t cap, unsigned rights)
{
	wire_put_u32(&request->out, 0);
	wire_put_array(&request->out, rest, rest_length);
	wire_put_cap(&request->out, cap, rights);
}

/* Lines <length>:<name> of all entries, as a new dataspace. */
static long query_listing(struct namespace *n, struct server_request *request)
{
	struct dataspace *d;
	struct extent e;
	size_t size = 0;
	long err;

	for (struct name *at = NULL; (at = names_next(&n->names, at));)
		size += at->length + 5;
	d = dataspace_create(n->object.factory, size + 1, DATASPACE_CONTINUOUS, 0, &err);
	if (!d)
		return err;
	dataspace_resolve(d, 0, true, &e);
	memset((void *)e.address, 0, dataspace_rounded_size(d));
	struct text t = text_init((char *)e.address, size + 1);

	for (struct name *at = NULL; (at = names_next(&n->names, at));) {
		text_add(&t, "%u:", (unsigned)at->length);
		text_add_bytes(&t, at->text, at->length);
		text_add_bytes(&t, "\n", 1);
	}
	d->size = t.length ? t.length : 1;
	err = server_publish(request->server, &d->object.server);
	if (err < 0) {
		object_kill(&d->object);
		return err;
	}
	answer_query(request, "", 0, d->object.server.cap,
		     moe_reply_rights() & ~(unsigned)L4_CAP_FPAGE_W);
	return 0;
}

static long query_entry(struct entry *e, struct server_request *request, const char *rest,
			size_t rest_length)
{
	char copy[WIRE_MAX_BYTES];
	l4_cap_idx_t cap = e->cap;
	long err;

	if (rest_length)
		memcpy(copy, rest, rest_length);
	if (e->object.to) {
		err = server_publish(request->server, &e->object.to->server);
		if (err < 0)
			return err;
		cap = e->object.to->server.cap;
	}
	answer_query(request, copy, rest_length, cap, e->rights | L4_CAP_FPAGE_R);
	return rest_length ? PARTLY_RESOLVED : 0;
}

static long handle_query(struct server_object *object, struct server_request *request)
{
	struct namespace *n = (struct namespace *)object;
	size_t length, first, rest_length;
	const char *path = wire_get_array(&request->in, &length), *rest;
	struct entry *e;

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	rest = names_split(path, length, &first, &rest_length);
	if (first == sizeof(listing_name) - 1 && memcmp(path, listing_name, first) == 0)
		return query_listing(n, request);
	e = (struct entry *)names_find(&n->names, path, first);
	if (!e || !is_alive(e))
		return -L4_ENOENT;
	if (e->empty)
		return -L4_EAGAIN;
	return query_entry(e, request, rest, rest_length);
}

/* Fill a new entry from the capability in the message. */
static long read_target(struct server_request *request, struct reference *object, l4_cap_idx_t *cap,
			bool *empty)
{
	struct wire_item item;
	struct server_object *own;
	unsigned rights;

	*empty = !request->in.items_left;
	if (*empty)
		return 0;
	item = wire_get_cap(&request->in);
	if (request->in.failed)
		return -L4_EINVAL;
	if (item.kind == WIRE_CAP) {
		*cap = server_keep_cap(request->server, &item);
		return l4_is_valid_cap(*cap) ? 0 : -L4_ENOMEM;
	}
	own = server_item_object(request->server, &item, &rights);
	if (!own)
		return -L4_EINVAL;
	reference_set(object, (struct object *)own);
	return 0;
}

static long check_old(const struct entry *old, unsigned flags)
{
	if (!old)
		return 0;
	if (old->fixed)
		return -L4_EEXIST;
	if (!(flags & REGISTER_OVERWRITE) && !old->empty && is_alive(old))
		return -L4_EEXIST;
	return 0;
}

static long handle_register(struct server_object *object, struct server_request *request)
{
	struct namespace *n = (struct namespace *)object;
	unsigned flags = wire_get_u32(&request->in);
	size_t length;
	const char *text = wire_get_array(&request->in, &length);
	struct entry *old, *e;
	long err;

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	if (!names_valid(text, length))
		return -L4_EINVAL;
	old = (struct entry *)names_find(&n->names, text, length);
	err = check_old(old, flags);
	if (err < 0)
		return err;
	e = new_entry(n, text, length);
	if (!e)
		return -L4_ENOMEM;
	e->rights = flags & REGISTER_RIGHTS;
	err = read_target(request, &e->object, &e->cap, &e->empty);
	if (err < 0 || old)
		free_entry(n, err < 0 ? e : old);
	return err;
}

static long handle_unlink(struct server_object *object, struct server_request *request)
{
	struct namespace *n = (struct namespace *)object;
	size_t length;
	const char *text = wire_get_array(&request->in, &length);
	struct entry *e;

	if (request->in.failed)
		return -L4_EMSGTOOSHORT;
	e = (struct entry *)names_find(&n->names, text, length);
	if (!e)
		return -L4_ENOENT;
	if (e->fixed)
		return -L4_EACCESS;
	free_entry(n, e);
	return 0;
}

static const struct server_operation operations[] = {
	[0] = { handle_query, 0 },
	[1] = { handle_register, L4_CAP_FPAGE_W },
	[3] = { handle_unlink, L4_CAP_FPAGE_W },
};

static const struct server_interface interfaces[] = {
	{ L4RE_PROTO_NAMESPACE, "N4L4Re9NamespaceE", NULL, operations, 4 },
};

const struct server_class namespace_class = { interfaces, 1, object_released, NULL };
