/* SPDX-License-Identifier: MIT */
/* Factory: creates kernel objects at the expense of its quota. Abi spec 7.4. */
#ifndef KERNEL_FACTORY_H
#define KERNEL_FACTORY_H

#include "core/kobject.h"

struct factory {
	struct kobject obj;
	struct quota *quota; /* what its products are charged to; obj.quota is the parent's */
};

static inline struct factory *factory_of(struct kobject *o)
{
	return container_of(o, struct factory, obj);
}

/* A factory over a new quota of limit bytes, which is charged to parent. NULL: no memory. */
struct factory *factory_create(struct quota *parent, u64 limit);
/* The first one, over root_quota. */
struct factory *factory_create_root(void);

#endif
