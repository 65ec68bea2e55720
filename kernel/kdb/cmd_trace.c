/* SPDX-License-Identifier: MIT */
/* Debugger commands: trace buffer, console history, symbols. */
#include "core/string.h"
#include "core/symbols.h"
#include "kdb/internal.h"
#include "kdb/trace.h"
#include "obj/vlog.h"

#define TRACE_DEFAULT 40
#define LOG_DEFAULT   2048
#define LOG_CHUNK     64

static enum kdb_result trace_control(const char *kind, bool on)
{
	int k = trace_kind_find(kind);
	bool all = strcmp(kind, "all") == 0;

	if (k < 0 && !all) {
		kdb_printf("kinds: all");
		for (unsigned i = 0; i < TRACE_KINDS; i++)
			kdb_printf(" %s", trace_kind_name(i));
		kdb_printf("\n");
		return KDB_OK;
	}
	for (unsigned i = 0; i < TRACE_KINDS; i++)
		if ((all || i == (unsigned)k) && trace_switch(i, on))
			kdb_printf("there is no trace buffer\n");
	return KDB_OK;
}

enum kdb_result kdb_cmd_trace(unsigned argc, char **argv)
{
	u64 count;

	if (argc == 3 && strcmp(argv[1], "on") == 0)
		return trace_control(argv[2], true);
	if (argc == 3 && strcmp(argv[1], "off") == 0)
		return trace_control(argv[2], false);
	if (argc == 2 && strcmp(argv[1], "clear") == 0) {
		trace_clear();
		return KDB_OK;
	}
	if (argc > 2)
		return KDB_USAGE;
	if (kdb_optional(argc, argv, 1, TRACE_DEFAULT, &count))
		trace_dump((unsigned)count);
	return KDB_OK;
}

/* The history has its "\r\n" already, so carriage returns are left out. */
static void print_history(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s[i] != '\r')
			kdb_printf("%c", s[i]);
}

enum kdb_result kdb_cmd_log(unsigned argc, char **argv)
{
	char chunk[LOG_CHUNK];
	u64 left;
	size_t n;

	if (!kdb_optional(argc, argv, 1, LOG_DEFAULT, &left))
		return KDB_OK;
	left = min_u64(left, vlog_history_length());
	for (; left && !kdb_interrupted(); left -= n) {
		n = vlog_history(chunk, sizeof(chunk), left);
		print_history(chunk, n);
	}
	kdb_printf("\n");
	return KDB_OK;
}

enum kdb_result kdb_cmd_symbol(unsigned argc, char **argv)
{
	u64 a;

	if (argc != 2)
		return KDB_USAGE;
	if (kdb_value(argv[1], &a)) {
		kdb_printf("%016lx", a);
		kdb_print_symbol(a);
		kdb_printf("\n");
	}
	return KDB_OK;
}
