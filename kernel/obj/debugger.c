/* SPDX-License-Identifier: MIT */
/* Debugger object: output, names and ids of objects, trace buffer, memory statistics. */
#include "obj/debugger.h"
#include "core/ipc.h"
#include "core/preempt.h"
#include "core/print.h"
#include "core/string.h"
#include "kdb/kdb.h"
#include "kdb/trace.h"
#include "mm/kmem.h"
#include "obj/thread.h"
#include "obj/vlog.h"
#include <l4/sys/consts.h>
#include <l4/sys/debugger.h>
#include <l4/sys/err.h>
#include <l4/sys/kdebug.h>
#include <l4/sys/types.h>

enum { GROUP_OUTPUT, GROUP_OBJECT, GROUP_TRACE, GROUP_DUMP = 5 };

enum {
	TRACE_OP_TEXT = 1,
	TRACE_OP_CLEAR = 2,
	TRACE_OP_DUMP = 3,
	TRACE_OP_VALUES = 4,
	TRACE_OP_BINARY = 5,
	TRACE_OP_BINARY_OLD = 8,
};

#define TRACE_DUMP_RECORDS 40
#define WALK_STEP	   32 /* objects passed between preemption points */

struct kobject *debugger_object;

const char *kobject_name(const struct kobject *o, char buf[KOBJECT_NAME_BYTES])
{
	memcpy(buf, o->name, sizeof(o->name));
	buf[sizeof(o->name)] = '\0';
	return buf;
}

/* Text of at most n bytes that starts at message register `first`, as far as the message goes. */
static size_t text_length(const struct invocation *inv, unsigned first, u64 n)
{
	unsigned words = inv_words(inv) < UTCB_MRS ? inv_words(inv) : UTCB_MRS;

	return words > first ? min_u64(n, (words - first) * 8ULL) : 0;
}

static void print_hex(u64 v, int digits)
{
	u64 mask = (1ULL << digits * 4) - 1;

	printk("%0*llx", digits, (unsigned long long)(v & mask));
}

static u64 output_method(struct invocation *inv, unsigned op)
{
	static const u8 hex_digits[] = { 8, 5, 4, 3, 2 };
	size_t n;

	if (inv_words(inv) < 2)
		return reply_error(-L4_EMSGTOOSHORT);
	n = text_length(inv, 2, min_u64(inv->mr[1], VLOG_WRITE_MAX));
	switch (op) {
	case L4_KDEBUG_ENTER:
		if (!kdb_available())
			return reply_error(-L4_ENOSYS);
		kdb_enter((const char *)&inv->mr[2], n);
		return 0;
	case L4_KDEBUG_OUTCHAR:
		vlog_write((const char *)&inv->mr[1], 1);
		return 0;
	case L4_KDEBUG_OUTNSTRING:
		vlog_write((const char *)&inv->mr[2], n);
		return 0;
	case L4_KDEBUG_OUTHEX32 ... L4_KDEBUG_OUTHEX8:
		print_hex(inv->mr[1], hex_digits[op - L4_KDEBUG_OUTHEX32]);
		return 0;
	case L4_KDEBUG_OUTDEC:
		printk("%lld", (long long)inv->mr[1]);
		return 0;
	default:
		return reply_error(-L4_ENOSYS);
	}
}

/* --- Objects --- */

/* A name from message register `first` on, cut and terminated. */
static void get_name(const struct invocation *inv, unsigned first, char *buf, size_t size)
{
	size_t n = text_length(inv, first, size - 1);

	memcpy(buf, &inv->mr[first], n);
	buf[n] = '\0';
}

static u64 reply_name(struct invocation *inv, const char *name)
{
	char *out = (char *)reply_mr(inv);

	memcpy(out, name, KOBJECT_NAME_BYTES);
	return reply_words(0, (KOBJECT_NAME_BYTES + 7) / 8);
}

