/* SPDX-License-Identifier: MIT */
/*
 * libFuzzer target for the transfer of typed items (core/items.c, core/flexpage.h) with a stand-in
 * for the mapping itself. All words of the two UTCBs that the kernel must not touch are poisoned.
 * The calls of map_item, the words written and the result must be those of a model, which keeps its
 * receive buffers as sliced lists instead of cursors.
 */
#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <l4/sys/err.h>
#include "core/ipc.h"
#include "core/map.h"
#include "core/preempt.h"
#include "mm/mapdb.h"
#include "obj/gate.h"

enum { WORDS = UTCB_BYTES / 8, CALLS_MAX = 32, SCRIPT_BYTES = 8 };

/* Capability indices of the test's tables; all others of the first page are empty. */
enum {
	CAP_TASK = 2,
	CAP_TASK_READ_ONLY,
	CAP_GATE_OF_RECEIVER,
	CAP_GATE_OF_OTHER,
	CAP_GATE_UNBOUND
};

struct input {
	const u8 *at, *end;
};

static u8 get8(struct input *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

static u64 get64(struct input *in)
{
	u64 v = 0;

	for (unsigned i = 0; i < 8; i++)
		v |= (u64)get8(in) << 8 * i;
	return v;
}

static void check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "broken: %s\n", what);
	abort();
}

/* --- The world: two tasks with a thread each, a task to forward to --- */

static struct task *task[3];
static struct thread *sender, *receiver;
static struct gate *gate[3];
static struct cap cap_page[2][CAPS_PER_PAGE], empty_page[CAPS_PER_PAGE];
static struct cap *cap_pages[2][CAP_PAGES];

static void *object_alloc(size_t bytes)
{
	void *p = aligned_alloc(KOBJECT_ALIGN, align_up(bytes, KOBJECT_ALIGN));

	return memset(p, 0, bytes);
}

static struct kobject *make_object(struct kobject *o, u8 type)
{
	o->type = type;
	return o;
}

static void set_cap(unsigned table, unsigned idx, struct kobject *o, u8 rights)
{
	cap_page[table][idx].word = (u64)o | rights;
}

static void make_world(void)
{
	for (unsigned i = 0; i < 3; i++) {
		task[i] = object_alloc(sizeof(*task[i]));
		make_object(&task[i]->obj, KOBJ_TASK);
		gate[i] = object_alloc(sizeof(*gate[i]));
		make_object(&gate[i]->obj, KOBJ_GATE);
	}
	sender = object_alloc(sizeof(*sender));
	receiver = object_alloc(sizeof(*receiver));
	gate[0]->thread = receiver;
	gate[0]->label = 0xaaaa0;
	gate[1]->thread = sender;
	gate[1]->label = 0xbbbb0;
	for (unsigned t = 0; t < 2; t++) {
		for (unsigned p = 0; p < CAP_PAGES; p++)
			cap_pages[t][p] = p ? empty_page : cap_page[t];
		task[t]->caps.pages = cap_pages[t];
		set_cap(t, CAP_TASK, &task[2]->obj, CAP_W);
		set_cap(t, CAP_TASK_READ_ONLY, &task[2]->obj, CAP_S);
		for (unsigned g = 0; g < 3; g++)
			set_cap(t, CAP_GATE_OF_RECEIVER + g, &gate[g]->obj, CAP_W | CAP_S);
	}
}

/* --- Stand-in for the mapping: a script says what each call answers --- */

struct call {
	struct task *src, *dst;
	struct snd_item item;
	u64 window;
};

static struct call calls[CALLS_MAX];
static unsigned call_count, in_progress;
static const u8 *script;

/* Answers: 0 done, 1 done but nothing mapped, 2 out of memory, 3 preempted once before it is done
 */
static unsigned answer_of(unsigned call)
{
	return script[call % SCRIPT_BYTES] & 3;
}

/* Between two items. */
bool preempt_pending(void)
{
	return script[call_count % SCRIPT_BYTES] & 4;
}

int map_item(struct task *src, struct task *dst, struct snd_item item, u64 window,
	     struct map_progress *p)
{
	unsigned answer = answer_of(call_count);

