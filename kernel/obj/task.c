/* SPDX-License-Identifier: MIT */
/* Tasks. */
#include "obj/task.h"
#include "core/defer.h"
#include "core/flexpage.h"
#include "core/ipc.h"
#include "core/map.h"
#include "core/preempt.h"
#include "core/string.h"
#include "mm/kmem.h"
#include "mm/mapdb.h"
#include "obj/reply.h"
#include "obj/segment.h"
#include "obj/thread.h"
#include <l4/sys/consts.h>
#include <l4/sys/err.h>
#include <l4/sys/types.h>

enum { TASK_MAP, TASK_UNMAP, TASK_CAP_INFO, TASK_ADD_KU, TASK_LDT = 0x11 };

#define KU_ORDER_MIN 12
#define KU_ORDER_MAX 17
#define CLEAR_BYTES  16384 /* of memory, between two interrupt windows */

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

/* Cleared memory. Interrupts are let in on the way, as clearing all at once takes too long. */
static void *ku_alloc(struct quota *q, unsigned order)
{
	u64 size = 1ULL << order;
	char *p;

	if (size <= CLEAR_BYTES)
		return page_alloc_zeroed(q, order - PAGE_SHIFT);
	p = page_alloc(q, order - PAGE_SHIFT);
	for (u64 done = 0; p && done < size; done += CLEAR_BYTES) {
		zero_words(p + done, CLEAR_BYTES);
		preempt_pending();
	}
	return p;
}

