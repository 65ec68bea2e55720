/* SPDX-License-Identifier: MIT */
/* Tasks. */
#include "obj/task.h"
#include "core/defer.h"
#include "core/flexpage.h"
#include "core/ipc.h"
#include "core/map.h"
#include "core/string.h"
#include "mm/kmem.h"
#include "mm/mapdb.h"
#include "obj/reply.h"
#include "obj/thread.h"
#include <l4/sys/consts.h>
#include <l4/sys/err.h>
#include <l4/sys/types.h>

enum { TASK_MAP, TASK_UNMAP, TASK_CAP_INFO, TASK_ADD_KU, TASK_LDT = 0x11 };

#define KU_ORDER_MIN 12
#define KU_ORDER_MAX 17

static SLAB_CACHE(task_cache, sizeof(struct task), KOBJECT_ALIGN);
static SLAB_CACHE(ku_cache, sizeof(struct ku_area), 16);

void *task_ku_ptr(struct task *t, u64 a, u64 bytes)
{
	if (a & 7)
		return NULL;
	for (struct ku_area *k = READ_ONCE(t->ku_areas); k; k = k->next)
		if (a >= k->user.v && a - k->user.v < 1ULL << k->order &&
		    bytes <= (1ULL << k->order) - (a - k->user.v))
			return (char *)k->kernel + (a - k->user.v);
	return NULL;
}

int task_add_ku(struct task *t, u64 a, unsigned order)
{
	struct ku_area *k;
	int err = -L4_ENOMEM;

	if (order < KU_ORDER_MIN || order > KU_ORDER_MAX)
		return -L4_EINVAL;
	k = slab_alloc(&ku_cache, t->obj.quota);
	if (!k)
		return err;
	*k = (struct ku_area){ .user = uaddr(a & ~PAGE_MASK), .order = order };
	k->kernel = page_alloc_zeroed(t->obj.quota, order - PAGE_SHIFT);
	if (k->kernel)
		err = space_map_ku(&t->space, k->user, virt_to_phys(k->kernel), order,
				   MAP_R | MAP_W);
	if (err) {
		if (k->kernel)
			page_free(t->obj.quota, k->kernel, order - PAGE_SHIFT);
		slab_free(&ku_cache, t->obj.quota, k);
		return err;
	}
	spin_lock(&t->obj.lock);
	k->next = t->ku_areas;
	WRITE_ONCE(t->ku_areas, k);
	spin_unlock(&t->obj.lock);
	return 0;
}

static u64 restart(struct invocation *inv, u64 item, u64 within)
{
	inv->caller->progress = item << 56 | within;
	return REPLY_RESTART;
}

static u64 within(const struct invocation *inv)
{
	return inv->caller->progress & ((1ULL << 56) - 1);
}

/* 4.3: S survives only if both task capabilities carry it. */
static u64 mask_map_rights(u64 raw, u8 rights)
{
	return (raw >> 4 & 3) == FPAGE_OBJ && !(rights & CAP_S) ? raw & ~2ULL : raw;
}

static noinline u64 task_map(struct task *t, struct invocation *inv)
{
	struct cap_ref src;
	struct map_args m;
	u64 err;
	int r;

	if (!(inv->rights & CAP_W))
		return reply_error(-L4_EPERM);
	err = invocation_cap(inv, 0, &src);
	if (err)
		return err;
	if (src.obj->type != KOBJ_TASK || src.obj->dead || t->obj.dead)
		return reply_error(-L4_EINVAL);
	m = (struct map_args){
		.src = task_of(src.obj), .dst = t,
		.item = snd_item_decode(inv->mr[1],
					mask_map_rights(inv->mr[2], inv->rights & src.rights)),
		.window = { .type = FPAGE_SPECIAL, .order = FPAGE_ALL_ORDER },
		.progress = within(inv)
	};
	r = map_item(&m);
	if (r == MAPDB_AGAIN)
		return restart(inv, 0, m.progress);
	return r ? reply_ipc_error(inv->caller, IPC_MAP_FAILED) : 0;
}

static noinline u64 task_unmap(struct task *t, struct invocation *inv)
{
	unsigned words = inv_words(inv);
	u64 first = inv->caller->progress >> 56, p = within(inv);

	if (t->obj.dead)
		return reply_ipc_error(inv->caller, IPC_NOT_EXISTENT);
	for (unsigned i = 2 + (unsigned)first; i < words; i++) {
		u8 flags = 0;
		int r = unmap_fpage(t, inv->mr[i], inv->mr[1], &p, &flags);

		if (r == MAPDB_AGAIN)
			return restart(inv, i - 2, p);
		p = 0;
		inv->mr[i] = (inv->mr[i] & ~15ULL) | flags;
	}
	return reply_words(0, words);
}

