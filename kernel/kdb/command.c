/* SPDX-License-Identifier: MIT */
/* Table of the debugger's commands. A command may be abbreviated: the first one here counts. */
#include "kdb/internal.h"
#include "kdb/line.h"
#include "x86_64/platform.h"

static kdb_handler help, leave, reboot;

static const struct kdb_command commands[] = {
	{ .name = "continue", .args = "", .help = "leave the debugger", .fn = leave },
	{ .name = "help", .args = "", .help = "this list", .fn = help },
	{ .name = "threads",
	  .args = "[task]",
	  .help = "all threads, or those of a task",
	  .fn = kdb_cmd_threads },
	{ .name = "tasks", .args = "", .help = "all tasks", .fn = kdb_cmd_tasks },
	{ .name = "caps", .args = "<task>", .help = "capabilities of a task", .fn = kdb_cmd_caps },
	{ .name = "maps",
	  .args = "<task>",
	  .help = "memory mappings of a task",
	  .fn = kdb_cmd_maps },
	{ .name = "objects", .args = "[type]", .help = "kernel objects", .fn = kdb_cmd_objects },
	{ .name = "regs",
	  .args = "[thread]",
	  .help = "user registers of a thread",
	  .fn = kdb_cmd_regs },
	{ .name = "cpus", .args = "", .help = "what each CPU is doing", .fn = kdb_cmd_cpus },
	{ .name = "bt",
	  .args = "[cpu]",
	  .help = "back-trace of the kernel on a CPU",
	  .fn = kdb_cmd_backtrace },
	{ .name = "dump",
	  .args = "<address> [bytes] [task]",
	  .help = "virtual memory",
	  .fn = kdb_cmd_dump },
	{ .name = "phys",
	  .args = "<address> [bytes]",
	  .help = "physical memory",
	  .fn = kdb_cmd_phys },
	{ .name = "ready", .args = "", .help = "ready queues", .fn = kdb_cmd_ready },
	{ .name = "timeouts", .args = "", .help = "pending timeouts", .fn = kdb_cmd_timeouts },
	{ .name = "memory", .args = "", .help = "kernel memory and quotas", .fn = kdb_cmd_memory },
	{ .name = "trace",
	  .args = "[count] | on|off <kind>|all | clear",
	  .help = "the newest trace records, or control",
	  .fn = kdb_cmd_trace },
	{ .name = "log",
	  .args = "[bytes]",
	  .help = "the end of the console output",
	  .fn = kdb_cmd_log },
	{ .name = "symbol",
	  .args = "<address or function>",
	  .help = "name or address",
	  .fn = kdb_cmd_symbol },
	{ .name = "reboot", .args = "", .help = "restart the machine", .fn = reboot },
};

static enum kdb_result help(unsigned argc, char **argv)
{
	(void)argc, (void)argv;
	for (unsigned i = 0; i < ARRAY_SIZE(commands); i++)
		kdb_printf("  %-9s %-36s %s\n", commands[i].name, commands[i].args,
			   commands[i].help);
	kdb_printf("Numbers are decimal, or hexadecimal with 0x; tasks and threads are ids.\n"
		   "Ctrl-C stops output. Names can be abbreviated.\n");
	return KDB_OK;
}

static enum kdb_result leave(unsigned argc, char **argv)
{
	(void)argc, (void)argv;
	return KDB_LEAVE;
}

static enum kdb_result reboot(unsigned argc, char **argv)
{
	(void)argc, (void)argv;
	power_reset();
}

static const char *command_name(unsigned i)
{
	return i < ARRAY_SIZE(commands) ? commands[i].name : NULL;
}

enum kdb_result kdb_command(char *line)
{
	char *argv[KDB_WORDS];
	unsigned argc = kdb_split(line, argv);
	enum kdb_result r;
	int i;

	if (!argc)
		return KDB_OK;
	i = kdb_match(argv[0], command_name);
	if (i < 0) {
		kdb_printf("%s: no such command; try \"help\"\n", argv[0]);
		return KDB_OK;
	}
	r = commands[i].fn(argc, argv);
	if (r == KDB_USAGE)
		kdb_printf("usage: %s %s\n", commands[i].name, commands[i].args);
	return r;
}
