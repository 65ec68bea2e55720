/* SPDX-License-Identifier: MIT */
/* Transfer of typed items: from the sender's message registers to the receive windows that the
 * receiver's buffer registers describe. Abi spec 4.2 to 4.8. */
#include "core/flexpage.h"
#include "core/ipc.h"
#include "core/map.h"
#include "core/preempt.h"
#include "mm/mapdb.h"
#include "obj/gate.h"
#include <l4/sys/err.h>

enum { ITEM_MAPPED = 0, ITEM_NOTHING = 2, ITEM_LOCAL_GATE = 4, ITEM_SAME_TASK = 6 };

/* A cursor per type over the receiver's buffers. */
struct cursors {
	unsigned at[4];
};

static struct cursors cursors_init(u64 bdr)
{
	return (struct cursors){ { 0, bdr & 31, bdr >> 5 & 31, bdr >> 10 & 31 } };
}

struct transfer {
	struct thread *from, *to;
	u8 channel;
	struct cursors cur;
};

/* 4.3: only S is masked by the channel. */
static u64 mask_object_rights(u64 raw, u8 channel)
{
	return raw & ~(u64)(channel & CAP_S ? 0 : 2);
}

static u64 return_word(u64 w0, u64 raw, unsigned result)
{
	return (w0 & ~0xfffULL) | 8 | (w0 & 1) | (raw & 0xff0) | result;
}

/* Label of a gate that is bound to a thread of task t. */
static bool local_gate(struct thread *from, struct snd_item *it, struct task *t, u64 *id)
{
	struct cap_ref ref;
	struct thread *r;
	u64 label;

	if (it->fp.type != FPAGE_OBJ)
		return false;
	ref = captab_lookup(&from->task->caps, it->fp.base);
	if (!ref.obj || ref.obj->type != KOBJ_GATE)
		return false;
	r = gate_target(gate_of(ref.obj), &label);
	if (!r || r->task != t)
		return false;
	*id = label | (ref.rights & it->fp.rights & 3);
	return true;
}

static struct task *target_task(struct thread *to, struct rcv_buffer *b)
{
	struct cap_ref ref;

	if (!b->forward)
		return to->task;
	ref = captab_lookup(&to->task->caps, b->task_sel >> 12);
	if (!ref.obj || ref.obj->type != KOBJ_TASK || !(ref.rights & CAP_W))
		return NULL;
	return task_of(ref.obj);
}

static int item_map(struct transfer *x, struct snd_item *it, struct rcv_buffer *b, u64 *out, u64 w0,
		    struct map_progress *p)
{
	struct task *dst = target_task(x->to, b);
	struct map_args m;
	int r;

	if (!dst)
		return IPC_OVERFLOW;
	m = (struct map_args){
		.src = x->from->task, .dst = dst, .item = *it, .window = b->window, .progress = p
	};
	r = map_item(&m);
	if (r == MAPDB_AGAIN)
		return r;
	if (r)
		return IPC_MAP_FAILED;
	out[0] = return_word(w0, it->raw, m.nothing ? ITEM_NOTHING : ITEM_MAPPED);
	return 0;
}

/* One item; at = its first message register. */
static int item_transfer(struct transfer *x, unsigned at, struct rcv_buffer *b,
			 struct map_progress *p)
{
	u64 w0 = x->from->utcb[at], w1 = x->from->utcb[at + 1], *out = x->to->utcb + at, id;
	struct snd_item it;

	if ((w1 >> 4 & 3) == FPAGE_OBJ)
		w1 = mask_object_rights(w1, x->channel);
	it = snd_item_decode(w0, w1);
	if (b->local_id && x->from->task == x->to->task) {
		out[0] = return_word(w0, w1, ITEM_SAME_TASK);
		out[1] = w1;
		return 0;
	}
	if (b->local_id && local_gate(x->from, &it, x->to->task, &id)) {
		out[0] = return_word(w0, w1, ITEM_LOCAL_GATE);
		out[1] = id;
		return 0;
	}
	return item_map(x, &it, b, out, w0, p);
}

/* Find the buffer for item `at` and step the cursor. 0 or IPC_OVERFLOW. */
static int item_buffer(struct transfer *x, unsigned at, struct rcv_buffer *b)
{
	unsigned type = x->from->utcb[at + 1] >> 4 & 3;
	const u64 *br = x->to->utcb + UTCB_BR;

	if (!(x->from->utcb[at] & 8) || type == FPAGE_SPECIAL)
		return IPC_OVERFLOW;
	if (!rcv_buffer_decode(br, UTCB_BRS, x->cur.at[type], b))
		return IPC_OVERFLOW;
	if (!(x->from->utcb[at] & 1))
		x->cur.at[type] += b->words;
	return 0;
}

/* One item and the step to the next one, with a preemption point between them. */
static int item_step(struct transfer *x, unsigned at, struct rcv_buffer *b, struct restart *p,
		     bool last)
{
	int r = item_transfer(x, at, b, &p->map);

	if (r)
		return r;
	p->item++;
	p->map = (struct map_progress){ 0 };
	return !last && preempt_pending() ? MAPDB_AGAIN : 0;
}

/*
 * The cursors are found again by walking the items done; buffers and items are read anew, as the
 * interface allows.
 */
int items_transfer(struct thread *from, struct thread *to, u8 channel, struct restart *p)
{
	struct transfer x = {
		.from = from, .to = to, .channel = channel, .cur = cursors_init(to->utcb[UTCB_BDR])
	};
	unsigned words = from->snd_tag & 63, items = from->snd_tag >> 6 & 63;

	for (unsigned i = 0; i < items; i++) {
		unsigned at = words + 2 * i;
		struct rcv_buffer b;
		int r;

		if (at + 1 >= UTCB_MRS)
			return IPC_OVERFLOW;
		if (!from->utcb[at]) {
			to->utcb[at] = 0;
			p->item += i == p->item;
			continue;
		}
		r = item_buffer(&x, at, &b);
		if (!r && i >= p->item)
			r = item_step(&x, at, &b, p, i + 1 == items);
		if (r)
			return r;
	}
	return 0;
}
