/* SPDX-License-Identifier: MIT */
/* Promises of moe's namespaces: register, query, unlink, boot modules, every documented error. */
#include "client.h"

#include <l4/sys/factory.h>
#include <l4/sys/task.h>

enum { OVERWRITE = 0x200, PARTLY = 0x20, RO = 4, RW = 5, RWS = 7 };

static l4_cap_idx_t mem, ns;

static l4_cap_idx_t new_gate(void)
{
	l4_cap_idx_t gate = cap_new();

	if (l4_error(l4_factory_create_gate(env->factory, gate, L4_INVALID_CAP, 0)) < 0)
		tap_bail("no gate");
	return gate;
}

static bool same(l4_cap_idx_t a, l4_cap_idx_t b)
{
	return l4_msgtag_label(l4_task_cap_equal(L4_BASE_TASK_CAP, a, b)) == 1;
}

static void names(void)
{
	l4_cap_idx_t gate = new_gate(), found = cap_new(), ds = cap_new();
	l4_uint64_t size;
	l4_umword_t flags;

	tap_is(ns_register(ns, "gate", RWS, gate), 0, "register a capability");
	tap_is(ns_query(ns, "gate", found, NULL, 0), 0, "it is found");
	tap_ok(same(gate, found), "and is the one");
	cap_release(found);
	tap_is(ns_register(ns, "gate", RO, gate), -L4_EEXIST, "a name is not replaced");
	tap_is(ns_register(ns, "gate", RO | OVERWRITE, gate), 0, "unless one wants to");
	tap_is(ns_query(ns, "gate", found, NULL, 0), 0, "and is found then");
	tap_ok(cap_exists(found) && !same(gate, found), "with the rights given");
	cap_release(found);
	create_ds(mem, ds, 1000, 0, 0);
	tap_is(ns_register(ns, "memory", RW, ds), 0, "register an object of moe's");
	cap_release(ds);
	tap_is(ns_query(ns, "memory", found, NULL, 0), 0, "the name keeps it alive");
	tap_is(ds_info(found, &size, &flags), 0, "it answers");
	tap_is((long)size, 1000, "and is the one");
	cap_release(found);
	tap_is(ns_unlink(ns, "memory"), 0, "unlink");
	tap_is(ns_query(ns, "memory", found, NULL, 0), -L4_ENOENT, "it is gone");
	tap_is(ns_unlink(ns, "gate"), 0, "unlink the other");
	cap_release(gate);
}

static void dead_and_empty_names(void)
{
	l4_cap_idx_t gate = new_gate(), found = cap_new();

	tap_is(ns_register(ns, "later", RO, L4_INVALID_CAP), 0, "register a name alone");
	tap_is(ns_query(ns, "later", found, NULL, 0), -L4_EAGAIN, "who asks is to ask again");
	tap_is(ns_register(ns, "later", RO, gate), 0, "give the name its object");
	tap_is(ns_query(ns, "later", found, NULL, 0), 0, "it is found");
	cap_release(found);
	l4_task_delete_obj(L4_BASE_TASK_CAP, gate);
	tap_is(ns_query(ns, "later", found, NULL, 0), -L4_ENOENT, "not when the object is dead");
	gate = new_gate();
	tap_is(ns_register(ns, "later", RO, gate), 0, "a dead name can be replaced");
	ns_unlink(ns, "later");
	cap_release(gate);
}

static void wrong_requests(void)
{
	l4_cap_idx_t gate = new_gate(), ro = cap_new();

	tap_is(ns_register(ns, "", RO, gate), -L4_EINVAL, "an empty name is refused");
	tap_is(ns_register(ns, "a/b", RO, gate), -L4_EINVAL, "a name with a slash is refused");
	tap_is(ns_query(ns, "nothing", ro, NULL, 0), -L4_ENOENT, "an unknown name");
	tap_is(ns_query(ns, "", ro, NULL, 0), -L4_ENOENT, "no name");
	tap_is(ns_unlink(ns, "nothing"), -L4_ENOENT, "nothing to unlink");
	l4_task_map(L4_BASE_TASK_CAP, L4_BASE_TASK_CAP, l4_obj_fpage(ns, 0, L4_CAP_FPAGE_RO),
		    ro | L4_ITEM_MAP);
	tap_is(ns_register(ro, "x", RO, gate), -L4_EPERM, "registering needs the right to write");
	tap_is(ns_unlink(ro, "x"), -L4_EPERM, "and so does unlinking");
	cap_release(ro);
	cap_release(gate);
}

