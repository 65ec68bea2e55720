/* SPDX-License-Identifier: MIT */
/*
 * Promises of moe about questions: what is where in a region map, page by page and in lists, and
 * the protocols that each of its objects speaks (meta, debug), with every documented error.
 */
#include "client.h"

#include <l4/re/c/rm.h>
#include <l4/sys/ipc.h>
#include <l4/sys/meta.h>
#include <l4/sys/task.h>

enum { PAGE = 4096, RW = L4_CAP_FPAGE_RW, RIGHT_R = 4, RIGHT_W = 2, RIGHT_X = 1, MANY = 45 };
enum { OP_GET_REGIONS = 5, OP_GET_AREAS = 6, OP_GET_INFO = 7, OP_PAGE_IN = 10 };
#define PLACE  0x300000000UL
#define WINDOW 0x500000000UL

static l4_cap_idx_t mem, rm, ds;

static void attach(l4_addr_t at, unsigned long size, unsigned flags, l4_uint64_t offset)
{
	if (rm_attach(rm, &at, size, flags, ds, RW, offset, 12) < 0)
		tap_bail("cannot attach at %lx", at);
}

static void new_map(l4_mword_t bytes)
{
	if (create(mem, L4RE_PROTO_RM, rm) < 0 || create_ds(mem, ds, bytes, 0, 0) < 0)
		tap_bail("no region map");
}

static void end_map(void)
{
	cap_release(rm);
	cap_release(ds);
}

/* --- Pages --- */

/* What comes is mapped into the window; *order: of it. */
static long page_in(l4_addr_t low, l4_addr_t high, unsigned rights, unsigned *order)
{
	struct wire_out o = { 0 };
	struct wire_in in;
	long label;

	wire_put_u32(&o, OP_PAGE_IN);
	wire_put_word(&o, low);
	wire_put_word(&o, high);
	wire_put_u16(&o, (l4_uint16_t)rights);
	wire_expect_fpage(l4_fpage(WINDOW, 21, L4_FPAGE_RWX));
	label = wire_call(rm, &o, L4RE_PROTO_RM, &in);
	if (label >= 0) {
		wire_get_word(&in);
		*order = wire_get_item(&in).order;
	}
	return label;
}

/* The word at an address of the region map, by its page in the window; pages keep their place. */
static volatile l4_umword_t *word(l4_addr_t at)
{
	return (volatile l4_umword_t *)(WINDOW + (at & 0x1fffff));
}

static void empty_window(void)
{
	l4_task_unmap(L4_BASE_TASK_CAP, l4_fpage(WINDOW, 21, L4_FPAGE_RWX), L4_FP_ALL_SPACES);
}

static void paging_in(void)
{
	l4_addr_t at = PLACE, read_only = PLACE + 0x10000, reserved = PLACE + 0x20000;
	unsigned order = 0;

	new_map(4 * PAGE);
	attach(at, 2 * PAGE, L4RE_RM_F_RW, PAGE);
	attach(read_only, PAGE, L4RE_RM_F_R, PAGE);
	attach(reserved, PAGE, L4RE_RM_F_RESERVED, 0);
	tap_is(page_in(at, at + PAGE - 1, RIGHT_R | RIGHT_W, &order), 0, "a page to write to");
	tap_ok(order >= 12, "comes");
	*word(at) = 1234;
	empty_window();
	tap_is(page_in(read_only, read_only, RIGHT_R, &order), 0, "a page to be read");
	tap_is((long)*word(read_only), 1234, "is that of the dataspace");
	empty_window();
	tap_is(page_in(at + PAGE, at + PAGE, 0, &order), 0, "without rights: to be read");
	tap_is((long)*word(at + PAGE), 0, "another page");
	empty_window();
	tap_is(page_in(read_only, read_only, RIGHT_W, &order), -L4_EACCESS, "a right too much");
	tap_is(page_in(at, at, RIGHT_X, &order), -L4_EACCESS, "or another one");
	tap_is(page_in(at + 2 * PAGE, at + 2 * PAGE, RIGHT_R, &order), -L4_ENOMEM, "no region");
	tap_is(page_in(reserved, reserved, RIGHT_R, &order), -L4_ENODEV, "a reserved one");
	tap_is(page_in(at + PAGE, at, RIGHT_R, &order), -L4_EINVAL, "a range that is none");
	end_map();
}

