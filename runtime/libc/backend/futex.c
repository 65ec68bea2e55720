/* SPDX-License-Identifier: MIT */
/* Futexes of one program: a thread waits on the address itself as its channel. */
#include "backend/calls.h"
#include "backend/clock.h"
#include "backend/signals.h"
#include "backend/thread.h"

#include <errno.h>
#include <stddef.h>

enum futex_operation {
	FUTEX_WAIT = 0,
	FUTEX_WAKE = 1,
	FUTEX_REQUEUE = 3,
	FUTEX_CMP_REQUEUE = 4,
	FUTEX_WAIT_BITSET = 9,
	FUTEX_WAKE_BITSET = 10,
	FUTEX_PRIVATE = 128,
	FUTEX_REALTIME = 256
};

enum { CLOCK_OF_REAL_TIME = 0, CLOCK_OF_KERNEL = 1 };

static int word_at(const volatile int *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static long futex_wait(const volatile int *word, int value, uint32_t bits, uint64_t deadline)
{
	long result;

	if (!bits)
		return -EINVAL;
	do {
		lock_take(LOCK_WAIT);
		result = word_at(word) == value ? wait_on(word, bits, deadline) : -EAGAIN;
		lock_free(LOCK_WAIT);
	} while (signals_run(result));
	return result;
}

static long futex_wait_until(const volatile int *word, long operation, int value,
			     const struct timespec *time, uint32_t bits)
{
	int clock = operation & FUTEX_REALTIME ? CLOCK_OF_REAL_TIME : CLOCK_OF_KERNEL;
	uint64_t deadline;
	long error = clock_deadline_at(clock, time, &deadline);

	return error ? error : futex_wait(word, value, bits, deadline);
}

static long futex_wake(const volatile int *word, long count, uint32_t bits)
{
	long woken;

	if (!bits)
		return -EINVAL;
	lock_take(LOCK_WAIT);
	woken = wake_up(word, bits, count < 0 ? 0 : (unsigned)count);
	lock_free(LOCK_WAIT);
	return woken;
}

static long futex_requeue(const volatile int *word, long wake, long move, const volatile int *to,
			  const int *expected)
{
	long result = -EAGAIN;

	if (wake < 0 || move < 0)
		return -EINVAL;
	lock_take(LOCK_WAIT);
	if (!expected || word_at(word) == *expected) {
		result = wake_up(word, ANY_BITS, (unsigned)wake);
		result += wait_move(word, to, (unsigned)move);
	}
	lock_free(LOCK_WAIT);
	return result;
}

long backend_futex(long address, long operation, long value, long argument, long address2,
		   long value3)
{
	const volatile int *word = (const volatile int *)address;
	const volatile int *word2 = (const volatile int *)address2;
	int expected = (int)value3;
	uint64_t deadline;
	long error;

	if (address & 3 || !address)
		return -EINVAL;
	switch (operation & ~(FUTEX_PRIVATE | FUTEX_REALTIME)) {
	case FUTEX_WAIT:
		error = clock_deadline_after((const struct timespec *)argument, &deadline);
		return error ? error : futex_wait(word, (int)value, ANY_BITS, deadline);
	case FUTEX_WAIT_BITSET:
		return futex_wait_until(word, operation, (int)value,
					(const struct timespec *)argument, (uint32_t)value3);
	case FUTEX_WAKE:
		return futex_wake(word, (int)value, ANY_BITS);
	case FUTEX_WAKE_BITSET:
		return futex_wake(word, (int)value, (uint32_t)value3);
	case FUTEX_REQUEUE:
		return futex_requeue(word, (int)value, (int)argument, word2, NULL);
	case FUTEX_CMP_REQUEUE:
		return futex_requeue(word, (int)value, (int)argument, word2, &expected);
	default:
		return -ENOSYS;
	}
}