static void paths(void)
{
	l4_cap_idx_t inner = cap_new(), gate = new_gate(), found = cap_new();
	char rest[32];

	create(mem, L4RE_PROTO_NAMESPACE, inner);
	ns_register(ns, "dir", RWS, inner);
	ns_register(inner, "leaf", RO, gate);
	tap_is(ns_query(ns, "dir/leaf/x", found, rest, sizeof(rest)), PARTLY,
	       "the first part of a path is looked up");
	tap_ok(__builtin_strcmp(rest, "leaf/x") == 0, "the rest is returned");
	tap_is(ns_query(found, "leaf", gate, NULL, 0), 0, "and is looked up there");
	cap_release(found);
	ns_unlink(ns, "dir");
	cap_release(inner);
}

static bool listing_has(l4_cap_idx_t dir, const char *line)
{
	l4_cap_idx_t found = cap_new();
	l4_uint64_t size = 0;
	l4_umword_t flags;
	const char *text = (const char *)0x500000000;
	size_t length = __builtin_strlen(line);
	bool has = false;

	if (ns_query(dir, ".dirinfo", found, NULL, 0) < 0 || ds_info(found, &size, &flags) < 0 ||
	    ds_map(found, 0, 4, (l4_addr_t)text, 12, NULL) < 0)
		return false;
	for (size_t at = 0; at + length <= size && !has; at++)
		has = __builtin_memcmp(text + at, line, length) == 0;
	cap_release(found);
	return has;
}

static void boot_modules(void)
{
	l4_cap_idx_t rom = cap_named("rom"), file = cap_new(), gate = new_gate();
	l4_uint64_t size = 0;
	l4_umword_t flags = 0;

	tap_is(ns_query(rom, "test-moe-namespace", file, NULL, 0), 0, "this program is in rom");
	tap_is(ds_info(file, &size, &flags), 0, "and is a dataspace");
	tap_is((long)flags & 7, 5, "that can be read and executed");
	tap_is(ds_map(file, 0, 4, 0x510000000, 12, NULL), 0, "it can be mapped");
	tap_is(*(volatile unsigned *)0x510000000, 0x464c457f, "and is an ELF file");
	tap_is(ds_map(file, 0, 6, 0x510000000, 12, NULL), -L4_EPERM, "but not writable");
	tap_is(ns_register(rom, "test-moe-namespace", RO | OVERWRITE, gate), -L4_EEXIST,
	       "boot modules cannot be replaced");
	tap_is(ns_unlink(rom, "test-moe-namespace"), -L4_EACCESS, "nor unlinked");
	tap_ok(listing_has(rom, "18:test-moe-namespace\n"), "the listing has them");
	cap_release(file);
	cap_release(gate);
}

static void no_memory_is_lost(void)
{
	l4_umword_t before = memory_stats(mem).used;
	l4_cap_idx_t dir = cap_new(), gate = new_gate();
	char name[] = "name-aa";
	bool good = true;

	for (unsigned i = 0; i < 20; i++) {
		good &= create(mem, L4RE_PROTO_NAMESPACE, dir) == 0;
		for (unsigned k = 0; k < 50; k++) {
			name[5] = (char)('a' + k / 10);
			name[6] = (char)('a' + k % 10);
			good &= ns_register(dir, name, RWS, k % 2 ? gate : dir) == 0;
		}
		good &= listing_has(dir, "7:name-aa\n");
		for (unsigned k = 0; k < 50; k += 2) {
			name[5] = (char)('a' + k / 10);
			name[6] = (char)('a' + k % 10);
			good &= ns_unlink(dir, name) == 0;
		}
		cap_release(dir);
	}
	tap_ok(good, "20 namespaces with 50 names each");
	tap_ok(memory_settles(mem, before), "leave nothing behind");
}

void test_main(void)
{
	mem = env->mem_alloc;
	ns = cap_new();
	tap_is(create(mem, L4RE_PROTO_NAMESPACE, ns), 0, "a namespace");
	names();
	dead_and_empty_names();
	wrong_requests();
	paths();
	boot_modules();
	no_memory_is_lost();
}
