/* SPDX-License-Identifier: MIT */
/* Start of a test client, and its requests. */
#include "client.h"

#include <l4/sys/factory.h>
#include <l4/sys/ipc.h>
#include <l4/sys/task.h>
#include <l4/zwinger/rm.h>

enum { AT_L4_ENV = 0xf1, SETTLE_ROUNDS = 2000 };

void client_start(l4_umword_t *stack);

l4re_env_t *env;
static l4_cap_idx_t next_slot;

__asm__(".text\n"
	".globl _start\n"
	"_start:\n\t"
	"mov %rsp, %rdi\n\t"
	"xor %ebp, %ebp\n\t"
	"and $-16, %rsp\n\t"
	"call client_start\n\t"
	"ud2\n");

/* The environment is in the auxiliary vector, behind arguments and environment strings. */
static l4re_env_t *find_env(l4_umword_t *stack)
{
	l4_umword_t *at = stack + 1 + stack[0] + 1;

	while (*at++)
		;
	for (; at[0]; at += 2)
		if (at[0] == AT_L4_ENV)
			return (l4re_env_t *)at[1];
	return NULL;
}

/* The TAP functions print to the slot of the kernel log and switch the machine off by slot 6. */
static void place_icu(void)
{
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP,
		    l4_obj_fpage(cap_named("icu"), 0, L4_CAP_FPAGE_RWS),
		    L4_BASE_ICU_CAP | L4_ITEM_MAP);
}

void client_start(l4_umword_t *stack)
{
	env = find_env(stack);
	next_slot = env->first_free_cap;
	if (stack[0] > 1) { /* a child */
		if (child_main)
			child_main();
		l4_ipc_sleep(L4_IPC_NEVER);
	}
	place_icu();
	test_main();
	tap_exit();
}

l4_cap_idx_t cap_new(void)
{
	return next_slot++ << L4_CAP_SHIFT;
}

l4_cap_idx_t cap_named(const char *name)
{
	l4_cap_idx_t cap = l4re_env_get_cap_e(name, env);

	if (!l4_is_valid_cap(cap))
		tap_bail("there is no capability %s", name);
	return cap;
}

bool cap_exists(l4_cap_idx_t cap)
{
	return l4_msgtag_label(l4_task_cap_valid(L4_BASE_TASK_CAP, cap)) == 1;
}

void cap_release(l4_cap_idx_t cap)
{
	l4_task_release_cap(L4_BASE_TASK_CAP, cap);
}

static struct wire_out request(unsigned opcode)
{
	struct wire_out o = { 0 };

	wire_put_u32(&o, opcode);
	return o;
}

struct memory_stats memory_stats(l4_cap_idx_t factory)
{
	struct wire_out o = request(0);
	struct memory_stats s = { 0 };
	struct wire_in in;

	wire_expect_nothing();
	if (wire_call(factory, &o, L4RE_PROTO_MEM_ALLOC, &in) == 0)
		wire_get_struct(&in, &s, sizeof(s), 8);
	return s;
}

bool memory_settles(l4_cap_idx_t factory, l4_umword_t used)
{
	for (unsigned i = 0; i < SETTLE_ROUNDS; i++) {
		if (memory_stats(factory).used == used)
			return true;
		l4_ipc_sleep(l4_ipc_timeout(0, 0, 1000, 0));
	}
	tap_diag("used %lu, want %lu", memory_stats(factory).used, used);
	return false;
}

long create(l4_cap_idx_t factory, long protocol, l4_cap_idx_t slot)
{
	struct wire_out o = { 0 };

	wire_put_word(&o, (l4_umword_t)protocol);
	wire_expect_cap(slot);
	return wire_call(factory, &o, L4_PROTO_FACTORY, NULL);
}