static bool special(u64 sel)
{
	return sel & 0xc00;
}

static u64 task_cap_info(struct task *t, struct invocation *inv)
{
	u64 a = inv->mr[1], b = inv->mr[2];
	struct cap_ref ca, cb;

	if (inv_words(inv) == 2)
		return reply_words(!special(a) && captab_lookup(&t->caps, a >> 12).obj, 0);
	if (inv_words(inv) != 3)
		return reply_error(-L4_EINVAL);
	if (a == b)
		return reply_words(1, 0);
	if (special(a) || special(b))
		return reply_words(special(a) && special(b) && a >> 10 == b >> 10, 0);
	ca = captab_lookup(&t->caps, a >> 12);
	cb = captab_lookup(&t->caps, b >> 12);
	return reply_words(ca.obj == cb.obj &&
				   !((ca.rights ^ cb.rights) & (CAP_W | CAP_S)), 0);
}

static noinline u64 task_add_ku_mem(struct task *t, struct invocation *inv)
{
	unsigned words = inv_words(inv);

	for (unsigned i = 1; i < words; i++) {
		struct fpage f = fpage_decode(inv->mr[i]);
		int err = f.type != FPAGE_MEM ? -L4_EINVAL :
						task_add_ku(t, inv->mr[i] & ~PAGE_MASK, f.order);

		if (err)
			return reply_error(err);
		reply_mr(inv)[i - 1] = inv->mr[i] & ~15ULL;
	}
	return reply_words(0, words ? words - 1 : 0);
}

static u64 task_invoke(struct kobject *o, struct invocation *inv)
{
	struct task *t = task_of(o);

	if (unlikely(inv_proto(inv) != L4_PROTO_TASK))
		return reply_error(-L4_EBADPROTO);
	switch (inv->mr[0] & 0xffff) {
	case TASK_MAP:
		return task_map(t, inv);
	case TASK_UNMAP:
		return task_unmap(t, inv);
	case TASK_CAP_INFO:
		return task_cap_info(t, inv);
	case TASK_ADD_KU:
		return task_add_ku_mem(t, inv);
	default:
		return reply_error(-L4_ENOSYS);
	}
}

/* Memory of a task that no thread and no capability refers to any more. */
static void task_release(struct task *t)
{
	struct quota *q = t->obj.quota;

	for (struct ku_area *k = t->ku_areas; k;) {
		struct ku_area *next = k->next;

		page_free(q, k->kernel, k->order - PAGE_SHIFT);
		slab_free(&ku_cache, q, k);
		k = next;
	}
	reply_table_free(t);
	captab_free(&t->caps);
	space_free(&t->space);
	slab_free(&task_cache, q, t);
}

static void task_release_deferred(struct defer *d)
{
	task_release(container_of(d, struct task, obj.defer));
}

void task_unpin(struct task *t)
{
	if (__atomic_sub_fetch(&t->pins, 1, __ATOMIC_ACQ_REL) == 0)
		defer_call(&t->obj.defer, task_release_deferred);
}

/* Steps: memory, ports, capabilities. Threads are not destroyed; they keep the KU memory alive. */
static bool task_destroy(struct kobject *o)
{
	struct task *t = task_of(o);

	t->space.dying = true;
	if (t->destroy_step == 0) {
		if (space_destroy(&t->space))
			return false;
		t->destroy_step = 1;
	}
	if (t->destroy_step == 1) {
		if (t->io && io_space_destroy(t->io))
			return false;
		t->io = NULL;
		t->destroy_progress = 0;
		t->destroy_step = 2;
	}
	return captab_destroy(&t->caps, &t->destroy_progress);
}

static void task_free(struct kobject *o)
{
	task_unpin(task_of(o));
}

static const struct kobject_ops task_ops = { "task", task_invoke, task_destroy, task_free };

struct task *task_create(struct quota *q, bool upper)
{
	struct task *t = slab_alloc(&task_cache, q);

	if (!t)
		return NULL;
	memset(t, 0, sizeof(*t));
	t->pins = 1;
	if (captab_init(&t->caps, q)) {
		slab_free(&task_cache, q, t);
		return NULL;
	}
	if (space_init(&t->space, q, upper)) {
		captab_free(&t->caps);
		slab_free(&task_cache, q, t);
		return NULL;
	}
	kobject_init(&t->obj, KOBJ_TASK, &task_ops, q);
	return t;
}
