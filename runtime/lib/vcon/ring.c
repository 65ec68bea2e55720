/* SPDX-License-Identifier: MIT */
/* The last bytes of an endless text. */
#include "vcon/ring.h"

#include <string.h>

struct ring ring_init(char *bytes, size_t size)
{
	return (struct ring){ .bytes = bytes, .size = size };
}

void ring_put(struct ring *ring, const char *text, size_t count)
{
	if (count > ring->size) {
		ring->end += count - ring->size;
		text += count - ring->size;
		count = ring->size;
	}
	while (count) {
		size_t at = ring->end % ring->size;
		size_t part = ring->size - at < count ? ring->size - at : count;

		memcpy(ring->bytes + at, text, part);
		ring->end += part;
		text += part;
		count -= part;
	}
	if (ring->end - ring->begin > ring->size)
		ring->begin = ring->end - ring->size;
}

void ring_clear(struct ring *ring)
{
	ring->begin = ring->end;
}

const char *ring_at(const struct ring *ring, uint64_t *position, uint64_t end, size_t *count)
{
	size_t at;

	if (*position < ring->begin)
		*position = ring->begin;
	if (end > ring->end)
		end = ring->end;
	at = *position % ring->size;
	*count = 0;
	if (*position < end)
		*count = end - *position < ring->size - at ? end - *position : ring->size - at;
	return ring->bytes + at;
}

size_t ring_read(const struct ring *ring, uint64_t *position, char *out, size_t count)
{
	size_t done = 0;

	if (*position < ring->begin)
		*position = ring->begin;
	while (done < count) {
		size_t part;
		const char *text = ring_at(ring, position, *position + count - done, &part);

		if (!part)
			break;
		memcpy(out + done, text, part);
		done += part;
		*position += part;
	}
	return done;
}

uint64_t ring_line_end(const struct ring *ring, uint64_t position)
{
	for (;;) {
		size_t count;
		const char *text = ring_at(ring, &position, ring->end, &count);
		const char *newline = memchr(text, '\n', count);

		if (newline)
			return position + (uint64_t)(newline - text) + 1;
		if (!count)
			return position;
		position += count;
	}
}

uint64_t ring_last_lines(const struct ring *ring, unsigned lines)
{
	uint64_t at = ring->end;

	while (at > ring->begin) {
		if (at < ring->end && ring->bytes[(at - 1) % ring->size] == '\n' && !--lines)
			break;
		at--;
	}
	return at;
}
