/* SPDX-License-Identifier: MIT */
/*
 * What all objects of moe share. An object belongs to the factory that pays for it. It lives as
 * long as a client has a capability to it (the server library tells when the last one goes) or
 * another object refers to it. When its factory dies it dies as well: those that refer to it find
 * NULL from then on.
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
	void (*destroy)(struct object *object); /* takes apart and frees the memory */
	bool permanent;				/* stays without clients */
};

/* Enter a new object, all zeros so far, into its factory. */
void object_init(struct object *object, const struct server_class *class, struct factory *factory,
		 void (*destroy)(struct object *));

/* `released` of all classes of moe. */
void object_released(struct server_object *object);

/* Destroy an object, whoever uses it. */
void object_kill(struct object *object);

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
