/* SPDX-License-Identifier: MIT */
/*
 * Signals within the program. A thread runs handlers itself: at the end of a call of the back end
 * that was interrupted, that sends a signal to itself or that changes its mask; or, when it
 * computes, where it is interrupted (exceptions.c). A signal for a thread that waits ends the wait.
 */
#include "backend/calls.h"
#include "backend/platform.h"
#include "backend/signal_state.h"
#include "backend/signals.h"
#include "backend/thread.h"

#include <errno.h>
#include <stddef.h>

enum { INTERNAL_FIRST = 32, INTERNAL_LAST = 34 };

struct signal_action signal_actions[SIGNALS + 1];
uint64_t signal_shared_pending;
static struct signal_record *shared_records;

static bool by_default_nothing(int signal)
{
	const uint64_t set = signal_bit(SIGCHLD) | signal_bit(SIGURG) | signal_bit(SIGWINCH) |
			     signal_bit(SIGCONT) | signal_bit(SIGSTOP) | signal_bit(SIGTSTP) |
			     signal_bit(SIGTTIN) | signal_bit(SIGTTOU);

	return set & signal_bit(signal) || (signal >= INTERNAL_FIRST && signal <= INTERNAL_LAST);
}

bool signal_is_ignored(int signal)
{
	void (*handler)(int) = signal_actions[signal].handler;

	return handler == SIG_IGN || (handler == SIG_DFL && by_default_nothing(signal));
}

static uint64_t pending_of(const struct thread *thread)
{
	return (thread->signal_pending | signal_shared_pending) & ~thread->signal_mask;
}

static struct signal_record **record_find(struct signal_record **link, int signal)
{
	while (*link && (*link)->info.si_signo != signal)
		link = &(*link)->next;
	return link;
}

static void record_unlink(struct signal_record **link)
{
	struct signal_record *record = *link;

	*link = record->next;
	record->queued = false;
	if (record->taken)
		record->taken(record);
}

/* Take a signal out of a set of pending ones; more of the same may stay, with their records. */
static void take_from(uint64_t *pending, struct signal_record **records, int signal,
		      siginfo_t *info)
{
	struct signal_record **link = record_find(records, signal), *record = *link;

	*info = (siginfo_t){ .si_signo = signal, .si_code = SI_TKILL };
	info->si_pid = (pid_t)backend_getpid();
	if (record) {
		record_unlink(link);
		*info = record->info;
	}
	if (!*record_find(records, signal))
		*pending &= ~signal_bit(signal);
}

bool signal_take(struct thread *self, uint64_t set, struct signal_taken *taken)
{
	uint64_t pending = (self->signal_pending | signal_shared_pending) & set;
	int signal = pending ? __builtin_ctzll(pending) + 1 : 0;

	if (!signal)
		return false;
	taken->signal = signal;
	taken->action = signal_actions[signal];
	if (self->signal_pending & signal_bit(signal))
		take_from(&self->signal_pending, &self->signal_records, signal, &taken->info);
	else
		take_from(&signal_shared_pending, &shared_records, signal, &taken->info);
	return true;
}

static void record_add(struct signal_record **link, struct signal_record *record)
{
	while (*link)
		link = &(*link)->next;
	record->next = NULL;
	record->queued = true;
	*link = record;
}

static bool drop_from(struct signal_record **link, struct signal_record *record)
{
	while (*link && *link != record)
		link = &(*link)->next;
	if (*link)
		record_unlink(link);
	return !record->queued;
}

void signal_record_drop(struct signal_record *record)
{
	if (!record->queued || drop_from(&shared_records, record))
		return;
	for (struct thread *t = thread_next(NULL); t; t = thread_next(t))
		if (drop_from(&t->signal_records, record))
			return;
}

/* A thread that waits ends its wait; one that runs is interrupted. */
static void notify(struct thread *thread, int signal)
{
	bool waits = thread->channel;

	if (thread->signal_mask & signal_bit(signal)) {
		wake_up(&thread->signal_pending, ANY_BITS, 1);
		return;
	}
	if (thread == thread_self())
		return;
	wait_interrupt(thread);
	if (!waits)
		exceptions_interrupt(thread);
}