static void pages_beyond(void)
{
	l4_cap_idx_t factory = cap_new();
	unsigned order;

	new_map(PAGE);
	attach(PLACE, 3 * PAGE, L4RE_RM_F_RW, 0);
	tap_is(page_in(PLACE + PAGE, PLACE + PAGE, RIGHT_R, &order), -L4_ERANGE,
	       "behind the end of the dataspace");
	end_map();
	create_factory(mem, factory, 16 * PAGE);
	create(mem, L4RE_PROTO_RM, rm);
	create_ds(factory, ds, PAGE, 0, 0);
	attach(PLACE, PAGE, L4RE_RM_F_RW, 0);
	cap_release(factory);
	for (unsigned i = 0; cap_exists(ds) && i < 2000; i++)
		l4_ipc_sleep(l4_ipc_timeout(0, 0, 1000, 0));
	tap_is(page_in(PLACE, PLACE, RIGHT_R, &order), -L4_ENOENT, "of a dataspace that is gone");
	end_map();
}

/* --- Lists --- */

struct listed {
	l4_umword_t start, end;
	l4_uint16_t flags;
};

/* What is listed from an address on; the first of it. */
static long list(unsigned op, l4_addr_t from, struct listed *first, struct listed *last)
{
	struct wire_out o = { 0 };
	struct wire_in in;
	long count;

	wire_put_u32(&o, op);
	wire_put_word(&o, from);
	wire_expect_nothing();
	count = wire_call(rm, &o, L4RE_PROTO_RM, &in);
	for (long i = 0; i < count; i++) {
		wire_get_struct(&in, last, sizeof(*last), sizeof(l4_umword_t));
		if (!i)
			*first = *last;
	}
	return in.failed ? -L4_EMSGTOOSHORT : count;
}

static bool is_range(const struct listed *l, l4_addr_t start, l4_addr_t end)
{
	return l->start == start && l->end == end;
}

static void regions(void)
{
	struct listed first = { 0 }, last = { 0 };
	unsigned total = 0;
	l4_addr_t from = 0;
	long count;

	new_map(PAGE);
	tap_is(list(OP_GET_REGIONS, 0, &first, &last), 0, "an empty map lists no regions");
	for (unsigned i = 0; i < MANY; i++)
		attach(PLACE + 2 * i * PAGE, PAGE, i % 2 ? L4RE_RM_F_RW : L4RE_RM_F_R, 0);
	count = list(OP_GET_REGIONS, PLACE + 2 * PAGE + 5, &first, &last);
	tap_ok(count > 1 && is_range(&first, PLACE + 2 * PAGE, PLACE + 3 * PAGE - 1),
	       "a list begins with the region at the address");
	tap_is(first.flags & 7, L4RE_RM_F_RW, "with its rights");
	list(OP_GET_REGIONS, PLACE + PAGE, &first, &last);
	tap_ok(is_range(&first, PLACE + 2 * PAGE, PLACE + 3 * PAGE - 1), "or the one above");
	while ((count = list(OP_GET_REGIONS, from, &first, &last)) > 0) {
		total += (unsigned)count;
		from = last.end + 1;
	}
	tap_is(total, MANY, "lists in a row have all regions once");
	tap_is(count, 0, "the last one is empty");
	end_map();
}

