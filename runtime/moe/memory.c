/* SPDX-License-Identifier: MIT */
/* Memory from sigma0, and taking it back from programs. */
#include <l4/sys/ipc.h>
#include <l4/sys/kip.h>
#include <l4/sys/memdesc.h>
#include <l4/sys/task.h>
#include "moe.h"

enum { SIGMA0_RAM = 0x60, SIGMA0_ANY_RAM = 0x90, LARGEST_ORDER = 30 };

static struct pages_zone found[PAGES_ZONES]; /* RAM before it becomes the allocator's */
static unsigned found_count;

/* A request to sigma0; the item goes 1:1. Returns the address of what came, 0: nothing. */
static uint64_t request(unsigned kind, l4_fpage_t page)
{
	l4_msg_regs_t *mr = l4_utcb_mr();
	l4_msgtag_t tag = l4_msgtag(L4_PROTO_SIGMA0, 2, 0, 0);

	wire_expect_fpage(l4_fpage_all());
	mr->mr[0] = ~0UL << 8 | kind;
	mr->mr[1] = page.raw;
	tag = l4_ipc_call(L4_BASE_PAGER_CAP, l4_utcb(), tag, L4_IPC_NEVER);
	wire_expect_nothing();
	if (l4_error(tag) < 0 || !l4_msgtag_items(tag))
		return 0;
	return mr->mr[0] & L4_PAGEMASK;
}

void memory_claim(uint64_t start, uint64_t end)
{
	start &= L4_PAGEMASK;
	end = l4_round_page(end);
	while (start < end) {
		unsigned order = start ? (unsigned)__builtin_ctzl(start) : LARGEST_ORDER;

		while (order > LARGEST_ORDER || (1UL << order) > end - start)
			order--;
		if (!request(SIGMA0_RAM, l4_fpage(start, order, 0)))
			moe_fatal("sigma0 does not give memory at %lx", start);
		start += 1UL << order;
	}
}

/* sigma0 gives the lowest memory first, so neighbours come one after the other. */
static void note_ram(uint64_t start, uint64_t bytes)
{
	for (unsigned i = 0; i < found_count; i++) {
		struct pages_zone *z = &found[i];

		if (z->first + z->count == start) {
			z->count += bytes;
			return;
		}
		if (start + bytes == z->first) {
			z->first = start;
			z->count += bytes;
			return;
		}
	}
	if (found_count < PAGES_ZONES)
		found[found_count++] = (struct pages_zone){ .first = start, .count = bytes };
}

static void take_all_ram(void)
{
	uint64_t start;

	for (unsigned order = LARGEST_ORDER; order >= L4_PAGESHIFT; order--)
		while ((start = request(SIGMA0_ANY_RAM, l4_fpage(0, order, 0))))
			note_ram(start, 1UL << order);
}

/* Join two areas that touch; false if there are none. */
static bool join_two(void)
{
	for (unsigned i = 0; i < found_count; i++) {
		for (unsigned j = 0; j < found_count; j++) {
			if (found[i].first + found[i].count != found[j].first)
				continue;
			found[i].count += found[j].count;
			found[j] = found[--found_count];
			return true;
		}
	}
	return false;
}

static void find_user_addresses(void)
{
	const l4_kernel_info_mem_desc_t *d = l4_kernel_info_get_mem_descs(moe.kip);
	int count = l4_kernel_info_get_num_mem_descs(moe.kip);

	for (int i = 0; i < count; i++) {
		if ((d[i].l & 0xf) != 1 || !(d[i].l & 0x200))
			continue;
		moe.user_start = d[i].l & ~0x3ffUL;
		moe.user_end = d[i].h | 0x3ffUL;
	}
	if (moe.user_start < L4_PAGESIZE)
		moe.user_start = L4_PAGESIZE;
}

void memory_init(void)
{
	uint64_t lowest = ~0UL, highest = 0;

	moe.kip = l4_global_kip;
	take_all_ram();
	while (join_two())
		;
	for (unsigned i = 0; i < found_count; i++) {
		uint64_t end = found[i].first + found[i].count;

		lowest = found[i].first < lowest ? found[i].first : lowest;
		highest = end > highest ? end : highest;
		pages_add(&moe.pages, found[i].first, end);
	}
	find_user_addresses();
	moe_print("found %lu KiB RAM in the area %lx..%lx", moe.pages.all_pages * 4, lowest,
		  highest - 1);
	moe_print("virtual user address space [%lx-%lx]", moe.user_start, moe.user_end);
}

void memory_revoke(uint64_t start, uint64_t bytes)
{
	l4_msg_regs_t saved = *l4_utcb_mr();

	while (bytes) {
		unsigned order = (unsigned)__builtin_ctzl(start);

		while ((1UL << order) > bytes)
			order--;
		l4_task_unmap(L4_BASE_TASK_CAP, l4_fpage(start, order, L4_FPAGE_RWX),
			      L4_FP_OTHER_SPACES);
		start += 1UL << order;
		bytes -= 1UL << order;
	}
	*l4_utcb_mr() = saved;
}
