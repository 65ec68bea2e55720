/* SPDX-License-Identifier: MIT */
/* Names of a Linux kernel's addresses, from its own table. */
#include "vmm/kallsyms.h"

#include <stdio.h>
#include <string.h>

enum {
	TOKENS = 256,
	NAMES_A_MARKER = 256,
	NAME_MAX_BYTES = 512,
	DISTANCE_MAX = 1 << 20,
	ALIGN = 8,
	ORDER_BYTES = 3,
	NAMES_BYTES_MAX = 32 << 20,
	NAME_BYTES_LEAST = 3, /* of a name, its marker and what else it has, on average */
	NAME_BYTES_MOST = 64,
	LONG_NAME = 0x80
};

#define KERNEL_MIN 0xffffffff80000000UL

/* --- Bytes; what is not there is 0 --- */

static uint64_t get(const struct kallsyms *k, size_t at, unsigned bytes)
{
	uint64_t value = 0;

	if (at <= k->size && bytes <= k->size - at)
		memcpy(&value, k->bytes + at, bytes);
	return value;
}

static uint32_t get32(const struct kallsyms *k, size_t at)
{
	return (uint32_t)get(k, at, 4);
}

static size_t align(size_t at)
{
	return (at + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

/* --- Finding the parts --- */

/* The start of the token table, if the token "0" is here: 48 others are before it. */
static bool find_start(struct kallsyms *k, size_t at)
{
	unsigned ends = 0;

	while (at && ends <= '0') {
		at--;
		ends += !k->bytes[at];
	}
	k->tokens = at + 1;
	return ends == '0' + 1 && k->tokens % ALIGN == 0;
}

/* The index tells where each token is. */
static bool find_index(struct kallsyms *k)
{
	size_t at = k->tokens, starts[TOKENS];

	for (unsigned i = 0; i < TOKENS; i++) {
		starts[i] = at - k->tokens;
		while (at < k->size && k->bytes[at])
			at++;
		at++;
	}
	k->index = align(at);
	for (unsigned i = 0; i < TOKENS; i++)
		if (get(k, k->index + 2 * i, 2) != starts[i])
			return false;
	return k->index + 2 * TOKENS <= k->size;
}

/* Bytes of the name at a place, with those of its length. */
static size_t name_bytes(const struct kallsyms *k, size_t at, size_t *head)
{
	size_t bytes = get(k, at, 1);

	*head = 1;
	if (!(bytes & LONG_NAME))
		return bytes + 1;
	*head = 2;
	return (bytes & (LONG_NAME - 1)) + get(k, at + 1, 1) * LONG_NAME + 2;
}

/* The end of all names; 0: they do not end before the tokens. */
static size_t names_end(const struct kallsyms *k)
{
	size_t at = k->names, head;

	for (uint32_t i = 0; i < k->count && at < k->tokens; i++)
		at += name_bytes(k, at, &head);
	return at < k->tokens ? at : 0;
}

/* Are the markers behind the names those of the names? */
static bool markers_fit(const struct kallsyms *k)
{
	size_t at = k->names, head;

	for (uint32_t i = 0; i < k->count; i++) {
		if (i % NAMES_A_MARKER == 0 &&
		    get32(k, k->markers + i / NAMES_A_MARKER * 4) != at - k->names)
			return false;
		at += name_bytes(k, at, &head);
	}
	return true;
}

/* From here to the tokens: names, markers, and in some kernels three bytes for each name. */
static bool names_fit(struct kallsyms *k)
{
	size_t end = names_end(k), behind;

	if (!end)
		return false;
	k->markers = align(end);
	behind = align(k->markers + (k->count + NAMES_A_MARKER - 1UL) / NAMES_A_MARKER * 4);
	if (behind != k->tokens && align(behind + ORDER_BYTES * k->count) != k->tokens)
		return false;
	return markers_fit(k);
}

/* A number that can be the count of names is followed by them. */
static bool find_names(struct kallsyms *k)
{
	for (size_t at = k->tokens; at >= ALIGN && k->tokens - at < NAMES_BYTES_MAX;) {
		uint64_t count = get(k, at -= ALIGN, 8);
		size_t bytes = k->tokens - at;

		if (count < bytes / NAME_BYTES_MOST || count > bytes / NAME_BYTES_LEAST)
			continue;
		k->count = (uint32_t)count;
		k->names = at + ALIGN;
		if (count && names_fit(k))
			return true;
	}
	return false;
}

static bool find_offsets(struct kallsyms *k)
{
	size_t bytes = align((size_t)k->count * 4), behind = k->index + 2 * TOKENS;

	k->base = get(k, k->names - 2 * ALIGN, 8);
	k->offsets = k->names - 2 * ALIGN - bytes;
	if (k->base >= KERNEL_MIN && k->names >= 2 * ALIGN + bytes)
		return true;
	k->offsets = behind;
	k->base = get(k, behind + bytes, 8);
	return k->base >= KERNEL_MIN;
}

/* Each digit is a token of its own in all kernels, as symbols have numbers. */
bool kallsyms_find(const uint8_t *bytes, size_t size, struct kallsyms *k)
{
	static const char digits[] = "0\0001\0002\0003\0004\0005\0006\0007\0008\0009";
	const uint8_t *at = bytes, *end = bytes + size;

	*k = (struct kallsyms){ .bytes = bytes, .size = size };
	while ((at = memmem(at, (size_t)(end - at), digits, sizeof(digits)))) {
		if (find_start(k, (size_t)(at - bytes)) && find_index(k) && find_names(k) &&
		    find_offsets(k))
			return true;
		at++;
	}
	k->count = 0;
	return false;
}

/* --- Names --- */

/* Offsets below 0 count from the base; others are addresses of their own. */
static uint64_t address_of(const struct kallsyms *k, uint32_t i)
{
	int32_t offset = (int32_t)get32(k, k->offsets + 4UL * i);

	return offset >= 0 ? (uint64_t)offset : k->base - 1 - (uint64_t)(int64_t)offset;
}

static size_t place_of(const struct kallsyms *k, uint32_t number)
{
	size_t at = k->names + get32(k, k->markers + number / NAMES_A_MARKER * 4), head;

	for (uint32_t i = 0; i < number % NAMES_A_MARKER; i++)
		at += name_bytes(k, at, &head);
	return at;
}

/* The first character is the symbol's type. */
static void expand(const struct kallsyms *k, size_t at, char *to, size_t room)
{
	size_t head, bytes = name_bytes(k, at, &head), count = 0;

	for (size_t i = head; i < bytes; i++) {
		size_t token = k->tokens + get(k, k->index + 2 * get(k, at + i, 1), 2);

		for (char c; (c = (char)get(k, token, 1)) && count < room - 1; token++)
			to[count++] = c > ' ' && c < 0x7f ? c : '?';
	}
	to[count] = 0;
}

bool kallsyms_name(const struct kallsyms *k, uint64_t address, char *to, size_t room)
{
	char name[NAME_MAX_BYTES];
	uint64_t best = 0;
	uint32_t number = 0;

	for (uint32_t i = 0; i < k->count; i++) {
		uint64_t there = address_of(k, i);

		if (there <= address && there > best) {
			best = there;
			number = i;
		}
	}
	if (!best || address - best >= DISTANCE_MAX)
		return false;
	expand(k, place_of(k, number), name, sizeof(name));
	snprintf(to, room, "%.100s+0x%lx", *name ? name + 1 : name, address - best);
	return *name;
}
