/* SPDX-License-Identifier: MIT */
/*
 * Server library: one thread that serves many objects.
 *
 * An object is what clients hold capabilities to: a gate of the kernel, bound to the server's
 * thread. The label of the gate is a number that is never used again, so a message that was under
 * way when its object died finds no object, whoever has the memory now.
 *
 * Life of a gate: server_publish() makes it and gives the server's own reference up, so the gate
 * lives as long as a client has a capability to it. When the last one goes, the kernel raises the
 * deletion interrupt of the thread; the loop then looks through the objects for gates that are
 * gone, some at a time between two requests, and calls `released` of their classes. A reply that
 * does not reach its client gives the gate made for it back the same way.
 *
 * The loop never waits for a client: replies have send timeout 0. What would take long is done in
 * pieces between requests (server_config.work), so nobody's request waits for it as a whole. The
 * client who has asked for it is answered then (server_defer()): the reply capability of its
 * request stays where it is, and the loop waits with another one.
 *
 * Nothing here locks: a server and its objects belong to one thread. Only the message registers and
 * buffer registers of this thread's UTCB are used; every system call overwrites them, so a handler
 * reads all arguments first, works, and writes its reply last.
 */
#ifndef SERVER_SERVER_H
#define SERVER_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include "wire/wire.h"

struct server;
struct server_object;

/* Capabilities that one message can carry. */
enum { SERVER_RECEIVE_SLOTS = 2 };

/* Requests that can wait for their answers at once, see server_defer(). */
enum { SERVER_DEFERRED_MAX = 1024, SERVER_DEFERRED_WORDS = SERVER_DEFERRED_MAX / 64 };

/* A message from a client. */
struct server_request {
	struct server *server;
	long protocol;	 /* label of the message */
	l4_msgtag_t tag; /* of the message */
	unsigned rights; /* L4_CAP_FPAGE_W | L4_CAP_FPAGE_S of the capability used */
	struct wire_in in;
	struct wire_out out;
};

/*
 * Handle one message. Returns the label of the reply: 0 or a positive result, with the values in
 * request->out, or a negative error, which is sent alone. -L4_ENOREPLY: send nothing.
 */
typedef long server_handler(struct server_object *object, struct server_request *request);

/* An operation of an interface with opcodes. */
struct server_operation {
	server_handler *handle; /* NULL: no such operation */
	unsigned rights;	/* without these rights the answer is -L4_EPERM */
};

/*
 * A protocol that objects of a class speak. Messages are answered by `handle`, or, if that is NULL,
 * by the operation that their first value, an int, is the index of.
 */
struct server_interface {
	long protocol;
	const char *name; /* type name in the Itanium C++ form, N4L4Re9DataspaceE */
	server_handler *handle;
	const struct server_operation *operations;
	unsigned operation_count;
};

struct server_class {
	const struct server_interface *interfaces; /* most derived first */
	unsigned interface_count;
	/* No client has a capability any more; the object is unpublished. May free it. */
	void (*released)(struct server_object *object);
	/* The interrupt of the object came (server_bind_irq()). */
	void (*interrupt)(struct server_object *object);
};

/* Part of each object. All zeros but `class` before the first use. */
struct server_object {
	const struct server_class *class;
	struct server_object *next;   /* in its bucket */
	struct server_object *before; /* in the ring of all that are published */
	struct server_object *after;
	l4_umword_t label; /* 0: not published */
	l4_cap_idx_t cap;  /* gate or interrupt of the server's own */
	bool irq;	   /* cap is an interrupt */
};

/* What a program gives to its server. */
struct server_config {
	l4_cap_idx_t task;    /* own */
	l4_cap_idx_t thread;  /* that will run server_loop() */
	l4_cap_idx_t factory; /* for gates and interrupts */
	/* Slots of the own capability space; L4_INVALID_CAP: none left. */
	l4_cap_idx_t (*slot_alloc)(void);
	void (*slot_free)(l4_cap_idx_t slot);
	/*
	 * A short piece of work, to be done between two requests while server->work_left is set;
	 * its result is whether more is left. NULL: there is none.
	 */
	bool (*work)(void);
	/* Hash table of the objects: bucket_count (a power of two) NULL pointers. */
	struct server_object **buckets;
	unsigned bucket_count;
};

