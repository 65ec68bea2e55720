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

struct transfer {
	struct thread *from, *to;
	u8 channel;
	u64 cursors; /* 16 bits a type: next of the receiver's buffer registers */
};

/* The descriptor register has 5 bits a type, from memory on. */
static u64 cursors_init(u64 bdr)
{
	return (bdr & 31) << 16 | (bdr & 31 << 5) << (32 - 5) | (bdr & 31 << 10) << (48 - 10);
}

/* 4.3: only S is masked by the channel. */
static u64 mask_object_rights(u64 raw, u8 channel)
{
	return raw & ~(u64)(channel & CAP_S ? 0 : 2);
}

static u64 return_word(struct snd_item it, unsigned result)
{
	return (it.word0 & ~0xfffULL) | 8 | (it.word0 & 1) | (it.fpage & 0xff0) | result;
}

/* Label of a gate that is bound to a thread of task t. */
static noinline bool local_gate(struct thread *from, u64 fpage, struct task *t, u64 *id)
{
	struct cap_ref ref;
	struct thread *r;
	u64 label;

	if (fpage_type(fpage) != FPAGE_OBJ)
		return false;
	ref = captab_lookup(&from->task->caps, fpage_decode_as(FPAGE_OBJ, fpage).base);
	if (!ref.obj || ref.obj->type != KOBJ_GATE)
		return false;
	r = gate_target(gate_of(ref.obj), &label);
	if (!r || r->task != t)
		return false;
	*id = label | (ref.rights & fpage & 3);
	return true;
}

/* The task to which a forwarding buffer maps; NULL: none. */
static noinline struct task *forward_task(struct thread *to, const struct rcv_buffer *b)
{
	struct cap_ref ref = captab_lookup(&to->task->caps, b->task_sel >> 12);

	if (!ref.obj || ref.obj->type != KOBJ_TASK || !(ref.rights & CAP_W))
		return NULL;
	return task_of(ref.obj);
}

/* The receiver gets a word in place of the item, if one is true to it. False: map the item. */
static noinline bool item_is_local(struct transfer *x, struct snd_item it, u64 *out)
{
	u64 id;

	if (x->from->task == x->to->task) {
		out[0] = return_word(it, ITEM_SAME_TASK);
		out[1] = it.fpage;
		return true;
	}
	if (!local_gate(x->from, it.fpage, x->to->task, &id))
		return false;
	out[0] = return_word(it, ITEM_LOCAL_GATE);
	out[1] = id;
	return true;
}

/* One item; out: where the receiver has it. */
static always_inline int item_transfer(struct transfer *x, struct snd_item it,
				       const struct rcv_buffer *b, u64 *out, struct map_progress *p)
{
	struct task *dst = x->to->task;
	int r;

	if (fpage_type(it.fpage) == FPAGE_OBJ)
		it.fpage = mask_object_rights(it.fpage, x->channel);
	if (b->local_id && item_is_local(x, it, out))
		return 0;
	if (b->forward)
		dst = forward_task(x->to, b);
	if (!dst)
		return IPC_OVERFLOW;
	r = map_item(x->from->task, dst, it, b->window, p);
	if (r == MAPDB_AGAIN)
		return r;
	if (r)
		return IPC_MAP_FAILED;
	out[0] = return_word(it, p->mapped ? ITEM_MAPPED : ITEM_NOTHING);
	return 0;
}

/* Find the buffer for an item and step the cursor. False: there is none. */
static always_inline bool item_buffer(struct transfer *x, struct snd_item it, struct rcv_buffer *b)
{
	unsigned shift = 16 * fpage_type(it.fpage);

	if (!(it.word0 & 8) || shift == 16 * FPAGE_SPECIAL)
		return false;
	if (!rcv_buffer_decode(x->to->utcb + UTCB_BR, UTCB_BRS, x->cursors >> shift & 0xffff, b))
		return false;
	if (!(it.word0 & 1))
		x->cursors += (u64)b->words << shift;
	return true;
}

/* One item and the step to the next one, with a preemption point between them. */
static always_inline int item_step(struct transfer *x, struct snd_item it,
				   const struct rcv_buffer *b, u64 *out, struct restart *p,
				   bool last)
{
	int r = item_transfer(x, it, b, out, &p->map);

	if (r || last)
		return r;
	p->item++;
	p->map = (struct map_progress){ 0 };
	return preempt_pending() ? MAPDB_AGAIN : 0;
}

/*
 * The cursors are found again by walking the items done; buffers and items are read anew, as the
 * interface allows.
 */
int items_transfer(struct thread *from, struct thread *to, u8 channel, struct restart *p)
{
	struct transfer x = { .from = from,
			      .to = to,
			      .channel = channel,
			      .cursors = cursors_init(to->utcb[UTCB_BDR]) };
	unsigned at = from->snd_tag & 63, items = from->snd_tag >> 6 & 63;

	for (unsigned i = 0; i < items; i++, at += 2) {
		const u64 *in = from->utcb + at;
		struct rcv_buffer b;
		struct snd_item it;
		int r;

		if (at + 1 >= UTCB_MRS)
			return IPC_OVERFLOW;
		it = (struct snd_item){ READ_ONCE(in[0]), READ_ONCE(in[1]) };
		if (!it.word0) {
			to->utcb[at] = 0;
			p->item += i == p->item;
			continue;
		}
		if (!item_buffer(&x, it, &b))
			return IPC_OVERFLOW;
		if (i < p->item)
			continue;
		r = item_step(&x, it, &b, to->utcb + at, p, i + 1 == items);
		if (r)
			return r;
	}
	return 0;
}
