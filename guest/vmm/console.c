/* SPDX-License-Identifier: MIT */
/* The console of a guest. */
#include "vmm/console.h"

#include <string.h>

size_t console_take(struct xen_console_ring *ring, char *out, size_t room)
{
	uint32_t at = __atomic_load_n(&ring->out_cons, __ATOMIC_RELAXED);
	uint32_t end = __atomic_load_n(&ring->out_prod, __ATOMIC_ACQUIRE);
	uint32_t there = end - at;
	size_t count = there < room ? there : room;

	if (there > XEN_CONSOLE_OUT_BYTES) {
		__atomic_store_n(&ring->out_cons, end, __ATOMIC_RELEASE);
		return 0;
	}
	for (size_t i = 0; i < count; i++)
		out[i] = ring->out[(at + i) % XEN_CONSOLE_OUT_BYTES];
	__atomic_store_n(&ring->out_cons, at + (uint32_t)count, __ATOMIC_RELEASE);
	return count;
}

size_t console_room(const struct xen_console_ring *ring)
{
	uint32_t at = __atomic_load_n(&ring->in_prod, __ATOMIC_RELAXED);
	uint32_t used = at - __atomic_load_n(&ring->in_cons, __ATOMIC_ACQUIRE);

	return used > XEN_CONSOLE_IN_BYTES ? 0 : XEN_CONSOLE_IN_BYTES - used;
}

size_t console_put(struct xen_console_ring *ring, const char *text, size_t bytes)
{
	uint32_t at = __atomic_load_n(&ring->in_prod, __ATOMIC_RELAXED);
	size_t room = console_room(ring);

	bytes = bytes < room ? bytes : room;
	for (size_t i = 0; i < bytes; i++)
		ring->in[(at + i) % XEN_CONSOLE_IN_BYTES] = text[i];
	__atomic_store_n(&ring->in_prod, at + (uint32_t)bytes, __ATOMIC_RELEASE);
	return bytes;
}

void console_tail_add(struct console_tail *tail, const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		tail->text[tail->end++ % CONSOLE_TAIL_BYTES] = text[i];
}

static char tail_at(const struct console_tail *tail, size_t back)
{
	return tail->text[(tail->end - back) % CONSOLE_TAIL_BYTES];
}

size_t console_tail_lines(const struct console_tail *tail, unsigned lines, char *out, size_t room)
{
	size_t there = tail->end < CONSOLE_TAIL_BYTES ? tail->end : CONSOLE_TAIL_BYTES;
	size_t limit = there < room - 1 ? there : room - 1, fit = 0;

	/* A line begins behind the end of another, or with the first byte of all. */
	for (size_t back = 2; back <= limit && lines; back++)
		if (tail_at(tail, back) == '\n') {
			fit = back - 1;
			lines--;
		}
	if (lines && limit == tail->end)
		fit = limit;
	for (size_t i = 0; i < fit; i++)
		out[i] = tail_at(tail, fit - i);
	out[fit] = 0;
	return fit;
}