struct server {
	struct server_config config;
	l4_umword_t last_label;
	l4_cap_idx_t deletion_irq;
	l4_umword_t deletion_label;
	unsigned object_count;
	struct server_object *scan_at; /* in the ring: to be looked at next; NULL: no objects */
	unsigned scan_left;	       /* objects to be looked at; 0: no gate has gone */
	bool work_left;		       /* config.work is to be called; handlers may set it */
	l4_cap_idx_t receive[SERVER_RECEIVE_SLOTS];
	struct server_object *fresh; /* published for the reply that is being made */
	/*
	 * Where the reply capability of the next or current request is: L4_INVALID_CAP for the
	 * implicit one, which is quickest, else a slot of the task's. The slots that are in use:
	 */
	l4_cap_idx_t reply;
	bool implicit_in_use;
	l4_uint64_t replies_in_use[SERVER_DEFERRED_WORDS];
};

/*
 * Prepare a server: receive slots, deletion interrupt. Returns 0, -L4_ENOMEM (no slots), or an
 * error of the kernel.
 */
long server_init(struct server *server, const struct server_config *config);

/*
 * server_init() for a program with an L4Re environment, whose main thread will run server_loop():
 * its own task and factory, slots of l4re_util_cap_alloc(). buckets: count (a power of two) NULL
 * pointers. Errors as of server_init().
 */
long server_init_program(struct server *server, struct server_object **buckets, unsigned count);

/* Serve for ever; called by the thread of the configuration. */
void server_loop(struct server *server) __attribute__((noreturn));

/*
 * For programs that do other things too: handle at most one message, or look for gates that are
 * gone, waiting for a message until limit. False if nothing came in that time. Called by the thread
 * of the configuration, never by a handler.
 */
bool server_step(struct server *server, l4_timeout_s limit);

/*
 * Serve a gate that somebody else has made, the server's end of a channel: bind it to the server.
 * object->cap is the gate then; the slot becomes the server's. Needs the server right
 * (L4_FPAGE_C_IPCGATE_SVR). Returns 0, or an error of the kernel: -L4_EPERM without that right.
 */
long server_bind_gate(struct server *server, struct server_object *object, l4_cap_idx_t gate);

/*
 * Make the gate of an object; nothing if it has one. object->cap is the gate then. A handler that
 * publishes must send the capability in its reply; at most one new object a request.
 * Returns 0, -L4_ENOMEM, or an error of the kernel.
 */
long server_publish(struct server *server, struct server_object *object);

/* Delete the gate or interrupt of an object; clients' capabilities become invalid. */
void server_unpublish(struct server *server, struct server_object *object);

/* Put the capability of a published object into a reply; rights L4_CAP_FPAGE_*, L4_FPAGE_C_*. */
void server_reply_object(struct server_request *request, const struct server_object *object,
			 unsigned rights);

/*
 * Make an interrupt, bound to the server; its messages call class->interrupt. object->cap is the
 * interrupt then. Returns 0, -L4_ENOMEM, or an error of the kernel.
 */
long server_bind_irq(struct server *server, struct server_object *object);

/*
 * The server's own object that a capability item names (WIRE_OWN_LABEL, or WIRE_LOCAL sent by
 * another thread of the own task that has a control capability to the gate). NULL: it is none.
 * *rights = L4_CAP_FPAGE_W | L4_CAP_FPAGE_S as sent. Keeps the message registers.
 */
struct server_object *server_item_object(struct server *server, const struct wire_item *item,
					 unsigned *rights);

/*
 * Keep a received capability (WIRE_CAP) beyond the request: the slot becomes the caller's, who
 * frees it with server_drop_cap(). A capability that is not kept is dropped after the request.
 * Returns the capability, or L4_INVALID_CAP without slots.
 */
l4_cap_idx_t server_keep_cap(struct server *server, const struct wire_item *item);

/*
 * Answer the request later: a handler that calls this returns -L4_ENOREPLY. *reply is to be given
 * to server_answer() then, once. False: SERVER_DEFERRED_MAX requests wait already; nothing has
 * changed.
 */
bool server_defer(struct server_request *request, l4_cap_idx_t *reply);

/*
 * Send the answer to a deferred request: label and request->out are those of a handler, the values
 * are in the message registers. Called by server_config.work or a handler that has read its
 * arguments. A client that does not wait any more gets nothing; request->server counts alone.
 */
void server_answer(struct server_request *request, l4_cap_idx_t reply, long label);

/* Give a capability and its slot back. Keeps the message registers. */
void server_drop_cap(struct server *server, l4_cap_idx_t cap);

/* --- For tests: what the loop is made of --- */

/* The object with a label as received (rights in the low two bits); NULL: none, or no more. */
struct server_object *server_find(const struct server *server, l4_umword_t label);

/* Answer the message in the message registers. The result's label is -L4_ENOREPLY for none. */
l4_msgtag_t server_dispatch(struct server *server, l4_umword_t label, l4_msgtag_t tag);

/* Look at the next objects for gates that are gone. */
void server_scan(struct server *server);

#endif