static u64 method_set_name(struct kobject *o, const struct invocation *inv)
{
	char name[KOBJECT_NAME_BYTES];

	get_name(inv, 1, name, sizeof(name));
	for (size_t i = strlen(name); i < sizeof(name); i++)
		name[i] = '\0';
	spin_lock(&o->lock);
	memcpy(o->name, name, sizeof(o->name));
	spin_unlock(&o->lock);
	return 0;
}

static u64 reply_word(struct invocation *inv, u64 v)
{
	reply_mr(inv)[0] = v;
	return reply_words(0, 1);
}

/*
 * A walk through all objects, WALK_STEP of them at a time under the lock. Between the steps the
 * thread's cursor keeps the place, also while the thread is preempted; restart.map.stamp is the id
 * of the newest object that counts.
 */
enum walk { WALK_END, WALK_FOUND, WALK_PREEMPTED };
typedef bool (*visitor)(struct kobject *o, struct restart *p, void *arg); /* true: found */

static enum walk walk_step(struct thread *t, visitor visit, void *arg)
{
	enum walk result = WALK_END;
	unsigned budget = WALK_STEP;
	struct kobject *o;

	spin_lock(&kobject_list_lock);
	while (result == WALK_END &&
	       (o = kobject_walk_next(&t->cursor, t->restart.map.stamp, &budget)))
		if (visit(o, &t->restart, arg))
			result = WALK_FOUND;
	spin_unlock(&kobject_list_lock);
	return result == WALK_END && !budget ? WALK_PREEMPTED : result;
}

/* A cursor can be left over from a call that was aborted when it was preempted. If what is
 * restarted is not a walk, the numbers in its record mean nothing, and do no harm. */
static enum walk walk_objects(struct thread *t, visitor visit, void *arg)
{
	enum walk result;

	if (!restart_state(t) || !t->walks) {
		if (t->walks)
			kobject_walk_end(&t->cursor);
		restart_begin(t)->map.stamp = kobject_walk_begin(&t->cursor);
		t->walks = true;
	}
	while ((result = walk_step(t, visit, arg)) == WALK_PREEMPTED) {
		spin_relax(); /* let those in who wait for the lock, which is not fair */
		if (preempt_pending())
			return result;
	}
	kobject_walk_end(&t->cursor);
	t->walks = false;
	return result;
}

static bool has_address(struct kobject *o, struct restart *p, void *address)
{
	p->map.done = o->id;
	return o == address;
}

/* Id of the object at a kernel address, ~0 if there is none. */
static u64 method_id_of_address(struct invocation *inv)
{
	switch (walk_objects(inv->caller, has_address, (void *)inv->mr[1])) {
	case WALK_PREEMPTED:
		return REPLY_RESTART;
	case WALK_FOUND:
		return reply_word(inv, inv->caller->restart.map.done);
	default:
		return reply_word(inv, ~0ULL);
	}
}

struct name_query {
	u64 id;
	char name[KOBJECT_NAME_BYTES];
};

static bool has_id(struct kobject *o, struct restart *p, void *query)
{
	struct name_query *q = query;

	(void)p;
	if (o->id == q->id)
		kobject_name(o, q->name);
	return o->id == q->id;
}

static u64 method_query_name(struct invocation *inv)
{
	struct name_query q = { .id = inv->mr[1] };

	switch (walk_objects(inv->caller, has_id, &q)) {
	case WALK_PREEMPTED:
		return REPLY_RESTART;
	case WALK_FOUND:
		return reply_name(inv, q.name);
	default:
		return reply_error(-L4_ENOENT);
	}
}

static u64 method_get_name(struct kobject *o, struct invocation *inv)
{
	char name[KOBJECT_NAME_BYTES];

	return reply_name(inv, kobject_name(o, name));
}

/* The kinds of trace records are the "log types" of the interface. */
static u64 method_log_id(struct invocation *inv)
{
	char name[32];
	int kind;

	get_name(inv, 2, name, sizeof(name));
	kind = trace_kind_find(name);
	return reply_word(inv, kind >= 0 && (u64)kind >= inv->mr[1] ? (u64)kind : ~0ULL);
}

