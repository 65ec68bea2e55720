/* SPDX-License-Identifier: MIT */
/* The partner threads of IPC tests. */
#include "partner.h"

enum { BLOCK_US = 2000 };

static void one_round(struct partner *p)
{
	l4_utcb_t *utcb = l4_utcb();
	l4_umword_t label = p->label;
	uint64_t start;

	memcpy(utcb->mr.mr, p->words, sizeof(p->words));
	utcb->br.bdr = p->bdr;
	memcpy(utcb->br.br, p->buffers, sizeof(p->buffers));
	utcb->br.br[PARTNER_BUFFERS] = 0;
	start = clock_us();
	p->started = true;
	p->result = invoke(p->cap, p->flags, p->tag, p->timeout, &label);
	p->took_us = clock_us() - start;
	p->error = ipc_error(p->result);
	p->got_label = label;
	memcpy(p->got, utcb->mr.mr, sizeof(p->got));
}

static void perform(void *argument)
{
	struct partner *p = argument;

	if (p->delay_us)
		sleep_us(p->delay_us);
	do {
		one_round(p);
		p->count++;
	} while (p->count < p->rounds);
	p->done = true;
}

void partner_init(struct partner *p, struct task *t, l4_cap_idx_t cap, unsigned flags)
{
	memset(p, 0, sizeof(*p));
	p->cap = cap;
	p->flags = flags;
	p->thread = thread_create(t, perform, p);
}

void partner_start(struct partner *p, unsigned cpu, unsigned prio)
{
	thread_start(p->thread, cpu, prio);
	if (!WAIT_UNTIL(p->started, PATIENT_MS))
		tap_bail("a partner thread does not run");
}

void partner_block(struct partner *p, unsigned cpu, unsigned prio)
{
	partner_start(p, cpu, prio);
	sleep_us(BLOCK_US);
}

bool partner_done(struct partner *p, unsigned ms)
{
	return WAIT_UNTIL(p->done, ms);
}

void partner_end(struct partner *p)
{
	thread_destroy(p->thread);
}

static void serve(void *argument)
{
	struct server *s = argument;
	l4_umword_t label;
	l4_msgtag_t tag;

	buffers_none();
	tag = l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);
	for (;;) {
		if (l4_msgtag_has_error(tag)) {
			tag = l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);
			continue;
		}
		s->label = label;
		s->tag = tag;
		s->calls++;
		tag = l4_msgtag(l4_msgtag_label(tag), l4_msgtag_words(tag), 0, 0);
		tag = l4_ipc_reply_and_wait(l4_utcb(), tag, &label, L4_IPC_SEND_TIMEOUT_0);
	}
}

void server_start(struct server *s, struct task *t, l4_umword_t label, unsigned cpu, unsigned prio)
{
	memset(s, 0, sizeof(*s));
	s->thread = thread_create(t, serve, s);
	thread_start(s->thread, cpu, prio);
	s->gate = gate_create(s->thread, label);
}

void server_end(struct server *s)
{
	cap_delete(s->gate);
	thread_destroy(s->thread);
}
