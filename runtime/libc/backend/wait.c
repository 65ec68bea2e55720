/* SPDX-License-Identifier: MIT */
/*
 * The back end's locks, and waiting. A thread sleeps on a kernel semaphore of its own. Whoever
 * wakes it takes it off its channel first, under the lock, and counts the semaphore up exactly
 * once; so a thread whose time is up but that has been woken in between takes that count away
 * before it goes on.
 */
#include "backend/platform.h"
#include "backend/thread.h"

#include <errno.h>
#include <l4/sys/factory.h>
#include <l4/sys/semaphore.h>

enum { CHAINS = 16 };

static struct thread *chains[CHAINS];
static struct {
	int users;
	l4_cap_idx_t semaphore; /* 0: not there yet, one thread needs none */
} locks[LOCKS];

static l4_cap_idx_t semaphore_create(void)
{
	l4_cap_idx_t cap = platform_cap_alloc();
	l4_msgtag_t tag;

	if (l4_is_invalid_cap(cap))
		return cap;
	tag = l4_factory_create(platform_factory(), L4_PROTO_SEMAPHORE, cap);
	if (l4_error(tag) >= 0)
		return cap;
	platform_cap_free(cap);
	return L4_INVALID_CAP;
}

bool lock_prepare(void)
{
	for (unsigned i = 0; i < LOCKS; i++) {
		l4_cap_idx_t cap = locks[i].semaphore ? locks[i].semaphore : semaphore_create();

		if (l4_is_invalid_cap(cap))
			return false;
		locks[i].semaphore = cap;
	}
	return true;
}

void lock_take(enum lock lock)
{
	if (__atomic_fetch_add(&locks[lock].users, 1, __ATOMIC_ACQUIRE) > 0)
		l4_semaphore_down(locks[lock].semaphore, L4_IPC_NEVER);
}

void lock_free(enum lock lock)
{
	if (__atomic_fetch_sub(&locks[lock].users, 1, __ATOMIC_RELEASE) > 1)
		l4_semaphore_up(locks[lock].semaphore);
}

static struct thread **chain_of(const volatile void *channel)
{
	return &chains[((uintptr_t)channel >> 4 ^ (uintptr_t)channel >> 10) % CHAINS];
}

/* At the end, so that those who came first are woken first. */
static void chain_add(struct thread *thread, const volatile void *channel)
{
	struct thread **link = chain_of(channel);

	while (*link)
		link = &(*link)->next_waiter;
	*link = thread;
	thread->next_waiter = NULL;
	thread->channel = channel;
}

static void chain_take(struct thread **link)
{
	struct thread *thread = *link;

	*link = thread->next_waiter;
	thread->channel = NULL;
}

static struct thread **chain_find(struct thread *thread)
{
	struct thread **link = chain_of(thread->channel);

	while (*link != thread)
		link = &(*link)->next_waiter;
	return link;
}

/* Sleep until counted up; false if the deadline came first. */
static bool sleep_until(l4_cap_idx_t semaphore, uint64_t deadline)
{
	l4_timeout_t timeout = L4_IPC_NEVER;
	l4_msgtag_t tag;

	if (deadline != WAIT_NO_DEADLINE)
		l4_rcv_timeout(l4_timeout_abs_u(deadline, 1, l4_utcb()), &timeout);
	tag = l4_semaphore_down(semaphore, timeout);
	return !l4_ipc_error(tag, l4_utcb());
}

static bool interruption_take(struct thread *self)
{
	bool interrupted = self->interrupted;

	self->interrupted = false;
	return interrupted;
}

long wait_on(const volatile void *channel, uint32_t bits, uint64_t deadline)
{
	struct thread *self = thread_self();

	if (l4_is_invalid_cap(self->semaphore))
		self->semaphore = semaphore_create();
	if (l4_is_invalid_cap(self->semaphore))
		return -ENOMEM;
	if (interruption_take(self))
		return -EINTR;
	self->wait_bits = bits;
	chain_add(self, channel);
	lock_free(LOCK_WAIT);
	bool woken = sleep_until(self->semaphore, deadline);
	lock_take(LOCK_WAIT);
	if (self->channel) { /* an interrupt, the time is up, or the sleep was cancelled */
		chain_take(chain_find(self));
		if (woken)
			return 0;
		return deadline == WAIT_NO_DEADLINE ? -EINTR : -ETIMEDOUT;
	}
	if (!woken)
		while (!sleep_until(self->semaphore, WAIT_NO_DEADLINE))
			;
	return interruption_take(self) ? -EINTR : 0;
}

unsigned wake_up(const volatile void *channel, uint32_t bits, unsigned count)
{
	struct thread **link = chain_of(channel);
	unsigned woken = 0;

	while (*link && woken < count) {
		struct thread *thread = *link;

		if (thread->channel != channel || !(thread->wait_bits & bits)) {
			link = &thread->next_waiter;
			continue;
		}
		chain_take(link);
		l4_semaphore_up(thread->semaphore);
		woken++;
	}
	return woken;
}

unsigned wait_move(const volatile void *from, const volatile void *to, unsigned count)
{
	struct thread **link = chain_of(from);
	unsigned moved = 0;

	if (from == to)
		return 0;
	while (*link && moved < count) {
		struct thread *thread = *link;

		if (thread->channel != from) {
			link = &thread->next_waiter;
			continue;
		}
		chain_take(link);
		chain_add(thread, to);
		moved++;
	}
	return moved;
}

void wait_interrupt(struct thread *thread)
{
	thread->interrupted = true;
	if (!thread->channel)
		return;
	chain_take(chain_find(thread));
	l4_semaphore_up(thread->semaphore);
}
