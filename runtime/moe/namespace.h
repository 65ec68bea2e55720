/* SPDX-License-Identifier: MIT */
/* Namespaces: names for capabilities. */
#ifndef MOE_NAMESPACE_H
#define MOE_NAMESPACE_H

#include "names.h"
#include "object.h"

struct namespace
{
	struct object object;
	struct names names;
	unsigned count;
};

extern const struct server_class namespace_class;

/* A new namespace. NULL: no memory. */
struct namespace *namespace_create(struct factory *f);

/* Enter an object of moe's own, which clients cannot replace. rights: L4_CAP_FPAGE_*. */
long namespace_add(struct namespace *n, const char *name, struct object *object, unsigned rights);

/* The object of moe's own with that name; NULL: none. */
struct object *namespace_lookup(const struct namespace *n, const char *name);

#endif