long create_ds(l4_cap_idx_t factory, l4_cap_idx_t slot, l4_mword_t size, unsigned flags,
	       unsigned align)
{
	struct wire_out o = { 0 };

	wire_put_word(&o, L4RE_PROTO_DATASPACE);
	wire_put_varg_int(&o, size);
	wire_put_varg_uint(&o, flags);
	wire_put_varg_uint(&o, align);
	wire_expect_cap(slot);
	return wire_call(factory, &o, L4_PROTO_FACTORY, NULL);
}

long create_factory(l4_cap_idx_t factory, l4_cap_idx_t slot, l4_mword_t limit)
{
	struct wire_out o = { 0 };

	wire_put_word(&o, (l4_umword_t)L4_PROTO_FACTORY);
	wire_put_varg_int(&o, limit);
	wire_expect_cap(slot);
	return wire_call(factory, &o, L4_PROTO_FACTORY, NULL);
}

long ds_map(l4_cap_idx_t ds, l4_uint64_t offset, unsigned flags, l4_addr_t at, unsigned order,
	    unsigned *mapped)
{
	struct wire_out o = request(0);
	struct wire_in in;
	long label;

	wire_put_u64(&o, offset);
	wire_put_u64(&o, 0);
	wire_put_word(&o, flags);
	wire_expect_fpage(l4_fpage(at, order, L4_FPAGE_RWX));
	label = wire_call(ds, &o, L4RE_PROTO_DATASPACE, &in);
	if (label >= 0 && mapped)
		*mapped = wire_get_item(&in).order;
	return label;
}

long ds_range(l4_cap_idx_t ds, unsigned op, l4_uint64_t offset, l4_uint64_t size)
{
	struct wire_out o = request(op);

	wire_put_u64(&o, offset);
	wire_put_u64(&o, size);
	wire_expect_nothing();
	return wire_call(ds, &o, L4RE_PROTO_DATASPACE, NULL);
}

long ds_info(l4_cap_idx_t ds, l4_uint64_t *size, l4_umword_t *flags)
{
	struct wire_out o = request(2);
	struct wire_in in;
	long label;

	wire_expect_nothing();
	label = wire_call(ds, &o, L4RE_PROTO_DATASPACE, &in);
	*size = wire_get_u64(&in);
	*flags = wire_get_word(&in);
	return label;
}

long ds_copy(l4_cap_idx_t to, l4_uint64_t to_offset, l4_cap_idx_t from, l4_uint64_t from_offset,
	     l4_uint64_t size)
{
	struct wire_out o = request(3);

	wire_put_u64(&o, to_offset);
	wire_put_u64(&o, from_offset);
	wire_put_u64(&o, size);
	wire_put_cap(&o, from, L4_CAP_FPAGE_RW);
	wire_expect_nothing();
	return wire_call(to, &o, L4RE_PROTO_DATASPACE, NULL);
}

static long rm_enter(l4_cap_idx_t rm, int operation, l4_addr_t *start, unsigned long size,
		     unsigned flags, l4_cap_idx_t ds, unsigned rights, l4_uint64_t offset,
		     unsigned align)
{
	struct wire_out o = request(operation);
	struct wire_in in;
	long label;

	wire_put_word(&o, *start);
	wire_put_word(&o, size);
	wire_put_u32(&o, flags);
	wire_put_u64(&o, offset);
	wire_put_u8(&o, (l4_uint8_t)align);
	wire_put_word(&o, ds);
	wire_put_string(&o, "test");
	wire_put_u64(&o, 0);
	if (l4_is_valid_cap(ds))
		wire_put_cap(&o, ds, rights);
	wire_expect_nothing();
	label = wire_call(rm, &o, L4RE_PROTO_RM, &in);
	if (label >= 0)
		*start = wire_get_word(&in);
	return label;
}

long rm_attach(l4_cap_idx_t rm, l4_addr_t *start, unsigned long size, unsigned flags,
	       l4_cap_idx_t ds, unsigned rights, l4_uint64_t offset, unsigned align)
{
	return rm_enter(rm, 0, start, size, flags, ds, rights, offset, align);
}