static void areas(void)
{
	l4_addr_t a = PLACE, b = PLACE + 0x100000;
	struct listed first = { 0 }, last = { 0 };

	new_map(PAGE);
	tap_is(list(OP_GET_AREAS, 0, &first, &last), 0, "an empty map lists no areas");
	rm_reserve(rm, &b, 2 * PAGE, L4RE_RM_F_R, 12);
	rm_reserve(rm, &a, PAGE, 0, 12);
	attach(PLACE + 0x200000, PAGE, L4RE_RM_F_R, 0);
	tap_is(list(OP_GET_AREAS, 0, &first, &last), 2, "two areas, and no region");
	tap_ok(is_range(&first, a, a + PAGE - 1) && is_range(&last, b, b + 2 * PAGE - 1),
	       "by their addresses");
	tap_is(list(OP_GET_AREAS, a + PAGE, &first, &last), 1, "from an address on: one");
	tap_ok(is_range(&first, b, b + 2 * PAGE - 1), "the second");
	tap_is(list(OP_GET_AREAS, b + 2 * PAGE, &first, &last), 0, "none behind it");
	rm_free_area(rm, a);
	tap_is(list(OP_GET_AREAS, 0, &first, &last), 1, "one is freed");
	end_map();
}

static long get_info(l4_addr_t at, const char **name, l4_uint64_t *offset)
{
	struct wire_out o = { 0 };
	struct wire_in in;
	long label;

	wire_put_u32(&o, OP_GET_INFO);
	wire_put_word(&o, at);
	wire_expect_nothing();
	label = wire_call(rm, &o, L4RE_PROTO_RM, &in);
	*name = wire_get_string(&in);
	*offset = wire_get_u64(&in);
	return label;
}

static void information(void)
{
	struct wire_out o = { 0 };
	const char *name = "";
	l4_uint64_t offset = 1;

	new_map(PAGE);
	attach(PLACE, PAGE, L4RE_RM_F_R, 0);
	tap_is(get_info(PLACE + 5, &name, &offset), 0, "a region tells about itself");
	tap_ok(__builtin_strcmp(name, "test") == 0 && offset == 0, "its name is %s", name);
	tap_is(get_info(PLACE + PAGE, &name, &offset), -L4_ENOENT, "no region tells nothing");
	for (unsigned op = OP_GET_REGIONS; op <= OP_PAGE_IN; op++) {
		o = (struct wire_out){ 0 };
		wire_put_u32(&o, op);
		wire_expect_nothing();
		tap_is(wire_call(rm, &o, L4RE_PROTO_RM, NULL),
		       op == 8 || op == 9 ? -L4_ENOSYS : -L4_EMSGTOOSHORT, "operation %u alone",
		       op);
	}
	end_map();
}

/* --- Protocols of objects --- */

struct kind {
	const char *what;
	long creates;	  /* protocol of creation; 0: it is named in the environment */
	const char *name; /* there */
	unsigned count;	  /* of protocols, meta included */
	long protocol;	  /* the first */
	const char *type;
	bool debug;
};

static const struct kind kinds[] = {
	{ "a factory", L4_PROTO_FACTORY, NULL, 4, L4RE_PROTO_MEM_ALLOC, "N4L4Re9Mem_allocE", true },
	{ "a dataspace", L4RE_PROTO_DATASPACE, NULL, 2, L4RE_PROTO_DATASPACE, "N4L4Re9DataspaceE",
	  false },
	{ "a region map", L4RE_PROTO_RM, NULL, 6, L4RE_PROTO_RM, "N4L4Re2RmE", true },
	{ "a namespace", L4RE_PROTO_NAMESPACE, NULL, 2, L4RE_PROTO_NAMESPACE, "N4L4Re9NamespaceE",
	  false },
	{ "a log", L4_PROTO_LOG, NULL, 3, L4_PROTO_LOG, "N4L4Re3LogE", false },
	{ "a scheduler", L4_PROTO_SCHEDULER, NULL, 3, L4_PROTO_SCHEDULER, "N2L49SchedulerE",
	  false },
	{ "a DMA space", L4RE_PROTO_DMA_SPACE, NULL, 2, L4RE_PROTO_DMA_SPACE, "N4L4Re9Dma_spaceE",
	  false },
	{ "the DMA manager", 0, "dma_mgr", 2, 0, "N4L4Re9Dma_space7ManagerE", false },
	{ "a boot module's namespace", 0, "rom", 2, L4RE_PROTO_NAMESPACE, "N4L4Re9NamespaceE",
	  false },
	{ "the page of the kernel", 0, "kip", 2, L4RE_PROTO_DATASPACE, "N4L4Re9DataspaceE", false },
};

