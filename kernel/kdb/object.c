/* SPDX-License-Identifier: MIT */
/* Finding and naming objects for the debugger's commands. */
#include "core/string.h"
#include "core/symbols.h"
#include "kdb/internal.h"
#include "kdb/line.h"
#include "obj/debugger.h"

bool kdb_value(const char *s, u64 *v)
{
	if (kdb_number(s, v))
		return true;
	*v = symbol_address(s);
	if (!*v)
		kdb_printf("%s: neither a number nor a function\n", s);
	return *v;
}

bool kdb_optional(unsigned argc, char **argv, unsigned i, u64 otherwise, u64 *v)
{
	*v = otherwise;
	return i >= argc || kdb_value(argv[i], v);
}

struct kobject *kdb_next(struct kobject *o, u8 type)
{
	struct list *l = o ? o->all.next : kobject_list.next;

	for (unsigned n = 0; l != &kobject_list && n < KDB_LIST_MAX; n++, l = l->next) {
		o = list_entry(l, struct kobject, all);
		if (o->id && (type == KDB_ANY_TYPE || o->type == type)) /* 0: a cursor */
			return o;
	}
	return NULL;
}

struct kobject *kdb_object(const char *arg, u8 type)
{
	u64 id;

	if (!kdb_number(arg, &id)) {
		kdb_printf("%s: not a number\n", arg);
		return NULL;
	}
	for (struct kobject *o = kdb_next(NULL, type); o; o = kdb_next(o, type))
		if (o->id == id)
			return o;
	kdb_printf("%lu: there is no such %s\n", id, kdb_type_name(type));
	return NULL;
}

const char *kdb_object_name(const struct kobject *o)
{
	static char buf[4][KOBJECT_NAME_BYTES]; /* several in one kdb_printf() */
	static unsigned turn;

	return kobject_name(o, buf[turn++ % ARRAY_SIZE(buf)]);
}

const char *kdb_type_name(u8 type)
{
	static const char *const name[] = {
		[KOBJ_TASK] = "task",
		[KOBJ_THREAD] = "thread",
		[KOBJ_GATE] = "gate",
		[KOBJ_IRQ] = "irq",
		[KOBJ_SEMAPHORE] = "semaphore",
		[KOBJ_FACTORY] = "factory",
		[KOBJ_SCHEDULER] = "scheduler",
		[KOBJ_VLOG] = "vlog",
		[KOBJ_ICU] = "icu",
		[KOBJ_DEBUGGER] = "debugger",
		[KOBJ_VIEW] = "view",
	};

	return type < ARRAY_SIZE(name) ? name[type] : "object";
}

void kdb_print_symbol(u64 a)
{
	const char *name;
	u64 offset;

	if (symbol_lookup(a, &name, &offset))
		kdb_printf(" %s+0x%lx", name, offset);
}

void kdb_print_return_address(u64 a)
{
	const char *name;
	u64 offset;

	kdb_printf("  %016lx", a);
	if (symbol_lookup(a - 1, &name, &offset))
		kdb_printf(" %s+0x%lx", name, offset + 1);
	kdb_printf("\n");
}
