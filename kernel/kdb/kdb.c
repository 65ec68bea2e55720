/* SPDX-License-Identifier: MIT */
/* Kernel debugger: entry, dialogue, exit. */
#include "core/print.h"
#include "core/string.h"
#include "kdb/internal.h"
#include "kdb/line.h"
#include "obj/thread.h"
#include "x86_64/insn.h"
#include "x86_64/panic.h"
#include "x86_64/stop.h"

#define COMMAND_PREFIX "*#"
#define LINE_BYTES     128

static bool initialised, forbidden, no_escape;
static bool active;
static unsigned active_cpu;
static const struct regs *entry_regs;
static void *fault_return[5]; /* where a fault of a command goes on: __builtin_setjmp */

void kdb_init(const char *cmdline)
{
	char value[4];

	forbidden = option_get(cmdline, "nojdb", value, sizeof(value));
	no_escape = option_get(cmdline, "noesc", value, sizeof(value));
	if (!forbidden)
		trace_init();
	initialised = true;
}

bool kdb_forbidden(void)
{
	return forbidden;
}

bool kdb_available(void)
{
	return initialised && !forbidden && console_has_serial();
}

bool kdb_wants_escape(void)
{
	return kdb_available() && !no_escape;
}

bool kdb_is_active(void)
{
	return active && active_cpu == stop_own_number();
}

const struct regs *kdb_entry_regs(void)
{
	return entry_regs;
}

static void banner(const char *why, size_t n)
{
	const struct thread *t = this_cpu()->current;

	kdb_printf("\n--- kdb on CPU %u: %.*s\n", active_cpu, (int)min_u64(n, 200), why);
	kdb_printf("thread %lu \"%s\" ip %lx; \"help\" lists commands, \"continue\" goes on\n",
		   t->obj.id, kdb_object_name(&t->obj), t->regs.rip);
}

/* A fault comes back here and ends the command. */
static noinline enum kdb_result run_guarded(char *line)
{
	if (__builtin_setjmp(fault_return))
		return KDB_OK;
	return kdb_command(line);
}

static void dialogue(void)
{
	static char line[LINE_BYTES];

	do {
		kdb_printf("kdb> ");
		kdb_getline(line, sizeof(line));
	} while (run_guarded(line) != KDB_LEAVE);
}

static void run_commands(const char *text, size_t n)
{
	static char line[LINE_BYTES];

	while (n) {
		size_t used = kdb_first_command(text, n, line, sizeof(line));

		kdb_printf("kdb> %s\n", line);
		if (run_guarded(line) == KDB_LEAVE)
			return;
		text += used;
		n -= used;
	}
}

void kdb_enter(const char *why, size_t n)
{
	size_t prefix = strlen(COMMAND_PREFIX);

	if (!kdb_available() || kdb_is_active())
		return;
	cpus_stop();
	active_cpu = stop_own_number();
	active = true;
	if (n >= prefix && strncmp(why, COMMAND_PREFIX, prefix) == 0) {
		run_commands(why + prefix, n - prefix);
	} else {
		banner(why, n);
		dialogue();
	}
	kdb_flush_input();
	active = false;
	cpus_resume();
}

void kdb_panic(const struct regs *r)
{
	if (!kdb_available())
		return;
	active_cpu = stop_own_number();
	active = true;
	entry_regs = r;
	kdb_printf("\n--- kdb: the system has stopped; \"reboot\", or \"continue\" to halt\n");
	dialogue();
	active = false;
}

void kdb_fault(const struct regs *r)
{
	if (!kdb_is_active())
		return;
	kdb_printf("\nfault in the debugger: %s at %lx", trap_name(r->vector), r->rip);
	kdb_print_symbol(r->rip);
	kdb_printf(", cr2 %lx\n", read_cr2());
	__builtin_longjmp(fault_return, 1);
}
