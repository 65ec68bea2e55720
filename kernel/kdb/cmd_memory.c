/* SPDX-License-Identifier: MIT */
/* Debugger commands: mappings, memory contents, kernel memory. */
#include "kdb/internal.h"
#include "mm/kmem.h"
#include "obj/factory.h"
#include "obj/task.h"
#include "x86_64/insn.h"
#include "x86_64/pagetable.h"
#include "x86_64/walk.h"

#define DUMP_LINE    16
#define DUMP_DEFAULT 128

/* Neighbouring pages that go on in physical memory with the same rights are one range. */
struct range {
	u64 va, pa, bytes;
	u8 rights;
	enum map_cache cache;
};

static void range_print(struct range *r)
{
	static const char *const cache[] = { "", " uncached", "", " write-combining" };

	if (r->bytes)
		kdb_printf("%016lx-%016lx %c%c%c %lx%s\n", r->va, r->va + r->bytes - 1,
			   r->rights & MAP_R ? 'r' : '-', r->rights & MAP_W ? 'w' : '-',
			   r->rights & MAP_X ? 'x' : '-', r->pa, cache[r->cache]);
	r->bytes = 0;
}

static void range_add(struct range *r, u64 va, u64 pte, unsigned order)
{
	struct range n = { .va = va,
			   .pa = pte_address(pte, order),
			   .bytes = 1ULL << order,
			   .rights = pte_rights(pte),
			   .cache = pte_cache(pte, order) };

	if (r->bytes && r->va + r->bytes == n.va && r->pa + r->bytes == n.pa &&
	    r->rights == n.rights && r->cache == n.cache) {
		r->bytes += n.bytes;
		return;
	}
	range_print(r);
	*r = n;
}

/* Entries of one table, each for 2^order bytes; depth of the recursion: four. */
static void list_table(struct range *r, const u64 *table, u64 va, unsigned order)
{
	for (unsigned i = 0; i < PT_ENTRIES && !kdb_interrupted(); i++) {
		u64 e = table[i], at = va + ((u64)i << order);

		if (order == PT_ROOT_SHIFT)
			at = (u64)((s64)(at << 16) >> 16);
		if (!(e & PTE_PRESENT) ||
		    (order == PT_ROOT_SHIFT && i >= PT_KERNEL_FIRST && i <= PT_KERNEL_LAST))
			continue;
		if (order == PAGE_SHIFT || !pte_is_table(e))
			range_add(r, at, e, order);
		else
			list_table(r, pte_table(e), at, order - PT_BITS);
	}
}

enum kdb_result kdb_cmd_maps(unsigned argc, char **argv)
{
	struct range r = { 0 };
	struct kobject *o;

	if (argc != 2)
		return KDB_USAGE;
	o = kdb_object(argv[1], KOBJ_TASK);
	if (o) {
		list_table(&r, task_of(o)->space.root, 0, PT_ROOT_SHIFT);
		range_print(&r);
	}
	return KDB_OK;
}

static void dump_line(u64 at, const u8 *b, size_t n)
{
	kdb_printf("%016lx ", at);
	for (unsigned i = 0; i < DUMP_LINE; i++) {
		if (i < n)
			kdb_printf("%s%02x", i % 8 ? " " : "  ", b[i]);
		else
			kdb_printf("%s  ", i % 8 ? " " : "  ");
	}
	kdb_printf("  ");
	for (unsigned i = 0; i < n; i++)
		kdb_printf("%c", b[i] >= ' ' && b[i] < 127 ? b[i] : '.');
	kdb_printf("\n");
}

/* root: physical address of the page tables, 0: at is a physical address. */
static void dump(u64 root, u64 at, u64 bytes)
{
	u8 b[DUMP_LINE];

	for (u64 done = 0; done < bytes && !kdb_interrupted(); done += DUMP_LINE) {
		size_t want = min_u64(bytes - done, DUMP_LINE), n;

		n = root ? space_peek(b, root, at + done, want)
			 : kernel_peek(b, (u64)direct_map_ptr(at + done), want);
		if (n)
			dump_line(at + done, b, n);
		if (n < want) {
			kdb_printf("%016lx  not mapped\n", at + done + n);
			return;
		}
	}
}

enum kdb_result kdb_cmd_dump(unsigned argc, char **argv)
{
	struct kobject *task = NULL;
	u64 at, bytes;

	if (argc < 2)
		return KDB_USAGE;
	if (!kdb_value(argv[1], &at) || !kdb_optional(argc, argv, 2, DUMP_DEFAULT, &bytes))
		return KDB_OK;
	if (argc > 3) {
		task = kdb_object(argv[3], KOBJ_TASK);
		if (!task)
			return KDB_OK;
	}
	dump(task ? direct_map_phys(task_of(task)->space.root) : read_cr3(), at, bytes);
	return KDB_OK;
}

enum kdb_result kdb_cmd_phys(unsigned argc, char **argv)
{
	u64 at, bytes;

	if (argc < 2)
		return KDB_USAGE;
	if (!kdb_value(argv[1], &at) || !kdb_optional(argc, argv, 2, DUMP_DEFAULT, &bytes))
		return KDB_OK;
	if (at >> cpu_feat.phys_bits)
		kdb_printf("not a physical address\n");
	else
		dump(0, at, bytes);
	return KDB_OK;
}

enum kdb_result kdb_cmd_memory(unsigned argc, char **argv)
{
	(void)argc, (void)argv;
	kdb_printf("kernel memory %lu KiB, free %lu KiB, charged to the root factory %lu bytes\n",
		   kmem_total_bytes() / 1024, kmem_free_bytes() / 1024, quota_used(&root_quota));
	kdb_printf("factory name                   used        limit\n");
	for (struct kobject *o = kdb_next(NULL, KOBJ_FACTORY); o && !kdb_interrupted();
	     o = kdb_next(o, KOBJ_FACTORY)) {
		const struct quota *q = factory_of(o)->quota;

		if (q == &root_quota)
			kdb_printf("%7lu %-16s %10lu    unlimited\n", o->id, kdb_object_name(o),
				   quota_used(q));
		else
			kdb_printf("%7lu %-16s %10lu %12lu\n", o->id, kdb_object_name(o),
				   quota_used(q), q->limit);
	}
	return KDB_OK;
}
