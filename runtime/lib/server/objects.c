/* SPDX-License-Identifier: MIT */
/* Gates, interrupts and received capabilities of a server. */
#include <l4/sys/err.h>
#include <l4/sys/factory.h>
#include <l4/sys/ipc.h>
#include <l4/sys/kobject.h>
#include <l4/sys/rcv_endpoint.h>
#include <l4/sys/task.h>
#include <l4/sys/thread.h>
#include "server/server.h"

/* Objects to look at between two requests. */
enum { SCAN_OBJECTS = 32 };

static struct server_object **bucket_of(struct server *server, l4_umword_t label)
{
	return &server->config.buckets[(label >> 2) & (server->config.bucket_count - 1)];
}

/* The ring: who is new is the last to be looked at. */
static void enter_ring(struct server *server, struct server_object *object)
{
	struct server_object *next = server->scan_at ? server->scan_at : object;

	object->after = next;
	object->before = next == object ? object : next->before;
	object->before->after = object;
	next->before = object;
	server->scan_at = next;
	server->object_count++;
}

static void leave_ring(struct server *server, struct server_object *object)
{
	object->before->after = object->after;
	object->after->before = object->before;
	if (server->scan_at == object)
		server->scan_at = object->after == object ? NULL : object->after;
	server->object_count--;
}

static void link_object(struct server *server, struct server_object *object, l4_cap_idx_t cap)
{
	struct server_object **bucket = bucket_of(server, server->last_label);

	object->label = server->last_label;
	object->cap = cap;
	object->next = *bucket;
	*bucket = object;
	enter_ring(server, object);
}

static void unlink_object(struct server *server, struct server_object *object)
{
	struct server_object **at = bucket_of(server, object->label);

	while (*at != object)
		at = &(*at)->next;
	*at = object->next;
	object->next = NULL;
	object->label = 0;
	leave_ring(server, object);
	if (server->fresh == object)
		server->fresh = NULL;
}

static l4_umword_t next_label(struct server *server)
{
	server->last_label += 4;
	return server->last_label;
}

static void release(struct server *server, l4_cap_idx_t cap)
{
	l4_task_release_cap(server->config.task, cap);
}

void server_drop_cap(struct server *server, l4_cap_idx_t cap)
{
	l4_msg_regs_t saved = *l4_utcb_mr();

	release(server, cap);
	server->config.slot_free(cap);
	*l4_utcb_mr() = saved;
}

long server_publish(struct server *server, struct server_object *object)
{
	const struct server_config *c = &server->config;
	l4_cap_idx_t cap;
	long err;

	if (object->label)
		return 0;
	cap = c->slot_alloc();
	if (!l4_is_valid_cap(cap))
		return -L4_ENOMEM;
	err = l4_error(l4_factory_create_gate(c->factory, cap, c->thread, next_label(server)));
	if (err < 0) {
		c->slot_free(cap);
		return err;
	}
	l4_kobject_dec_refcnt(cap, 1);
	link_object(server, object, cap);
	object->irq = false;
	server->fresh = object;
	return 0;
}

long server_bind_gate(struct server *server, struct server_object *object, l4_cap_idx_t gate)
{
	long err = l4_error(l4_rcv_ep_bind_thread(gate, server->config.thread, next_label(server)));

	if (err < 0)
		return err;
	link_object(server, object, gate);
	object->irq = false;
	return 0;
}

void server_unpublish(struct server *server, struct server_object *object)
{
	if (!object->label)
		return;
	unlink_object(server, object);
	l4_task_delete_obj(server->config.task, object->cap);
	server->config.slot_free(object->cap);
	object->cap = L4_INVALID_CAP;
}

long server_bind_irq(struct server *server, struct server_object *object)
{
	const struct server_config *c = &server->config;
	l4_cap_idx_t cap = c->slot_alloc();
	long err;

	if (!l4_is_valid_cap(cap))
		return -L4_ENOMEM;
	err = l4_error(l4_factory_create_irq(c->factory, cap));
	if (err >= 0)
		err = l4_error(l4_rcv_ep_bind_thread(cap, c->thread, next_label(server)));
	if (err < 0) {
		l4_task_delete_obj(c->task, cap);
		c->slot_free(cap);
		return err;
	}
	link_object(server, object, cap);
	object->irq = true;
	return 0;
}

l4_cap_idx_t server_keep_cap(struct server *server, const struct wire_item *item)
{
	l4_cap_idx_t kept, empty;

	if (item->kind != WIRE_CAP || item->buffer >= SERVER_RECEIVE_SLOTS)
		return L4_INVALID_CAP;
	empty = server->config.slot_alloc();
	if (!l4_is_valid_cap(empty))
		return L4_INVALID_CAP;
	kept = server->receive[item->buffer];
	server->receive[item->buffer] = empty;
	return kept;
}

static bool gate_is_gone(struct server *server, const struct server_object *object)
{
	return !object->irq &&
	       l4_msgtag_label(l4_task_cap_valid(server->config.task, object->cap)) != 1;
}

static void release_gone(struct server *server, struct server_object *object)
{
	unlink_object(server, object);
	server->config.slot_free(object->cap);
	object->cap = L4_INVALID_CAP;
	object->class->released(object);
}

/* What `released` takes out of the ring is not looked at; scan_at is always a member. */
void server_scan(struct server *server)
{
	for (unsigned i = 0; server->scan_left && i < SCAN_OBJECTS; i++) {
		struct server_object *o = server->scan_at;

		if (!o) {
			server->scan_left = 0;
			return;
		}
		server->scan_at = o->after;
		server->scan_left--;
		if (gate_is_gone(server, o))
			release_gone(server, o);
	}
}

long server_init(struct server *server, const struct server_config *config)
{
	struct server_object deletion = { .class = NULL };
	long err;

	*server = (struct server){ .config = *config,
				   .deletion_irq = L4_INVALID_CAP,
				   .reply = L4_INVALID_CAP };
	for (unsigned i = 0; i < SERVER_RECEIVE_SLOTS; i++) {
		server->receive[i] = config->slot_alloc();
		if (!l4_is_valid_cap(server->receive[i]))
			return -L4_ENOMEM;
	}
	err = server_bind_irq(server, &deletion);
	if (err < 0)
		return err;
	server->deletion_irq = deletion.cap;
	server->deletion_label = deletion.label;
	unlink_object(server, &deletion);
	return l4_error(l4_thread_register_del_irq(config->thread, server->deletion_irq));
}
