/* SPDX-License-Identifier: MIT */
/* Jumps from the kernel's hypercalls to the shim. */
#include "vmm/patch.h"

#include <string.h>

#include "guest/layout.h"
#include "xen/hypercall.h"
#include "xen/types.h"

enum { JUMP_BYTES = 14, CALL_BYTES = 16, PAGE_SLOT_BYTES = 32, POINTER_BYTES = 8, CODE_ALIGN = 16 };
enum { PADDING = 0xcc, JUMP_TO_RETURN = 0xe9, RETURN = 0xc3, NOP = 0x90 };

/* Addresses that an instruction can name by 32 bits. */
#define NEAR_ADDRESSES 0xffffffff80000000UL

/* push %rcx; push %r11; syscall; pop %r11; pop %rcx; behind it a return or a jump to one */
static const uint8_t call_site[] = { 0x51, 0x41, 0x53, 0x0f, 0x05, 0x41, 0x5b, 0x59 };
/* push $0; push %rcx; push %r11; push %rax; mov $23, %eax; syscall; int3 */
static const uint8_t iret_site[] = { 0x6a, 0x00, 0x51, 0x41, 0x53, 0x50, 0xb8,
				     0x17, 0x00, 0x00, 0x00, 0x0f, 0x05, 0xcc };

_Static_assert(sizeof(iret_site) == JUMP_BYTES, "the jump fits exactly");

/* jmp *0(%rip), and the address behind it */
static void write_jump(uint8_t *at, uint64_t target)
{
	static const uint8_t jump[] = { 0xff, 0x25, 0, 0, 0, 0 };

	memcpy(at, jump, sizeof(jump));
	memcpy(at + sizeof(jump), &target, sizeof(target));
}

static bool is_padding(const uint8_t *p, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if (p[i] != PADDING && p[i] != NOP && p[i] != 0x0f && p[i] != 0x1f && p[i] != 0x00)
			return false;
	return true;
}

/* Nothing but the end of the function may be in the way of the jump. */
static bool has_room(const uint8_t *p)
{
	const uint8_t *end = p + sizeof(call_site);
	size_t left = CALL_BYTES - sizeof(call_site) - 1;

	if (*end == JUMP_TO_RETURN)
		return is_padding(end + 5, left - 4);
	return *end == RETURN && is_padding(end + 1, left);
}

/* A kind of site: how it begins, all its bytes. */
struct site {
	const uint8_t *code;
	size_t code_bytes, bytes;
	bool (*fits)(const uint8_t *p);
};

static const struct site call = { call_site, sizeof(call_site), CALL_BYTES, has_room };
static const struct site iret = { iret_site, sizeof(iret_site), JUMP_BYTES, NULL };

static unsigned count_in(uint8_t *from, const uint8_t *end, const struct site *s, uint8_t **found)
{
	unsigned count = 0;
	uint8_t *at;

	while (from < end && (at = memmem(from, (size_t)(end - from), s->code, s->code_bytes))) {
		if ((size_t)(end - at) >= s->bytes && (!s->fits || s->fits(at))) {
			*found = at;
			count++;
		}
		from = at + 1;
	}
	return count;
}

/* How often a site is in the kernel's code; *found is the last place. */
static unsigned count_sites(const struct kernel *k, uint8_t *memory, const struct site *s,
			    uint8_t **found)
{
	unsigned count = 0;

	for (unsigned i = 0; i < k->count; i++) {
		uint8_t *from = memory + k->segments[i].start;

		if (k->segments[i].executable)
			count += count_in(from, from + k->segments[i].file_bytes, s, found);
	}
	return count;
}

/*
 * Padding between two functions with room for a pointer: it is longer than that and ends where code
 * is aligned. NULL: there is none.
 */
static uint8_t *find_padding(const struct kernel_segment *s, uint8_t *memory)
{
	static const uint8_t padding[POINTER_BYTES + 1] = { PADDING, PADDING, PADDING,
							    PADDING, PADDING, PADDING,
							    PADDING, PADDING, PADDING };
	uint8_t *from = memory + s->start;

	for (uint64_t at = CODE_ALIGN; at <= s->file_bytes; at += CODE_ALIGN)
		if (!memcmp(from + at - sizeof(padding), padding, sizeof(padding)))
			return from + at - POINTER_BYTES;
	return NULL;
}

/* The first one of all segments, where code can name it. */
static uint8_t *find_pointer(const struct kernel *k, uint8_t *memory)
{
	uint8_t *found = NULL;

	for (unsigned i = 0; !found && i < k->count; i++)
		if (k->segments[i].executable)
			found = find_padding(&k->segments[i], memory);
	if (!found || k->virt_base < NEAR_ADDRESSES)
		return NULL;
	return found;
}

/*
 * A kernel that ends its functions by a jump to one return remembers where these jumps are, and
 * looks at them later. So it is left, and the jump in front is short: through a pointer.
 */
static void write_call_site(const struct kernel *k, uint8_t *memory, uint8_t *site)
{
	static const uint8_t jump[] = { 0xff, 0x24, 0x25 }; /* jmp *address */
	bool keep = site[sizeof(call_site)] == JUMP_TO_RETURN;
	uint8_t *pointer = keep ? find_pointer(k, memory) : NULL;
	uint64_t target = GUEST_SHIM_CALL;
	uint32_t address;

	if (!pointer) {
		write_jump(site, target);
		return;
	}
	address = (uint32_t)(k->virt_base + (uint64_t)(pointer - memory));
	memcpy(pointer, &target, sizeof(target));
	memcpy(site, jump, sizeof(jump));
	memcpy(site + sizeof(jump), &address, sizeof(address));
	site[sizeof(jump) + sizeof(address)] = NOP;
}

enum patch_result patch_sites(const struct kernel *k, void *memory)
{
	uint8_t *call_at = NULL, *iret_at = NULL;
	unsigned calls = count_sites(k, memory, &call, &call_at);
	unsigned irets = count_sites(k, memory, &iret, &iret_at);

	if (!calls || !irets)
		return PATCH_NOT_FOUND;
	if (calls > 1 || irets > 1)
		return PATCH_AMBIGUOUS;
	write_call_site(k, memory, call_at);
	write_jump(iret_at, GUEST_SHIM_IRET);
	return PATCH_DONE;
}

/* A caller of iret has pushed the word that the shim's own entry does not expect. */
static void write_iret(uint8_t *slot)
{
	static const uint8_t drop_word[] = { 0x48, 0x8d, 0x64, 0x24, 0x08 }; /* lea 8(%rsp), %rsp */

	memcpy(slot, drop_word, sizeof(drop_word));
	write_jump(slot + sizeof(drop_word), GUEST_SHIM_IRET);
}

void patch_hypercall_page(const struct kernel *k, void *memory)
{
	uint8_t *page = (uint8_t *)memory + (k->hypercall_page - k->virt_base);

	memset(page, 0xcc, XEN_PAGE_SIZE);
	for (uint32_t number = 0; number < XEN_PAGE_SIZE / PAGE_SLOT_BYTES; number++) {
		uint8_t *slot = page + number * PAGE_SLOT_BYTES;

		if (number == XEN_CALL_IRET) {
			write_iret(slot);
			continue;
		}
		slot[0] = 0xb8; /* mov $number, %eax */
		memcpy(slot + 1, &number, sizeof(number));
		write_jump(slot + 1 + sizeof(number), GUEST_SHIM_CALL);
	}
}
