/* SPDX-License-Identifier: MIT */
/* Jumps from the kernel's hypercalls to the shim; room for memory that will not come. */
#include "vmm/patch.h"

#include <string.h>

#include "guest/layout.h"
#include "xen/hypercall.h"
#include "xen/types.h"

enum { JUMP_BYTES = 14, CALL_BYTES = 16, PAGE_SLOT_BYTES = 32, POINTER_BYTES = 8, CODE_ALIGN = 16 };
enum { PADDING = 0xcc, JUMP_TO_RETURN = 0xe9, RETURN = 0xc3, NOP = 0x90, RETURN_JUMP_BYTES = 5 };

/* Longer instructions without effect have up to three of these in front. */
enum { NOP_PREFIX = 0x66, NOP_PREFIX_SEGMENT = 0x2e, NOP_PREFIXES_MAX = 3 };

/* Addresses that an instruction can name by 32 bits. */
#define NEAR_ADDRESSES 0xffffffff80000000UL

/* push %rcx; push %r11; syscall; pop %r11; pop %rcx; behind it a return or a jump to one */
static const uint8_t call_site[] = { 0x51, 0x41, 0x53, 0x0f, 0x05, 0x41, 0x5b, 0x59 };
/* push $0; push %rcx; push %r11; push %rax; mov $23, %eax; syscall; int3 */
static const uint8_t iret_site[] = { 0x6a, 0x00, 0x51, 0x41, 0x53, 0x50, 0xb8,
				     0x17, 0x00, 0x00, 0x00, 0x0f, 0x05, 0xcc };

/*
 * cmovb %rdx, %rax; lea 0x1fffff(, %rax, 8), %rax; and $~0x1fffff, %rax: the size of the kernel's
 * frame list, for what it has or for a constant if that is more. It looks at each entry at boot.
 */
static const uint8_t limit_site[] = { 0x48, 0x0f, 0x42, 0xc2, 0x48, 0x8d, 0x04, 0xc5, 0xff,
				      0xff, 0x1f, 0x00, 0x48, 0x25, 0x00, 0x00, 0xe0, 0xff };

/* Where the constant may be: mov $frames, %edx, so many bytes before at most. */
enum { MOVE_BYTES = 5, MOVE_TO_EDX = 0xba, LIMIT_BACK = 64, LIMIT_UNIT = 1 << 18 };

/* How far sites are compared while they are looked for. */
enum { WINDOW = 8 };

_Static_assert(sizeof(iret_site) == JUMP_BYTES, "the jump fits exactly");
_Static_assert(sizeof(call_site) >= WINDOW, "the shortest one");

/* jmp *0(%rip), and the address behind it */
static void write_jump(uint8_t *at, uint64_t target)
{
	static const uint8_t jump[] = { 0xff, 0x25, 0, 0, 0, 0 };

	memcpy(at, jump, sizeof(jump));
	memcpy(at + sizeof(jump), &target, sizeof(target));
}

static bool is_padding(const uint8_t *p, size_t bytes)
{
	static const uint8_t known[] = { PADDING, NOP, NOP_PREFIX, NOP_PREFIX_SEGMENT };
	static const uint8_t long_nop[] = { 0x0f, 0x1f, 0x00, 0x40, 0x44, 0x80, 0x84 };

	for (size_t i = 0; i < bytes; i++)
		if (!memchr(known, p[i], sizeof(known)) &&
		    !memchr(long_nop, p[i], sizeof(long_nop)))
			return false;
	return true;
}

/* Nothing but the end of the function may be in the way of the jump. */
static bool has_room(const uint8_t *p)
{
	const uint8_t *end = p + sizeof(call_site);
	size_t left = CALL_BYTES - sizeof(call_site) - 1;

	if (*end == JUMP_TO_RETURN)
		return is_padding(end + RETURN_JUMP_BYTES, left + 1 - RETURN_JUMP_BYTES);
	return *end == RETURN && is_padding(end + 1, left);
}

/* A kind of site: how it begins (WINDOW bytes or more), all its bytes. */
struct site {
	const uint8_t *code;
	size_t code_bytes, bytes;
	bool (*fits)(const uint8_t *p);
};

enum site_kind { SITE_CALL, SITE_IRET, SITE_LIMIT, SITES };

static const struct site sites[SITES] = {
	[SITE_CALL] = { call_site, sizeof(call_site), CALL_BYTES, has_room },
	[SITE_IRET] = { iret_site, sizeof(iret_site), JUMP_BYTES, NULL },
	[SITE_LIMIT] = { limit_site, sizeof(limit_site), sizeof(limit_site), NULL },
};

/* How often each kind is in the kernel's code, and the last place. */
struct found {
	unsigned count[SITES];
	uint8_t *at[SITES];
};

/*
 * By the last byte of a window: how far it can move on before a site may begin where it then
 * begins. 0: one may begin here.
 */
static void fill_steps(uint8_t *steps)
{
	memset(steps, WINDOW, UINT8_MAX + 1);
	for (unsigned i = 0; i < WINDOW; i++)
		for (unsigned kind = 0; kind < SITES; kind++)
			steps[sites[kind].code[i]] = WINDOW - 1 - i;
}

