/* SPDX-License-Identifier: MIT */
/* A Linux kernel's table of alternatives. */
#include "vmm/alternatives.h"

#include <string.h>

/* The feature's number, the word of Linux's own (8), bit 16: a paravirtual guest of Xen. */
enum { FEATURE_XEN_PV = 8 * 32 + 16 };

/*
 * An entry is two distances (of the place and of its replacement), each from where it stands
 * itself, the condition, and two lengths in bytes. The forms differ in the condition.
 */
enum { DISTANCE_BYTES = 4, LENGTHS_BYTES = 2 };
static const struct form {
	unsigned condition_bytes;
	uint32_t if_missing; /* bit of the condition: if the feature is not there */
} forms[] = {
	{ 2, 1 << 15 }, /* Linux 5.13 to 6.2 */
	{ 4, 1 << 16 }, /* since 6.3 */
};

enum { FORMS = sizeof(forms) / sizeof(*forms) };

struct entry {
	uint64_t site, replacement; /* in memory */
	uint32_t condition;
	uint8_t site_bytes, replacement_bytes;
};

/* call *pointer(%rip); mov %rdi, %rax */
enum { CALL_BYTES = 6 };
static const uint8_t call[] = { 0xff, 0x15 };
static const uint8_t move[] = { 0x48, 0x89, 0xf8 };

static unsigned entry_bytes(const struct form *form)
{
	return 2 * DISTANCE_BYTES + form->condition_bytes + LENGTHS_BYTES;
}

static uint64_t target(const uint8_t *memory, uint64_t at)
{
	int32_t distance;

	memcpy(&distance, memory + at, sizeof(distance));
	return at + (uint64_t)(int64_t)distance;
}

static struct entry entry_at(const struct form *form, const uint8_t *memory, uint64_t at)
{
	const uint8_t *condition = memory + at + 2 * DISTANCE_BYTES;
	const uint8_t *lengths = condition + form->condition_bytes;
	struct entry e = { .site = target(memory, at),
			   .replacement = target(memory, at + DISTANCE_BYTES),
			   .site_bytes = lengths[0],
			   .replacement_bytes = lengths[1] };

	memcpy(&e.condition, condition, form->condition_bytes);
	return e;
}

static bool in_kernel(const struct kernel *k, uint64_t at, uint64_t bytes)
{
	return at >= k->start && at <= k->end && bytes <= k->end - at;
}

static bool is_entry(const struct kernel *k, const struct entry *e)
{
	return e->replacement_bytes <= e->site_bytes && in_kernel(k, e->site, e->site_bytes) &&
	       in_kernel(k, e->replacement, e->replacement_bytes);
}

static bool is_table(const struct kernel *k, const struct form *form, const uint8_t *memory)
{
	unsigned bytes = entry_bytes(form);

	if (!k->alternatives_bytes || k->alternatives_bytes % bytes)
		return false;
	for (uint64_t i = 0; i < k->alternatives_bytes; i += bytes) {
		struct entry e = entry_at(form, memory, k->alternatives + i);

		if (!is_entry(k, &e))
			return false;
	}
	return true;
}

/* In another form of table some entry would be out of place. NULL: none fits, or not only one. */
static const struct form *find_form(const struct kernel *k, const uint8_t *memory)
{
	const struct form *found = NULL;

	for (unsigned i = 0; i < FORMS; i++) {
		if (!is_table(k, &forms[i], memory))
			continue;
		if (found)
			return NULL;
		found = &forms[i];
	}
	return found;
}

/* A call, to be replaced by a move if this is no guest of Xen's. */
static bool is_conversion(const struct form *form, const struct entry *e, const uint8_t *memory)
{
	return e->condition == (FEATURE_XEN_PV | form->if_missing) && e->site_bytes == CALL_BYTES &&
	       e->replacement_bytes == sizeof(move) &&
	       !memcmp(memory + e->site, call, sizeof(call)) &&
	       !memcmp(memory + e->replacement, move, sizeof(move));
}

unsigned alternatives_select(const struct kernel *k, void *memory)
{
	static const uint32_t condition = FEATURE_XEN_PV;
	const struct form *form = find_form(k, memory);
	unsigned selected = 0;

	for (uint64_t i = 0; form && i < k->alternatives_bytes; i += entry_bytes(form)) {
		uint64_t at = k->alternatives + i;
		struct entry e = entry_at(form, memory, at);

		if (!is_conversion(form, &e, memory))
			continue;
		memcpy((uint8_t *)memory + at + 2 * DISTANCE_BYTES, &condition,
		       form->condition_bytes);
		selected++;
	}
	return selected;
}