rarely int task_add_ku(struct task *t, u64 a, unsigned order)
{
	struct ku_area *k;
	int err = -L4_ENOMEM;

	if (order < KU_ORDER_MIN || order > KU_ORDER_MAX)
		return -L4_EINVAL;
	k = slab_alloc(&ku_cache, t->obj.quota);
	if (!k)
		return err;
	*k = (struct ku_area){ .user = uaddr(a & ~PAGE_MASK), .order = order };
	k->kernel = ku_alloc(t->obj.quota, order);
	if (k->kernel)
		err =
		    space_map_ku(&t->space, k->user, virt_to_phys(k->kernel), order, MAP_R | MAP_W);
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

/* 4.3: S survives only if both task capabilities carry it. */
static u64 mask_map_rights(u64 raw, u8 rights)
{
	return fpage_type(raw) == FPAGE_OBJ && !(rights & CAP_S) ? raw & ~2ULL : raw;
}

static noinline u64 task_map(struct task *t, struct invocation *inv)
{
	struct snd_item item;
	struct cap_ref src;
	int r;

	if (!(inv->rights & CAP_W))
		return reply_error(-L4_EPERM);
	src = invocation_cap(inv);
	if (!src.obj)
		return src.error;
	if (src.obj->type != KOBJ_TASK || src.obj->dead || t->obj.dead)
		return reply_error(-L4_EINVAL);
	item.word0 = inv->mr[1];
	item.fpage = mask_map_rights(inv->mr[2], inv->rights & src.rights);
	r = map_item(task_of(src.obj), t, item, FPAGE_ALL, &restart_begin(inv->caller)->map);
	if (r == MAPDB_AGAIN)
		return REPLY_RESTART;
	return r ? reply_ipc_error(inv->caller, IPC_MAP_FAILED) : 0;
}

static noinline u64 unmap_flexpages(struct task *t, struct invocation *inv)
{
	struct restart *p = restart_begin(inv->caller);
	unsigned words = inv_words(inv);

	if (t->obj.dead)
		return reply_ipc_error(inv->caller, IPC_NOT_EXISTENT);
	while (2 + p->item < words) {
		u64 *fpage = inv->mr + 2 + p->item;

		if (unmap_fpage(t, *fpage, inv->mr[1], &p->map) == MAPDB_AGAIN)
			return REPLY_RESTART;
		*fpage = (*fpage & ~15ULL) | p->map.flags;
		if (2 + ++p->item == words)
			break;
		p->map = (struct map_progress){ 0 };
		if (preempt_pending())
			return REPLY_RESTART;
	}
	return reply_words(0, words);
}

/* A single capability, perhaps, which is in slot raw >> 12: that needs no restart. */
static noinline u64 unmap_object(struct task *t, struct invocation *inv)
{
	u64 raw = inv->mr[2], mask = inv->mr[1];

	if (inv_words(inv) != 3 || t->obj.dead)
		return unmap_flexpages(t, inv);
	inv->mr[2] = raw & ~15ULL;
	if (mask & UNMAP_SELF)
		captab_unmap(&t->caps, raw >> 12, raw & 15, mask & UNMAP_DELETE);
	return reply_words(0, 3);
}

static u64 task_unmap(struct task *t, struct invocation *inv)
{
	return fpage_is_one_object(inv->mr[2]) ? unmap_object(t, inv) : unmap_flexpages(t, inv);
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
		return reply_words(!special(a) && captab_word(&t->caps, a), 0);
	if (inv_words(inv) != 3)
		return reply_error(-L4_EINVAL);
	if (a == b)
		return reply_words(1, 0);
	if (special(a) || special(b))
		return reply_words(special(a) && special(b) && a >> 10 == b >> 10, 0);
	ca = captab_lookup(&t->caps, a >> 12);
	cb = captab_lookup(&t->caps, b >> 12);
	return reply_words(ca.obj == cb.obj && !((ca.rights ^ cb.rights) & (CAP_W | CAP_S)), 0);
}

/* The reply overwrites the words of the request, so it is written when all is done. */
static rarely u64 task_add_ku_mem(struct task *t, struct invocation *inv)
{
	struct restart *p = restart_begin(inv->caller);
	unsigned words = inv_words(inv);

	if (t->obj.dead)
		return reply_ipc_error(inv->caller, IPC_NOT_EXISTENT);
	for (; p->item + 1 < words; p->item++) {
		u64 raw = inv->mr[p->item + 1];
		struct fpage f = fpage_decode(raw);
		int err =
		    f.type != FPAGE_MEM ? -L4_EINVAL : task_add_ku(t, raw & ~PAGE_MASK, f.order);

		if (err)
			return reply_error(err);
		if (p->item + 2 < words && preempt_pending()) {
			p->item++;
			return REPLY_RESTART;
		}
	}
	for (unsigned i = 1; i < words; i++)
		reply_mr(inv)[i - 1] = inv->mr[i] & ~15ULL;
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
	case TASK_LDT:
		return segment_task_ldt(t, inv);
	default:
		return reply_error(-L4_ENOSYS);
	}
}

static bool ku_free_one(struct task *t)
{
	struct ku_area *k = t->ku_areas;

	if (!k)
		return false;
	t->ku_areas = k->next;
	page_free(t->obj.quota, k->kernel, k->order - PAGE_SHIFT);
	slab_free(&ku_cache, t->obj.quota, k);
	return true;
}

/* Memory of a task that no thread and no capability refers to any more; a part of it each time. */
static void task_release(struct defer *d)
{
	struct task *t = container_of(d, struct task, obj.defer);

	if (ku_free_one(t) || !reply_table_free_some(t) || !captab_free_some(&t->caps)) {
		defer_again(d);
		return;
	}
	if (t->io)
		while (io_space_destroy(t->io) == MAPDB_AGAIN) /* nothing in it: at once */
			;
	ldt_free(&t->ldt, t->obj.quota);
	space_free(&t->space);
	slab_free(&task_cache, t->obj.quota, t);
}

void task_unpin(struct task *t)
{
	if (__atomic_sub_fetch(&t->pins, 1, __ATOMIC_ACQ_REL) == 0)
		defer_call(&t->obj.defer, task_release);
}

/* Steps: memory, ports, capabilities. Threads are not destroyed; they keep the KU memory alive. The
 * emptied port space stays until then, too: CPUs may be reading its bitmap. */
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
		if (t->io && io_unmap(t->io, 0, 16, true, &t->destroy_progress))
			return false;
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
