/* SPDX-License-Identifier: MIT */
/*
 * What ned's test scenarios start: the first argument says what to look at; the exit code is 0 if
 * it is as the scenario has promised.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <l4/re/c/mem_alloc.h>
#include <l4/re/c/namespace.h>
#include <l4/re/c/util/cap_alloc.h>
#include <l4/re/env.h>
#include <l4/sys/ipc.h>
#include <l4/sys/rcv_endpoint.h>
#include <l4/sys/scheduler.h>
#include "probe.h"
#include "wire/wire.h"

enum { PROTOCOL = 0x1234, EXECUTE = 0, REPLY_TEXT = 200 };

static int probe_exit(char **words)
{
	return atoi(words[0]);
}

static int probe_crash(char **words)
{
	int *volatile nowhere = NULL;

	(void)words;
	return *nowhere;
}

static int probe_broken_pipe(char **words)
{
	int ends[2];

	(void)words;
	pipe(ends);
	close(ends[0]);
	return (int)write(ends[1], "x", 1);
}

_Noreturn static int probe_forever(char **words)
{
	(void)words;
	for (;;)
		pause();
}

/* words EXPECTED COUNT WORD...: COUNT words follow, and the first is EXPECTED. */
static int probe_words(char **words)
{
	int count = 0;

	while (words[2 + count])
		count++;
	return count != atoi(words[1]) || strcmp(words[0], words[2]);
}

/* variable NAME VALUE */
static int probe_variable(char **words)
{
	const char *value = getenv(words[0]);

	return !value || strcmp(value, words[1]);
}

static int probe_has(char **words)
{
	return l4_is_invalid_cap(l4re_env_get_cap(words[0]));
}

static int probe_has_not(char **words)
{
	return l4_is_valid_cap(l4re_env_get_cap(words[0]));
}

/* query NAMESPACE PATH: the negative error of the query, made positive. */
static int probe_query(char **words)
{
	l4_cap_idx_t slot = l4re_util_cap_alloc();
	long error = l4re_ns_query_to_srv(l4re_env_get_cap(words[0]), words[1], slot, 100);

	return (int)-error;
}

/* serve: answer one request, by its number plus 1. */
static int probe_serve(char **words)
{
	l4_umword_t label;
	l4_msgtag_t tag;

	(void)words;
	if (l4_error(l4_rcv_ep_bind_thread(l4re_env_get_cap("svc"), l4re_env()->main_thread, 0x10)))
		return 1;
	wire_expect_nothing();
	tag = l4_ipc_wait(l4_utcb(), &label, L4_IPC_NEVER);
	if (l4_msgtag_has_error(tag) || l4_msgtag_label(tag) != PROTOCOL)
		return 2;
	l4_utcb_mr()->mr[0]++;
	return l4_msgtag_has_error(l4_ipc_send(L4_INVALID_CAP | L4_SYSF_REPLY, l4_utcb(),
					       l4_msgtag(0, 1, 0, 0), L4_IPC_SEND_TIMEOUT_0));
}

static int probe_ask(char **words)
{
	struct wire_out out = { 0 };
	struct wire_in in;

	(void)words;
	wire_put_word(&out, 41);
	wire_expect_nothing();
	if (wire_call(l4re_env_get_cap("svc"), &out, PROTOCOL, &in) < 0)
		return 1;
	return wire_get_word(&in) != 42;
}

/* quota MIB: not so many can be had, but one can; the error of the first that cannot. */
static int probe_quota(char **words)
{
	for (int i = 0; i < atoi(words[0]); i++) {
		long error = l4re_ma_alloc(1 << 20, l4re_util_cap_alloc(), L4RE_MA_CONTINUOUS);

		if (error)
			return i ? (int)-error : 1;
	}
	return 0;
}

/* cpus MASK: the scheduler has these of the first 64 CPUs. */
static int probe_cpus(char **words)
{
	l4_sched_cpu_set_t cpus = l4_sched_cpu_set(0, 0, 0);
	l4_umword_t count;

	if (l4_error(l4_scheduler_info(l4re_env()->scheduler, &count, &cpus)))
		return 1;
	return cpus.map != strtoul(words[0], NULL, 0);
}

/* remote COMMAND CODE TEXT: what ned's command interface answers. */
static int probe_remote(char **words)
{
	struct wire_out out = { 0 };
	struct wire_in in;
	char text[REPLY_TEXT] = "";
	const void *bytes;
	size_t length;
	long code;

	wire_put_u32(&out, EXECUTE);
	wire_put_string(&out, words[0]);
	wire_expect_nothing();
	code = wire_call(l4re_env_get_cap("ned"), &out, 0, &in);
	if (code != atoi(words[1]))
		return 1;
	if (code < 0)
		return 0;
	length = wire_get_u16(&in);
	bytes = wire_get_bytes(&in, length);
	if (!bytes || length >= sizeof(text))
		return 2;
	memcpy(text, bytes, length);
	return strcmp(text, words[2]) != 0;
}

static const struct probe {
	const char *name;
	int words;
	int (*look)(char **words);
} probes[] = {
	{ "exit", 1, probe_exit },
	{ "crash", 0, probe_crash },
	{ "forever", 0, probe_forever },
	{ "words", 3, probe_words },
	{ "variable", 2, probe_variable },
	{ "has", 1, probe_has },
	{ "has_not", 1, probe_has_not },
	{ "query", 2, probe_query },
	{ "serve", 0, probe_serve },
	{ "ask", 0, probe_ask },
	{ "quota", 1, probe_quota },
	{ "cpus", 1, probe_cpus },
	{ "remote", 3, probe_remote },
	{ "at", 1, probe_at },
	{ "upper", 1, probe_upper },
	{ "stack", 2, probe_stack },
	{ "kip", 1, probe_kip },
	{ "no_pager", 0, probe_no_pager },
	{ "flags", 1, probe_flags },
	{ "backing", 1, probe_backing },
	{ "broken_pipe", 0, probe_broken_pipe },
	{ "file", 1, probe_file },
};

enum { BAD_USE = 99 };

int main(int count, char **words)
{
	for (size_t i = 0; count > 1 && i < sizeof(probes) / sizeof(*probes); i++)
		if (!strcmp(words[1], probes[i].name) && count - 2 >= probes[i].words)
			return probes[i].look(words + 2);
	printf("probe: bad use: %s\n", count > 1 ? words[1] : "");
	return BAD_USE;
}