/* The calling thread takes what is for any, or else the oldest thread that does not mask it. */
static struct thread *taker_of(int signal)
{
	struct thread *self = thread_self();

	return self->signal_mask & signal_bit(signal) ? thread_unmasked(signal_bit(signal)) : self;
}

/* Somebody may wait for a signal with sigwait() that all threads mask. */
static void post_shared(int signal, struct signal_record *record)
{
	signal_shared_pending |= signal_bit(signal);
	if (record)
		record_add(&shared_records, record);
	for (struct thread *t = thread_next(NULL); t; t = thread_next(t))
		wake_up(&t->signal_pending, ANY_BITS, 1);
}

void signal_post(struct thread *target, int signal, struct signal_record *record)
{
	struct thread *taker = target ? target : taker_of(signal);

	if (signal_is_ignored(signal) && taker && !(taker->signal_mask & signal_bit(signal)))
		return;
	if (!taker) {
		post_shared(signal, record);
		return;
	}
	taker->signal_pending |= signal_bit(signal);
	if (record)
		record_add(&taker->signal_records, record);
	notify(taker, signal);
}

/* Nothing pending needs no frame. */
void signals_deliver(void)
{
	struct thread *self = thread_self();
	uint64_t pending;

	lock_take(LOCK_WAIT);
	pending = pending_of(self);
	self->restart = true;
	if (!pending)
		self->interrupted = false;
	lock_free(LOCK_WAIT);
	if (pending)
		signal_frame_here(
		    signal_stack(self, (l4_addr_t)&pending, __builtin_ctzll(pending) + 1));
}

bool signals_interrupted(void)
{
	signals_deliver();
	return thread_self()->restart;
}

void signals_deferred(void)
{
	struct thread *self = thread_self();

	do {
		self->depth++;
		self->deferred = false;
		signals_deliver();
		self->depth--;
	} while (self->deferred);
}

/* The mask before; *pending: what the new one lets through. */
static uint64_t mask_set(uint64_t mask, bool wait, uint64_t *pending)
{
	const uint64_t never = signal_bit(SIGKILL) | signal_bit(SIGSTOP);
	struct thread *self = thread_self();
	uint64_t before;

	lock_take(LOCK_WAIT);
	before = self->signal_mask;
	self->signal_mask = mask & ~never;
	*pending = pending_of(self);
	if (wait && *pending)
		self->interrupted = true;
	lock_free(LOCK_WAIT);
	return before;
}

uint64_t signal_mask_replace(uint64_t mask)
{
	uint64_t pending, before = mask_set(mask, false, &pending);

	if (pending)
		signals_deliver();
	return before;
}

uint64_t signal_mask_lend(uint64_t mask)
{
	uint64_t pending;

	return mask_set(mask, true, &pending);
}

void signal_send_self(int signal)
{
	signal_send(thread_id(thread_self()), signal);
}

long signal_send(int id, int signal)
{
	struct thread *thread;

	if (signal < 0 || signal > SIGNALS)
		return -EINVAL;
	if (signal && id != thread_id(thread_self()))
		exceptions_start(); /* without, it gets the signal at its next call */
	lock_take(LOCK_WAIT);
	thread = thread_find(id);
	if (thread && signal)
		signal_post(thread, signal, NULL);
	lock_free(LOCK_WAIT);
	if (thread == thread_self())
		signals_deliver();
	return thread ? 0 : -ESRCH;
}

long signal_send_any(int signal)
{
	if (signal < 0 || signal > SIGNALS)
		return -EINVAL;
	if (!signal)
		return 0;
	if (thread_self()->signal_mask & signal_bit(signal))
		exceptions_start();
	lock_take(LOCK_WAIT);
	signal_post(NULL, signal, NULL);
	lock_free(LOCK_WAIT);
	signals_deliver();
	return 0;
}