static u64 method_switch_log(struct invocation *inv)
{
	char name[32];
	int kind;

	get_name(inv, 2, name, sizeof(name));
	kind = trace_kind_find(name);
	if (kind < 0)
		return reply_error(-L4_ENOENT);
	return reply_error(trace_switch((unsigned)kind, inv->mr[1]));
}

/* Long and short name are the same. */
static u64 method_log_name(struct invocation *inv)
{
	const char *name = inv->mr[1] < TRACE_KINDS ? trace_kind_name((unsigned)inv->mr[1]) : NULL;
	char *out;
	size_t n;

	if (!name)
		return reply_error(-L4_ENOENT);
	out = (char *)reply_mr(inv);
	n = strlen(name) + 1;
	memcpy(out, name, n);
	memcpy(out + n, name, n);
	return reply_words(0, (unsigned)(2 * n + 7) / 8);
}

static u64 method_image_info(struct kobject *o, struct invocation *inv)
{
	if (o->type != KOBJ_TASK)
		return reply_error(-L4_EINVAL);
	kdb_image_add(o->id, inv->mr[1], (const char *)&inv->mr[2], text_length(inv, 2, 64));
	return 0;
}

struct info_query {
	struct object_info *out;
	u64 room, skip;
};

/* restart.map.done counts all objects, item those that are described. */
static bool describe(struct kobject *o, struct restart *p, void *query)
{
	struct info_query *q = query;

	if (p->map.done++ >= q->skip && p->item < q->room)
		object_info_fill(&q->out[p->item++], o);
	return false;
}

/* Records of the objects after the first `skip`, as many as fit the caller's buffer. */
static u64 method_object_infos(struct invocation *inv)
{
	u64 bytes = READ_ONCE(inv->mr[2]);
	struct info_query q = { .room = bytes / sizeof(*q.out), .skip = inv->mr[3] };
	struct restart *p = &inv->caller->restart;

	q.out = task_ku_ptr(inv->caller->task, inv->mr[1], bytes);
	if (!q.out)
		return reply_error(-L4_EINVAL);
	if (walk_objects(inv->caller, describe, &q) == WALK_PREEMPTED)
		return REPLY_RESTART;
	reply_mr(inv)[0] = p->item;
	reply_mr(inv)[1] = p->map.done;
	return reply_words(0, 2);
}

/* Words that each operation needs, its own included. */
static unsigned object_method_words(unsigned op)
{
	switch (op) {
	case L4_DEBUGGER_GLOBAL_ID_OP:
	case L4_DEBUGGER_NAME_GET_SELF_OP:
		return 1;
	case L4_DEBUGGER_QUERY_LOG_TYPEID_OP:
	case L4_DEBUGGER_SWITCH_LOG_OP:
	case L4_DEBUGGER_ADD_IMAGE_INFO_OP:
		return 3;
	case L4_DEBUGGER_OBJ_INFO_OP:
		return 4;
	default:
		return 2;
	}
}

static u64 object_method(struct invocation *inv, unsigned op)
{
	struct cap_ref ref = invocation_cap(inv);

	if (!ref.obj)
		return ref.error;
	if (inv_words(inv) < object_method_words(op))
		return reply_error(-L4_EMSGTOOSHORT);
	switch (op) {
	case L4_DEBUGGER_NAME_SET_OP:
		return method_set_name(ref.obj, inv);
	case L4_DEBUGGER_GLOBAL_ID_OP:
		return reply_word(inv, ref.obj->id);
	case L4_DEBUGGER_KOBJ_TO_ID_OP:
		return method_id_of_address(inv);
	case L4_DEBUGGER_QUERY_LOG_TYPEID_OP:
		return method_log_id(inv);
	case L4_DEBUGGER_SWITCH_LOG_OP:
		return method_switch_log(inv);
	case L4_DEBUGGER_NAME_GET_OP:
		return method_query_name(inv);
	case L4_DEBUGGER_QUERY_LOG_NAME_OP:
		return method_log_name(inv);
	case L4_DEBUGGER_ADD_IMAGE_INFO_OP:
		return method_image_info(ref.obj, inv);
	case L4_DEBUGGER_NAME_GET_SELF_OP:
		return method_get_name(ref.obj, inv);
	case L4_DEBUGGER_OBJ_INFO_OP:
		return method_object_infos(inv);
	default:
		return reply_error(-L4_ENOSYS);
	}
}