	check(call_count < CALLS_MAX, "too many calls");
	check(p->done == in_progress, "progress within an item is kept, and 0 at first");
	if (answer == 3 && !in_progress) {
		p->done = in_progress = 77;
		return MAPDB_AGAIN;
	}
	in_progress = 0;
	calls[call_count++] = (struct call){ src, dst, item, window };
	p->mapped = answer != 1;
	return answer == 2 ? -L4_ENOMEM : 0;
}

/* --- Model --- */

struct buffer {
	bool ok, forward, small, local;
	u64 window, task;
	unsigned next; /* register after it */
};

/* The buffer that starts at register n; UTCB words are w. */
static struct buffer model_buffer(const u64 *w, unsigned n)
{
	struct buffer b = { .next = n + 1 };
	u64 word = n < UTCB_BRS ? w[UTCB_BR + n] : 0;

	b.forward = word & 1;
	b.small = word & 2;
	b.local = (word & 7) == 6;
	b.window = word >> 12;
	if (!b.small)
		b.window = b.next < UTCB_BRS ? w[UTCB_BR + b.next] : 0, b.next++;
	if (b.forward)
		b.task = b.next < UTCB_BRS ? w[UTCB_BR + b.next] : 0, b.next++;
	b.ok = (word & 8) && b.next <= UTCB_BRS;
	return b;
}

struct model {
	u64 out[WORDS];
	const u64 *snd;
	const u64 *rcv;
	u8 channel;
	unsigned call, first[4];
};

static struct task *model_target(struct buffer b)
{
	if (!b.forward)
		return receiver->task;
	return b.task >> 12 == CAP_TASK ? task[2] : NULL;
}

static bool model_same_window(u64 raw, struct buffer b)
{
	struct fpage f = fpage_decode(raw), w = fpage_decode(b.window);

	if (b.small)
		return f.type == FPAGE_OBJ && f.order == 0 && f.base == b.window;
	return f.type == w.type && f.order == w.order && f.base == w.base;
}

/* Label word that a receiver gets instead of a capability to its own gate; 0: none. */
static u64 model_label(u64 page)
{
	u64 index = page >> 12 >> (page >> 6 & 63) << (page >> 6 & 63);

	if ((page >> 6 & 63) == 63)
		index = 0;
	if ((page >> 4 & 3) != FPAGE_OBJ || index < CAP_GATE_OF_RECEIVER ||
	    index > CAP_GATE_UNBOUND)
		return 0;
	if (!gate[index - CAP_GATE_OF_RECEIVER]->thread ||
	    gate[index - CAP_GATE_OF_RECEIVER]->thread->task != receiver->task)
		return 0;
	return gate[index - CAP_GATE_OF_RECEIVER]->label | (page & 3);
}

/* A call of map_item was made as the model wants it; the result of the transfer so far. */
static int model_map(struct model *m, unsigned at, u64 page, struct buffer b)
{
	u64 w0 = m->snd[at];
	struct call *c;
	unsigned answer;

	if (!model_target(b))
		return IPC_OVERFLOW;
	check(m->call < call_count, "the item is mapped");
	c = &calls[m->call];
	answer = answer_of(m->call++);
	check(c->src == sender->task && c->dst == model_target(b), "from task to task");
	check(c->item.fpage == page && c->item.word0 == w0, "the item is what was sent");
	check(model_same_window(c->window, b), "the window is the buffer's");
	if (answer == 2)
		return IPC_MAP_FAILED;
	m->out[at] = (w0 & ~0xffeULL) | 8 | (page & 0xff0) | (answer == 1 ? 2 : 0);
	return 0;
}

static int model_item(struct model *m, unsigned at)
{
	u64 page = m->snd[at + 1], same;
	unsigned type = page >> 4 & 3;
	struct buffer b;

	if (!(m->snd[at] & 8) || type == FPAGE_SPECIAL)
		return IPC_OVERFLOW;
	b = model_buffer(m->rcv, m->first[type]);
	if (!b.ok)
		return IPC_OVERFLOW;
	if (!(m->snd[at] & 1))
		m->first[type] = b.next;
	if (type == FPAGE_OBJ && !(m->channel & CAP_S))
		page &= ~2ULL;
	same = (m->snd[at] & ~0xffeULL) | 8 | (page & 0xff0);
	if (b.local && sender->task == receiver->task) {
		m->out[at] = same | 6;
		m->out[at + 1] = page;
	} else if (b.local && model_label(page)) {
		m->out[at] = same | 4;
		m->out[at + 1] = model_label(page);
	} else {
		return model_map(m, at, page, b);
	}
	return 0;
}

