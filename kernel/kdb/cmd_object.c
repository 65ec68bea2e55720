/* SPDX-License-Identifier: MIT */
/* Debugger commands: threads, tasks, capabilities, objects. */
#include "core/print.h"
#include "core/string.h"
#include "kdb/internal.h"
#include "obj/debugger.h"
#include "obj/gate.h"
#include "obj/semaphore.h"
#include "obj/thread.h"

/* Id of the object that the thread waits for; 0: none in particular. */
static u64 partner_id(const struct thread *t)
{
	switch (t->state) {
	case THREAD_RECV:
		return t->wait_for;
	case THREAD_SEND:
		return t->sender.receiver ? t->sender.receiver->obj.id : 0;
	case THREAD_GATE:
		return t->gate ? t->gate->obj.id : 0;
	case THREAD_SEM:
		return t->sem ? t->sem->base.obj.id : 0;
	case THREAD_XFER:
		return t->xfer_peer_id;
	default:
		return 0;
	}
}

static void print_thread(const struct thread *t)
{
	char cpu[8] = "-", partner[24] = "-";

	if (t->cpu != &limbo_cpu)
		ksnprintf(cpu, sizeof(cpu), "%u", t->cpu->number);
	if (partner_id(t))
		ksnprintf(partner, sizeof(partner), "%lu", partner_id(t));
	kdb_printf("%6lu %-16s %5lu %-16s %3s %3u %-5s %7s %lx\n", t->obj.id,
		   kdb_object_name(&t->obj), t->task ? t->task->obj.id : 0,
		   t->task ? kdb_object_name(&t->task->obj) : "", cpu, t->prio,
		   thread_state_name(t), partner, t->regs.rip);
}

enum kdb_result kdb_cmd_threads(unsigned argc, char **argv)
{
	struct kobject *task = argc > 1 ? kdb_object(argv[1], KOBJ_TASK) : NULL;

	if (argc > 1 && !task)
		return KDB_OK;
	kdb_printf("    id name              task name             cpu pri state partner ip\n");
	for (struct kobject *o = kdb_next(NULL, KOBJ_THREAD); o && !kdb_interrupted();
	     o = kdb_next(o, KOBJ_THREAD)) {
		struct thread *t = thread_of(o);

		if (!task || (t->task && &t->task->obj == task))
			print_thread(t);
	}
	return KDB_OK;
}

enum kdb_result kdb_cmd_tasks(unsigned argc, char **argv)
{
	(void)argc, (void)argv;
	kdb_printf("    id name             threads  quota used  page table\n");
	for (struct kobject *o = kdb_next(NULL, KOBJ_TASK); o && !kdb_interrupted();
	     o = kdb_next(o, KOBJ_TASK)) {
		struct task *t = task_of(o);

		kdb_printf("%6lu %-16s %7u %11lu  %lx%s\n", o->id, kdb_object_name(o), t->threads,
			   o->quota ? quota_used(o->quota) : 0, (u64)t->space.root,
			   o->dead ? " (dying)" : "");
		kdb_images_print(o->id);
	}
	return KDB_OK;
}

static void print_cap(u64 index, u64 word)
{
	struct kobject *o = (struct kobject *)(word & ~(u64)CAP_MASK);

	kdb_printf("%6lx %-9s %6lu r%c%c%c%c %s\n", index, kdb_type_name(o->type), o->id,
		   word & CAP_W ? 'w' : '-', word & CAP_S ? 's' : '-', word & CAP_D ? 'd' : '-',
		   word & CAP_COUNTED ? 'c' : '-', kdb_object_name(o));
}

enum kdb_result kdb_cmd_caps(unsigned argc, char **argv)
{
	struct kobject *o;
	struct captab *t;

	if (argc != 2)
		return KDB_USAGE;
	o = kdb_object(argv[1], KOBJ_TASK);
	if (!o)
		return KDB_OK;
	t = &task_of(o)->caps;
	kdb_printf(" index type          id rights name\n");
	for (u64 i = captab_next(t, 0); i < CAP_SLOTS && !kdb_interrupted();
	     i = captab_next(t, i + 1)) {
		u64 word = t->pages[i / CAPS_PER_PAGE][i % CAPS_PER_PAGE].word;

		if (word & ~(u64)CAP_MASK)
			print_cap(i, word);
	}
	return KDB_OK;
}

static u8 find_type(const char *name)
{
	for (u8 type = 0; type <= KOBJ_VIEW; type++)
		if (strcmp(kdb_type_name(type), name) == 0)
			return type;
	return KDB_ANY_TYPE;
}

static unsigned count_caps(const struct kobject *o)
{
	unsigned n = 0;

	list_for_each (l, &o->caps)
		if (++n == KDB_LIST_MAX)
			break;
	return n;
}

enum kdb_result kdb_cmd_objects(unsigned argc, char **argv)
{
	u8 type = argc > 1 ? find_type(argv[1]) : KDB_ANY_TYPE;

	if (argc > 1 && type == KDB_ANY_TYPE) {
		kdb_printf("types:");
		for (u8 i = 0; i <= KOBJ_VIEW; i++)
			kdb_printf(" %s", kdb_type_name(i));
		kdb_printf("\n");
		return KDB_OK;
	}
	kdb_printf("    id type      name              caps counted address\n");
	for (struct kobject *o = kdb_next(NULL, type); o && !kdb_interrupted();
	     o = kdb_next(o, type))
		kdb_printf("%6lu %-9s %-16s %5u %7ld %lx%s\n", o->id, kdb_type_name(o->type),
			   kdb_object_name(o), count_caps(o), o->counted, (u64)o,
			   o->dead ? " (dying)" : "");
	return KDB_OK;
}
