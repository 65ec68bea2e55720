/* SPDX-License-Identifier: MIT */
/* A Linux kernel's table of alternatives. */
#include "vmm/alternatives.h"

#include <string.h>

/* Numbers of features: the word of Linux's own (8), bit 16: a paravirtual guest of Xen. */
enum { FEATURE_XEN_PV = 8 * 32 + 16, IF_MISSING = 1 << 15 };

/* Linux 5.13 to 6.2: two distances, each from its own place, feature, two lengths in bytes. */
struct entry {
	int32_t site, replacement;
	uint16_t feature;
	uint8_t site_bytes, replacement_bytes;
} __attribute__((packed));

/* call *pointer(%rip); mov %rdi, %rax */
enum { CALL_BYTES = 6 };
static const uint8_t call[] = { 0xff, 0x15 };
static const uint8_t move[] = { 0x48, 0x89, 0xf8 };

static struct entry entry_at(const uint8_t *memory, uint64_t at)
{
	struct entry e;

	memcpy(&e, memory + at, sizeof(e));
	return e;
}

static uint64_t site_of(const struct entry *e, uint64_t at)
{
	return at + offsetof(struct entry, site) + (uint64_t)(int64_t)e->site;
}

static uint64_t replacement_of(const struct entry *e, uint64_t at)
{
	return at + offsetof(struct entry, replacement) + (uint64_t)(int64_t)e->replacement;
}

static bool in_kernel(const struct kernel *k, uint64_t at, uint64_t bytes)
{
	return at >= k->start && at <= k->end && bytes <= k->end - at;
}

static bool is_entry(const struct kernel *k, const uint8_t *memory, uint64_t at)
{
	struct entry e = entry_at(memory, at);

	return e.replacement_bytes <= e.site_bytes && in_kernel(k, site_of(&e, at), e.site_bytes) &&
	       in_kernel(k, replacement_of(&e, at), e.replacement_bytes);
}

/* In another form of table some entry would be out of place. */
static bool is_table(const struct kernel *k, const uint8_t *memory)
{
	if (!k->alternatives_bytes || k->alternatives_bytes % sizeof(struct entry))
		return false;
	for (uint64_t i = 0; i < k->alternatives_bytes; i += sizeof(struct entry))
		if (!is_entry(k, memory, k->alternatives + i))
			return false;
	return true;
}

/* A call, to be replaced by a move if this is no guest of Xen's. */
static bool is_conversion(const struct entry *e, const uint8_t *memory, uint64_t at)
{
	return e->feature == (FEATURE_XEN_PV | IF_MISSING) && e->site_bytes == CALL_BYTES &&
	       e->replacement_bytes == sizeof(move) &&
	       !memcmp(memory + site_of(e, at), call, sizeof(call)) &&
	       !memcmp(memory + replacement_of(e, at), move, sizeof(move));
}

unsigned alternatives_select(const struct kernel *k, void *memory)
{
	unsigned selected = 0;

	if (!is_table(k, memory))
		return 0;
	for (uint64_t i = 0; i < k->alternatives_bytes; i += sizeof(struct entry)) {
		uint64_t at = k->alternatives + i;
		struct entry e = entry_at(memory, at);

		if (!is_conversion(&e, memory, at))
			continue;
		e.feature = FEATURE_XEN_PV;
		memcpy((uint8_t *)memory + at, &e, sizeof(e));
		selected++;
	}
	return selected;
}
