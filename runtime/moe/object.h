/* SPDX-License-Identifier: MIT */
/*
 * What all objects of moe share. An object belongs to the factory that pays for it. It lives as
 * long as a client has a capability to it (the server library tells when the last one goes) or
 * another object refers to it. When its factory dies it dies as well: those that refer to it find
 * NULL from then on.
 *
 * An object can have much to give back, and a factory many objects. So destruction is a queue, of
 * which a piece is done between two requests. Whatever is in it is unreachable and still charged.
 */
#ifndef MOE_OBJECT_H
#define MOE_OBJECT_H

#include <stdint.h>
#include "server/server.h"

struct factory;
struct object;

/* A member of an object that refers to another one. All zeros: to none. */
struct reference {
	struct object *to;
	struct reference *next, **link; /* in to->references */
};

struct object {
	struct server_object server; /* first */
	struct factory *factory;
	struct object *next, **link; /* in factory->objects */
	struct reference *references;
	/*
	 * Takes the object apart and frees it, a bounded piece a call. True: all is done, the
	 * object is gone.
	 */
	bool (*destroy)(struct object *object);
	/* Can no client get at it any more, although others refer to it? NULL: they are not lost.
	 */
	bool (*is_lost)(const struct object *object);
	bool permanent; /* stays without clients */
};

/* Enter a new object, all zeros so far, into its factory. */
void object_init(struct object *object, const struct server_class *class, struct factory *factory,
		 bool (*destroy)(struct object *));

/* `released` of all classes of moe. */
void object_released(struct server_object *object);

/*
 * Destroy an object, whoever uses it. At once it is nobody's any more; what it has is given back in
 * pieces between requests, see object_work().
 */
void object_kill(struct object *object);

/* Do a piece of the destruction that is under way; is more left? */
bool object_work(void);

/*
 * Memory is short: go on with the destruction of dataspaces, which give back pages and touch no
 * other object, so a handler can call it. False: there is none.
 */
bool object_work_for_memory(void);

void reference_set(struct reference *reference, struct object *to);

/* Clear a reference; the object goes if nobody else uses it. */
void reference_clear(struct reference *reference);

/*
 * Reply with a new object: publishes it and puts its capability into the reply. On failure the
 * object is destroyed. Returns 0 or a negative error.
 */
long object_reply_new(struct server_request *request, struct object *object);

/* The object of that class that the next item of the request names; NULL: it is none. */
struct object *object_from_item(struct server_request *request, const struct server_class *class,
				unsigned *rights);

#endif