/* --- Trace buffer and statistics --- */

/* Up to 32 bytes of text become the four words of a record. */
static u64 trace_text(struct invocation *inv)
{
	u64 w[4] = { 0 };

	if (inv_words(inv) < 2)
		return reply_error(-L4_EMSGTOOSHORT);
	memcpy(w, &inv->mr[2], text_length(inv, 2, min_u64(inv->mr[1], sizeof(w))));
	trace(TRACE_TEXT, w[0], w[1], w[2], w[3]);
	return 0;
}

static u64 trace_values(struct invocation *inv)
{
	u64 text = 0;

	if (inv_words(inv) < 5)
		return reply_error(-L4_EMSGTOOSHORT);
	memcpy(&text, &inv->mr[5], text_length(inv, 5, min_u64(inv->mr[4], sizeof(text))));
	trace(TRACE_USER, inv->mr[1], inv->mr[2], inv->mr[3], text);
	return 0;
}

static u64 trace_method(struct invocation *inv, unsigned op)
{
	if (!kdb_available())
		return reply_error(-L4_ENOSYS);
	switch (op) {
	case TRACE_OP_TEXT:
	case TRACE_OP_BINARY:
	case TRACE_OP_BINARY_OLD:
		return trace_text(inv);
	case TRACE_OP_CLEAR:
		trace_clear();
		return 0;
	case TRACE_OP_DUMP:
		trace_dump(TRACE_DUMP_RECORDS);
		return 0;
	case TRACE_OP_VALUES:
		return trace_values(inv);
	default:
		return reply_error(-L4_ENOSYS);
	}
}

static u64 dump_method(unsigned op)
{
	if (op)
		return reply_error(-L4_ENOSYS);
	printk("kernel memory: %llu KiB, %llu KiB free, %llu bytes charged to the root factory\n",
	       (unsigned long long)kmem_total_bytes() / 1024,
	       (unsigned long long)kmem_free_bytes() / 1024,
	       (unsigned long long)quota_used(&root_quota));
	return 0;
}

static u64 debugger_invoke(struct kobject *o, struct invocation *inv)
{
	unsigned op;

	(void)o;
	if (inv_proto(inv) != L4_PROTO_DEBUGGER)
		return reply_error(-L4_EBADPROTO);
	if (!inv_words(inv))
		return reply_error(-L4_EMSGTOOSHORT);
	op = inv->mr[0] & 0xff;
	switch (inv->mr[0] >> 8) {
	case GROUP_OUTPUT:
		return output_method(inv, op);
	case GROUP_OBJECT:
		return object_method(inv, op);
	case GROUP_TRACE:
		return trace_method(inv, op);
	case GROUP_DUMP:
		return dump_method(op);
	default:
		return reply_error(-L4_ENOSYS);
	}
}

static bool debugger_destroy(struct kobject *o)
{
	(void)o;
	return true;
}

static const struct kobject_ops debugger_ops = { "debugger", debugger_invoke, debugger_destroy,
						 NULL };
static struct kobject debugger_obj __attribute__((aligned(KOBJECT_ALIGN)));

void debugger_init(void)
{
	if (kdb_forbidden())
		return;
	kobject_init(&debugger_obj, KOBJ_DEBUGGER, &debugger_ops, &root_quota);
	debugger_object = &debugger_obj;
}