/* Each kind takes from these arguments what it needs. */
static l4_cap_idx_t object_of(const struct kind *k)
{
	l4_cap_idx_t slot = cap_new();
	struct wire_out o = { 0 };

	if (!k->creates)
		return cap_named(k->name);
	wire_put_word(&o, (l4_umword_t)k->creates);
	if (k->creates == L4_PROTO_LOG)
		wire_put_varg_string(&o, "log");
	if (k->creates == L4_PROTO_FACTORY || k->creates == L4RE_PROTO_DATASPACE)
		wire_put_varg_int(&o, 4 * PAGE);
	if (k->creates == L4_PROTO_SCHEDULER) {
		wire_put_varg_uint(&o, 20);
		wire_put_varg_uint(&o, 10);
	}
	wire_expect_cap(slot);
	if (wire_call(mem, &o, L4_PROTO_FACTORY, NULL) < 0)
		tap_bail("cannot create %s", k->what);
	return slot;
}

/* Every interface that it lists it supports as well, and the last one is meta. */
static bool lists_what_it_supports(l4_cap_idx_t object, unsigned count)
{
	char name[48] = "";
	long protocol = 0;

	for (unsigned i = 0; i < count; i++)
		if (l4_meta_interface(object, i, &protocol, name, sizeof(name)) < 0 ||
		    l4_meta_supports(object, protocol) != 1)
			return false;
	return protocol == L4_PROTO_META && __builtin_strcmp(name, "N2L44MetaE") == 0;
}

static long meta(l4_cap_idx_t object, unsigned words, l4_umword_t first)
{
	struct wire_out o = { 0 };

	if (words)
		wire_put_word(&o, first);
	wire_expect_nothing();
	return wire_call(object, &o, L4_PROTO_META, NULL);
}

static long debug(l4_cap_idx_t object)
{
	struct wire_out o = { 0 };

	wire_put_word(&o, 0);
	wire_expect_nothing();
	return wire_call(object, &o, L4RE_PROTO_DEBUG, NULL);
}

static void protocols_of(const struct kind *k)
{
	l4_cap_idx_t object = object_of(k);
	char name[48] = "";
	long protocol = 1;

	tap_is(l4_meta_num_interfaces(object), k->count, "%s has %u protocols", k->what, k->count);
	l4_meta_interface(object, 0, &protocol, name, sizeof(name));
	tap_ok(protocol == k->protocol && __builtin_strcmp(name, k->type) == 0,
	       "the first is %ld, %s", protocol, name);
	tap_ok(lists_what_it_supports(object, k->count), "it supports what it lists");
	tap_is(l4_meta_supports(object, 0x7654), 0, "and no other");
	tap_is(l4_meta_interface(object, k->count, &protocol, name, sizeof(name)), -L4_ERANGE,
	       "there is none behind the last one");
	tap_is(meta(object, 0, 0), -L4_EMSGTOOSHORT, "an empty question");
	tap_is(meta(object, 1, L4_META_OP_SUPPORTS), -L4_EMSGTOOSHORT, "half a question");
	tap_is(meta(object, 1, 77), -L4_ENOSYS, "an unknown question");
	tap_is(debug(object), k->debug ? 0 : -L4_EBADPROTO, "%s",
	       k->debug ? "it prints what it has" : "it prints nothing");
	if (k->creates)
		cap_release(object);
}

void test_main(void)
{
	l4_umword_t before;

	mem = env->mem_alloc;
	rm = cap_new();
	ds = cap_new();
	before = memory_stats(mem).used;
	paging_in();
	pages_beyond();
	regions();
	areas();
	information();
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		protocols_of(&kinds[i]);
	tap_ok(memory_settles(mem, before), "nothing is left");
}
