/* SPDX-License-Identifier: MIT */
/*
 * vmctl: control of virtual machines. Each capability of the scenario that leads to a vmm's channel
 * is a machine with that name. With words as arguments: one command; without: those that are typed.
 * See doc/vmm.md.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <l4/re/env.h>
#include <l4/sys/err.h>
#include <l4/sys/ipc.h>

#include "guest/control.h"
#include "wire/wire.h"

enum { MACHINES_MAX = 32, LINE_BYTES = 200 };
enum { PAUSE_TRIES = 1000, PAUSE_WAIT = 10000 /* microseconds */ };
enum { PATIENCE = 5000000 /* microseconds until a vmm receives a request */ };
enum { SILENT = -(L4_EIPC_LO + L4_IPC_SETIMEOUT), ENDED = -(L4_EIPC_LO + L4_IPC_ENOT_EXISTENT) };
enum exit_code { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct machine {
	char name[sizeof(((l4re_env_cap_entry_t *)0)->name) + 1];
	l4_cap_idx_t gate;
};

static struct machine machines[MACHINES_MAX];
static unsigned machine_count;

/* --- Asking --- */

static long ask(const struct machine *m, enum control_request what, l4_umword_t argument,
		void *answer, size_t bytes)
{
	l4_timeout_t limits = l4_timeout(l4_timeout_from_us(PATIENCE), L4_IPC_TIMEOUT_NEVER);
	struct wire_out out = { 0 };
	struct wire_in in;
	long result;

	wire_put_word(&out, what);
	wire_put_word(&out, argument);
	wire_expect_nothing();
	result = wire_call_within(m->gate, &out, CONTROL_PROTO, &in, limits);
	if (result < 0 || !bytes)
		return result;
	wire_get_struct(&in, answer, bytes, sizeof(l4_umword_t));
	return in.failed ? -L4_EMSGTOOSHORT : 0;
}

static bool failed(const struct machine *m, long result)
{
	if (result == ENDED)
		printf("%s: it has ended\n", m->name);
	else if (result == SILENT)
		printf("%s does not answer: no vmm serves its channel\n", m->name);
	else if (result < 0)
		printf("%s: %s\n", m->name, l4sys_errtostr(result));
	return result < 0;
}

/* One that does not answer is a machine: its vmm may be about to start. */
static bool is_machine(const struct machine *m)
{
	struct control_state s;
	long result = ask(m, CONTROL_STATE, 0, &s, sizeof(s));

	return !result || result == SILENT;
}

static void find_machines(void)
{
	for (const l4re_env_cap_entry_t *c = l4re_env()->caps; c && c->flags != ~0UL; c++) {
		struct machine *m = &machines[machine_count];

		memcpy(m->name, c->name, sizeof(c->name));
		m->gate = c->cap;
		if (machine_count < MACHINES_MAX - 1 && is_machine(m))
			machine_count++;
	}
}

/* --- Showing --- */

static void list_one(const struct machine *m)
{
	struct control_state s;

	if (failed(m, ask(m, CONTROL_STATE, 0, &s, sizeof(s))))
		return;
	printf("%-16s %-7s %2lu vCPU%s %6lu MiB  up %lu.%lu s, %lu start%s\n", m->name,
	       s.state == CONTROL_PAUSED ? "paused" : "runs", s.vcpus, s.vcpus == 1 ? " " : "s",
	       s.memory >> 20, s.uptime / 1000000, s.uptime / 100000 % 10, s.starts,
	       s.starts == 1 ? "" : "s");
}

static int list(const struct machine *only)
{
	(void)only;
	for (unsigned i = 0; i < machine_count; i++)
		list_one(&machines[i]);
	return EXIT_DONE;
}

static void show_place(const struct machine *m, const char *what, uint64_t address)
{
	char name[CONTROL_TEXT_MAX];

	printf("  %-4s %016lx", what, address);
	if (ask(m, CONTROL_SYMBOL, address, name, sizeof(name)) >= 0)
		printf("  %.*s", (int)sizeof(name), name);
	printf("\n");
}

static void show_registers(const struct machine *m, const struct control_vcpu *v)
{
	show_place(m, "rip", v->rip);
	printf("  rsp  %016lx  cs %04lx ss %04lx rflags %08lx\n", v->rsp, v->cs, v->ss, v->rflags);
	printf("  rax  %016lx  rbx %016lx  rcx %016lx\n", v->rax, v->rbx, v->rcx);
	printf("  rdx  %016lx  rsi %016lx  rdi %016lx\n", v->rdx, v->rsi, v->rdi);
	printf("  rbp  %016lx  r8  %016lx  r9  %016lx\n", v->rbp, v->r8, v->r9);
	printf("  r10  %016lx  r11 %016lx  r12 %016lx\n", v->r10, v->r11, v->r12);
	printf("  r13  %016lx  r14 %016lx  r15 %016lx\n", v->r13, v->r14, v->r15);
}

static void show_calls(const struct machine *m, unsigned number)
{
	uint64_t calls[CONTROL_CALLS_MAX];

	if (failed(m, ask(m, CONTROL_CALLS, number, calls, sizeof(calls))))
		return;
	printf("  hypercalls by number:");
	for (unsigned i = 0; i < CONTROL_CALLS_MAX; i++)
		if (calls[i])
			printf(" %u: %lu", i, calls[i]);
	printf("\n");
}

static void show_vcpu(const struct machine *m, unsigned number)
{
	static const char *const runs[] = { "never started", "down", "up" };
	static const char *const still[] = { "", ", stands in the guest",
					     ", stands in a hypercall" };
	struct control_vcpu v;

	if (failed(m, ask(m, CONTROL_VCPU, number, &v, sizeof(v))))
		return;
	printf("vCPU %u: %s%s\n", number, runs[v.run < 3 ? v.run : 0],
	       still[v.stands < 3 ? v.stands : 0]);
	if (v.stands == CONTROL_IN_GUEST)
		show_registers(m, &v);
	if (v.stands == CONTROL_IN_CALL && v.rip)
		show_place(m, "rip", v.rip);
	printf("  hypercalls %lu (%lu refused), faults %lu: %lu filled, %lu the guest's own\n",
	       v.calls, v.unknown_calls, v.faults, v.fills, v.bounced);
	printf("  instructions emulated %lu, switches of address space %lu, upcalls %lu\n",
	       v.emulated, v.switches, v.upcalls);
	show_calls(m, number);
}

static int show(const struct machine *m)
{
	struct control_state s;

	if (failed(m, ask(m, CONTROL_STATE, 0, &s, sizeof(s))))
		return EXIT_FAILED;
	list_one(m);
	printf(
	    "  memory beside the guest's: %lu KiB, and %lu KiB of tables in %lu + 1 views, which "
	    "were emptied %lu times\n",
	    s.overhead >> 10, s.view_bytes >> 10, s.views, s.view_drops);
	for (unsigned i = 0; i < s.vcpus; i++)
		show_vcpu(m, i);
	return EXIT_DONE;
}

/* --- Changing --- */

static int change(const struct machine *m, enum control_request what, l4_umword_t argument)
{
	return failed(m, ask(m, what, argument, NULL, 0)) ? EXIT_FAILED : EXIT_DONE;
}

/* Do all vCPUs that are up stand still? */
static bool stands(const struct machine *m, uint64_t vcpus)
{
	for (unsigned i = 0; i < vcpus; i++) {
		struct control_vcpu v;

		if (ask(m, CONTROL_VCPU, i, &v, sizeof(v)) < 0)
			return false;
		if (v.run == CONTROL_VCPU_UP && !v.stands)
			return false;
	}
	return true;
}

static int pause_machine(const struct machine *m)
{
	struct control_state s;

	if (change(m, CONTROL_PAUSE, 0) || failed(m, ask(m, CONTROL_STATE, 0, &s, sizeof(s))))
		return EXIT_FAILED;
	for (unsigned i = 0; i < PAUSE_TRIES; i++) {
		if (stands(m, s.vcpus))
			return EXIT_DONE;
		usleep(PAUSE_WAIT);
	}
	printf("%s: it does not stand still\n", m->name);
	return EXIT_FAILED;
}

static int resume(const struct machine *m)
{
	return change(m, CONTROL_RESUME, 0);
}

static int kill_machine(const struct machine *m)
{
	return change(m, CONTROL_KILL, 0);
}

static int restart(const struct machine *m)
{
	return change(m, CONTROL_RESTART, 0);
}

static int sysrq(const struct machine *m)
{
	return change(m, CONTROL_SYSRQ, 0);
}

static int ask_to_end(const struct machine *m, enum control_end how)
{
	long result = ask(m, CONTROL_SHUTDOWN, how, NULL, 0);

	if (result == -L4_ENODEV)
		printf("%s: its kernel does not listen (yet)\n", m->name);
	else if (result == -L4_EBUSY)
		printf("%s: it has not taken what it was told before\n", m->name);
	else if (!failed(m, result))
		return EXIT_DONE;
	return EXIT_FAILED;
}

static int shut_down(const struct machine *m)
{
	return ask_to_end(m, CONTROL_POWEROFF);
}

static int reboot(const struct machine *m)
{
	return ask_to_end(m, CONTROL_REBOOT);
}

/* --- Commands --- */

static const struct command {
	const char *name;
	int (*run)(const struct machine *m);
	bool for_all; /* it needs no machine */
	const char *help;
} commands[] = {
	{ "list", list, true, "all machines" },
	{ "show", show, false, "state, counters, and registers of a paused one" },
	{ "pause", pause_machine, false, "let it stand still" },
	{ "resume", resume, false, "let it go on" },
	{ "shutdown", shut_down, false, "let its kernel end it in order" },
	{ "reboot", reboot, false, "let its kernel start it again in order" },
	{ "kill", kill_machine, false, "end it at once" },
	{ "restart", restart, false, "start it from the beginning at once" },
	{ "sysrq", sysrq, false, "interrupt it, so that its kernel prints its state" },
};
enum { COMMANDS = sizeof(commands) / sizeof(*commands) };

static int help(void)
{
	for (unsigned i = 0; i < COMMANDS; i++)
		printf("%-8s %s  %s\n", commands[i].name, commands[i].for_all ? "    " : "[VM]",
		       commands[i].help);
	return EXIT_USAGE;
}

/* The machine of a name; without one the only machine that there is. */
static const struct machine *find(const char *name)
{
	if (!name && machine_count == 1)
		return &machines[0];
	for (unsigned i = 0; name && i < machine_count; i++)
		if (!strcmp(machines[i].name, name))
			return &machines[i];
	if (!machine_count)
		printf("there is no machine\n");
	else
		printf(name ? "there is no machine %s; `list` shows them\n" : "of which machine?\n",
		       name);
	return NULL;
}

/* A command, a machine's name or NULL, and what is behind it: nothing may be. */
static int run(const char *word, const char *name, const char *more)
{
	if (more) {
		printf("one machine at a time: what is '%s'?\n", more);
		return EXIT_USAGE;
	}
	for (unsigned i = 0; i < COMMANDS; i++) {
		const struct command *c = &commands[i];
		const struct machine *m;

		if (strcmp(c->name, word))
			continue;
		m = c->for_all ? NULL : find(name);
		return m || c->for_all ? c->run(m) : EXIT_USAGE;
	}
	if (strcmp(word, "help"))
		printf("there is no command '%s'; these are:\n", word);
	return help();
}

/* Nothing is written before the first command: the console may be shared. */
static void read_commands(void)
{
	char line[LINE_BYTES];

	while (fgets(line, sizeof(line), stdin)) {
		const char *word = strtok(line, " \r\n");

		if (word) {
			const char *name = strtok(NULL, " \r\n");

			run(word, name, name ? strtok(NULL, " \r\n") : NULL);
		}
		printf("vmctl> ");
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	find_machines();
	if (argc > 1)
		return run(argv[1], argc > 2 ? argv[2] : NULL, argc > 3 ? argv[3] : NULL);
	read_commands();
	return EXIT_DONE;
}