static void check_place(uint8_t *at, size_t left, struct found *f)
{
	for (unsigned kind = 0; kind < SITES; kind++) {
		const struct site *s = &sites[kind];

		if (left < s->bytes || memcmp(at, s->code, s->code_bytes) ||
		    (s->fits && !s->fits(at)))
			continue;
		f->at[kind] = at;
		f->count[kind]++;
	}
}

static void find_in(uint8_t *from, const uint8_t *end, const uint8_t *steps, struct found *f)
{
	for (uint8_t *at = from; end - at >= WINDOW;) {
		unsigned step = steps[at[WINDOW - 1]];

		if (!step)
			check_place(at, (size_t)(end - at), f);
		at += step ? step : 1;
	}
}

/* All kinds in one pass, as there are tens of megabytes. */
static void find_sites(const struct kernel *k, uint8_t *memory, struct found *f)
{
	uint8_t steps[UINT8_MAX + 1];

	*f = (struct found){ 0 };
	fill_steps(steps);
	for (unsigned i = 0; i < k->count; i++) {
		uint8_t *from = memory + k->segments[i].start;

		find_in(from, from + k->segments[i].code_bytes, steps, f);
	}
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

	for (uint64_t at = CODE_ALIGN; at <= s->code_bytes; at += CODE_ALIGN)
		if (!memcmp(from + at - sizeof(padding), padding, sizeof(padding)))
			return from + at - POINTER_BYTES;
	return NULL;
}

/* What aligns the next function may be one long instruction without effect: nopw 0(%rax, %rax) */
static uint8_t *find_long_nop(const struct kernel *k, const uint8_t *memory, uint8_t *at)
{
	static const uint8_t nop[POINTER_BYTES] = { 0x0f, 0x1f, 0x84 };

	if (memory + k->end - at < NOP_PREFIXES_MAX + POINTER_BYTES)
		return NULL;
	for (unsigned i = 0; i < NOP_PREFIXES_MAX; i++)
		if (*at == NOP_PREFIX || *at == NOP_PREFIX_SEGMENT)
			at++;
	return memcmp(at, nop, sizeof(nop)) ? NULL : at;
}

/* Where code can name it: behind the site, or the first padding of all segments. */
static uint8_t *find_pointer(const struct kernel *k, uint8_t *memory, uint8_t *site)
{
	uint8_t *found = find_long_nop(k, memory, site + sizeof(call_site) + RETURN_JUMP_BYTES);

	for (unsigned i = 0; !found && i < k->count; i++)
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
	uint8_t *pointer = keep ? find_pointer(k, memory, site) : NULL;
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

/*
 * The constant before the site is how many frames the kernel's list must have room for. Only one
 * may look like it: mov to edx of a multiple of 1 GiB.
 */
static uint8_t *find_limit(uint8_t *site, const uint8_t *start)
{
	uint8_t *found = NULL;

	for (unsigned back = MOVE_BYTES; back <= LIMIT_BACK && site - start >= back; back++) {
		uint32_t frames;

		memcpy(&frames, site - back + 1, sizeof(frames));
		if (site[-(int)back] != MOVE_TO_EDX || frames % LIMIT_UNIT || !frames)
			continue;
		if (found)
			return NULL;
		found = site - back + 1;
	}
	return found;
}

/*
 * The size is compared with the constant in the register, or with the same constant once more,
 * which is then set, too. Exactly one such comparison is between the constant and the site.
 */
static bool find_comparison(const uint8_t *frames, uint8_t *site, uint8_t **constant)
{
	static const uint8_t with_rdx[] = { 0x48, 0x39, 0xd0 }, with_constant[] = { 0x48, 0x3d };
	unsigned found = 0;

	*constant = NULL;
	for (uint8_t *at = site - sizeof(with_rdx); at >= frames + sizeof(uint32_t); at--) {
		if (!memcmp(at, with_rdx, sizeof(with_rdx)))
			found++;
		if (memcmp(at, with_constant, sizeof(with_constant)) ||
		    memcmp(at + sizeof(with_constant), frames, sizeof(uint32_t)))
			continue;
		*constant = at + sizeof(with_constant);
		found++;
	}
	return found == 1;
}

static void remove_limit(const struct kernel *k, uint8_t *memory, const struct found *f)
{
	uint8_t *frames = NULL, *compared;

	if (f->count[SITE_LIMIT] == 1)
		frames = find_limit(f->at[SITE_LIMIT], memory + k->start);
	if (!frames || !find_comparison(frames, f->at[SITE_LIMIT], &compared))
		return;
	memset(frames, 0, sizeof(uint32_t));
	if (compared)
		memset(compared, 0, sizeof(uint32_t));
}

enum patch_result patch_sites(const struct kernel *k, void *memory)
{
	struct found f;

	find_sites(k, memory, &f);
	if (!f.count[SITE_CALL] || !f.count[SITE_IRET])
		return PATCH_NOT_FOUND;
	if (f.count[SITE_CALL] > 1 || f.count[SITE_IRET] > 1)
		return PATCH_AMBIGUOUS;
	write_call_site(k, memory, f.at[SITE_CALL]);
	write_jump(f.at[SITE_IRET], GUEST_SHIM_IRET);
	remove_limit(k, memory, &f);
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
	struct found f;

	find_sites(k, memory, &f);
	remove_limit(k, memory, &f);
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