long rm_replace(l4_cap_idx_t rm, l4_addr_t start, unsigned long size, unsigned flags,
		l4_cap_idx_t ds, unsigned rights)
{
	return rm_enter(rm, L4_ZW_RM_REPLACE_OP, &start, size, flags, ds, rights, 0, L4_PAGESHIFT);
}

long rm_detach(l4_cap_idx_t rm, l4_addr_t start, unsigned long size, unsigned flags,
	       l4_addr_t *taken, unsigned long *taken_size)
{
	struct wire_out o = request(1);
	struct wire_in in;
	long label;

	wire_put_word(&o, start);
	wire_put_word(&o, size);
	wire_put_u32(&o, flags);
	wire_expect_nothing();
	label = wire_call(rm, &o, L4RE_PROTO_RM, &in);
	*taken = wire_get_word(&in);
	*taken_size = wire_get_word(&in);
	return label;
}

long rm_find(l4_cap_idx_t rm, l4_addr_t *start, unsigned long *size, unsigned *flags)
{
	struct wire_out o = request(2);
	struct wire_in in;
	long label;

	wire_put_word(&o, *start);
	wire_put_word(&o, *size);
	wire_expect_nothing();
	label = wire_call(rm, &o, L4RE_PROTO_RM, &in);
	*start = wire_get_word(&in);
	*size = wire_get_word(&in);
	*flags = wire_get_u32(&in);
	return label;
}

long rm_reserve(l4_cap_idx_t rm, l4_addr_t *start, unsigned long size, unsigned flags,
		unsigned align)
{
	struct wire_out o = request(3);
	struct wire_in in;
	long label;

	wire_put_word(&o, *start);
	wire_put_word(&o, size);
	wire_put_u32(&o, flags);
	wire_put_u8(&o, (l4_uint8_t)align);
	wire_expect_nothing();
	label = wire_call(rm, &o, L4RE_PROTO_RM, &in);
	if (label >= 0)
		*start = wire_get_word(&in);
	return label;
}

long rm_free_area(l4_cap_idx_t rm, l4_addr_t start)
{
	struct wire_out o = request(4);

	wire_put_word(&o, start);
	wire_expect_nothing();
	return wire_call(rm, &o, L4RE_PROTO_RM, NULL);
}

long ns_query(l4_cap_idx_t ns, const char *name, l4_cap_idx_t slot, char *rest, size_t room)
{
	struct wire_out o = request(0);
	struct wire_in in;
	const char *text;
	size_t length;
	long label;

	wire_put_array(&o, name, __builtin_strlen(name));
	wire_expect_cap(slot);
	label = wire_call(ns, &o, L4RE_PROTO_NAMESPACE, &in);
	if (label < 0)
		return label;
	wire_get_u32(&in);
	text = wire_get_array(&in, &length);
	if (rest && length < room) {
		__builtin_memcpy(rest, text, length);
		rest[length] = 0;
	}
	return in.failed ? -L4_EMSGTOOSHORT : label;
}

long ns_register(l4_cap_idx_t ns, const char *name, unsigned flags, l4_cap_idx_t cap)
{
	struct wire_out o = request(1);

	wire_put_u32(&o, flags);
	wire_put_array(&o, name, __builtin_strlen(name));
	if (l4_is_valid_cap(cap))
		wire_put_cap(&o, cap, L4_CAP_FPAGE_RWS);
	wire_expect_nothing();
	return wire_call(ns, &o, L4RE_PROTO_NAMESPACE, NULL);
}

long ns_unlink(l4_cap_idx_t ns, const char *name)
{
	struct wire_out o = request(3);

	wire_put_array(&o, name, __builtin_strlen(name));
	wire_expect_nothing();
	return wire_call(ns, &o, L4RE_PROTO_NAMESPACE, NULL);
}