static int model_transfer(struct model *m, u64 tag)
{
	u64 bdr = m->rcv[UTCB_BDR];

	for (unsigned type = FPAGE_MEM; type <= FPAGE_OBJ; type++)
		m->first[type] = bdr >> 5 * (type - 1) & 31;
	for (unsigned i = 0; i < (tag >> 6 & 63); i++) {
		unsigned at = (tag & 63) + 2 * i;
		int r = 0;

		if (at > UTCB_MRS - 2)
			return IPC_OVERFLOW;
		if (m->snd[at])
			r = model_item(m, at);
		else
			m->out[at] = 0;
		if (r)
			return r;
	}
	return 0;
}

/* --- Input --- */

/* A word that is likely to mean something as half of an item or buffer. */
static u64 make_word(struct input *in)
{
	u8 kind = get8(in);

	switch (kind & 7) {
	case 0:
		return 0;
	case 1:
		return get64(in);
	case 2: /* flexpage of any type */
		return (u64)(get8(in) & 0x1f) << 12 | (kind >> 3 & 3) << 4 | (get8(in) & 63) << 6 |
		       (kind >> 5);
	case 3: /* capability selector */
		return (u64)(kind >> 3 & 7) << 12;
	case 4: /* everything */
		return 0xfc0 | (kind >> 4);
	default: /* first word of an item or buffer */
		return (u64)(get8(in) & 0x1f) << 12 | 8 | (kind >> 3 & 7) |
		       (kind & 0x40 ? 0x50 : 0);
	}
}

static u64 *make_utcb(struct input *in, u64 *copy)
{
	u64 *utcb = malloc(UTCB_BYTES);

	for (unsigned i = 0; i < WORDS; i++)
		copy[i] = make_word(in);
	copy[UTCB_BDR] &= 0x7fff;
	memcpy(utcb, copy, UTCB_BYTES);
	return utcb;
}

static void poison(u64 *utcb, unsigned from, unsigned to)
{
	ASAN_POISON_MEMORY_REGION(utcb + from, (to - from) * 8);
}

/* Run to the end, over all preemptions. */
static int run(u8 channel)
{
	struct restart progress = { 0 };
	int r;

	call_count = in_progress = 0;
	do
		r = items_transfer(sender, receiver, channel, &progress);
	while (r == MAPDB_AGAIN);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, data + size };
	u64 snd[WORDS], rcv[WORDS];
	struct model m = { .snd = snd, .rcv = rcv };
	u64 *to;
	u8 head;
	int r;

	if (!task[0])
		make_world();
	if (size < SCRIPT_BYTES)
		return -1;
	script = data;
	in.at += SCRIPT_BYTES;
	head = get8(&in);
	sender->task = task[0];
	receiver->task = task[head & 1];
	m.channel = head >> 1 & 0xf;
	sender->snd_tag = (u64)(get8(&in) & 63) << 6 | (head & 0x80 ? get8(&in) & 63 : 0);
	sender->utcb = make_utcb(&in, snd);
	to = receiver->utcb = make_utcb(&in, rcv);
	memcpy(m.out, rcv, sizeof(rcv));
	poison(sender->utcb, UTCB_MRS, WORDS);
	poison(to, UTCB_SELF, UTCB_BDR);
	poison(to, UTCB_BR + UTCB_BRS, WORDS);
	r = run(m.channel);
	ASAN_UNPOISON_MEMORY_REGION(to, UTCB_BYTES);
	check(r == 0 || r == IPC_OVERFLOW || r == IPC_MAP_FAILED, "the result is a code of IPC");
	check(r == model_transfer(&m, sender->snd_tag), "the result is the model's");
	check(call_count == m.call, "nothing more is mapped");
	check(memcmp(to, m.out, UTCB_BYTES) == 0, "the receiver's words are the model's");
	check(memcmp(sender->utcb, snd, UTCB_MRS * 8) == 0, "the sender's words stay");
	free(sender->utcb);
	free(to);
	return 0;
}
