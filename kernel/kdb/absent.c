/* SPDX-License-Identifier: MIT */
/* Linked in place of the kernel debugger: a kernel without one. */
#include "kdb/kdb.h"
#include "kdb/trace.h"
#include <l4/sys/err.h>

u32 trace_mask;

void trace_record(enum trace_kind kind, u64 a, u64 b, u64 c, u64 d)
{
	(void)kind, (void)a, (void)b, (void)c, (void)d;
}

int trace_kind_find(const char *name)
{
	(void)name;
	return -1;
}

const char *trace_kind_name(unsigned kind)
{
	(void)kind;
	return NULL;
}

int trace_switch(unsigned kind, bool on)
{
	(void)kind, (void)on;
	return -L4_ENOMEM;
}

void trace_clear(void)
{
}

void trace_dump(unsigned count)
{
	(void)count;
}

void kdb_init(const char *cmdline)
{
	(void)cmdline;
}

bool kdb_forbidden(void)
{
	return false;
}

bool kdb_available(void)
{
	return false;
}

bool kdb_wants_escape(void)
{
	return false;
}

void kdb_enter(const char *why, size_t n)
{
	(void)why, (void)n;
}

void kdb_type_ahead(int c)
{
	(void)c;
}

void kdb_panic(const struct regs *r)
{
	(void)r;
}

void kdb_fault(const struct regs *r)
{
	(void)r;
}

void kdb_image_add(u64 task_id, u64 base, const char *name, size_t n)
{
	(void)task_id, (void)base, (void)name, (void)n;
}
