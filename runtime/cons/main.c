/* SPDX-License-Identifier: MIT */
/*
 * cons: the console multiplexer. Capability `cons`: the server's end of the channel at which
 * clients create consoles. Keys, commands and options are in doc/console.md.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <l4/re/env.h>
#include <l4/sys/err.h>
#include <l4/sys/ipc.h>
#include <l4/sys/kip.h>
#include "frontend.h"
#include "service.h"

enum { BUCKETS = 64 };

static struct server server;
static struct console console;

static const struct option long_options[] = {
	{ "show-all", no_argument, NULL, 'a' },
	{ "mux", required_argument, NULL, 'm' },
	{ "frontend", required_argument, NULL, 'f' },
	{ "keep", no_argument, NULL, 'k' },
	{ "no-line-buffering", no_argument, NULL, 'l' },
	{ "line-buffering-ms", required_argument, NULL, 1 },
	{ "timestamp", no_argument, NULL, 't' },
	{ "autoconnect", required_argument, NULL, 'c' },
	{ "defaultname", required_argument, NULL, 'n' },
	{ "defaultbufsize", required_argument, NULL, 'B' },
	{ NULL, 0, NULL, 0 },
};

/* --- Effects --- */

static void stamp(char *out)
{
	time_t now = time(NULL);
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(out, CONSOLE_STAMP_MAX, "[%Y-%m-%d %H:%M:%S] ", &tm);
}

static uint64_t now_ms(void)
{
	return l4_kip_clock(l4re_kip()) / 1000 + 1;
}

static const struct console_effects effects = { .write = frontend_write,
						.wake = service_wake,
						.disconnect = service_disconnect,
						.destroy = service_destroy,
						.stamp = stamp,
						.now_ms = now_ms };

/* --- Start --- */

static void fail(const char *what, const char *name, long error)
{
	fprintf(stderr, "cons: %s '%s' (error %ld)\n", what, name, error);
	exit(1);
}

static void add_mux(const char *name)
{
	if (!console_add_mux(&console, name))
		fail("too many multiplexers at", name, -L4_ENOMEM);
}

static void add_frontend(const char *name)
{
	l4_cap_idx_t vcon = l4re_env_get_cap(name);
	long error;

	if (!console.mux_count)
		fail("-m NAME must come before -f", name, -L4_EINVAL);
	if (l4_is_invalid_cap(vcon))
		fail("no capability", name, -L4_ENOENT);
	error = frontend_add(&server, &console.muxes[console.mux_count - 1], vcon);
	if (error < 0)
		fail("cannot use the terminal", name, error);
}

/* An option that clients can have too, as the default. */
static void set_default(const char *name, const char *value)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%s", name, value);
	if (!client_option(&console.defaults, text))
		fail("wrong value in", text, -L4_EINVAL);
}

static void take_option(int option)
{
	static const struct {
		int option;
		const char *name;
	} defaults[] = { { 'a', "show" },
			 { 'k', "keep" },
			 { 'l', "no-line-buffering" },
			 { 't', "timestamp" },
			 { 1, "line-buffered-ms=" },
			 { 'B', "bufsz=" } };

	for (unsigned i = 0; i < sizeof(defaults) / sizeof(*defaults); i++)
		if (option == defaults[i].option)
			set_default(defaults[i].name, optarg ? optarg : "");
	switch (option) {
	case 'm':
		add_mux(optarg);
		break;
	case 'f':
		add_frontend(optarg);
		break;
	case 'c':
		console.auto_connect = optarg;
		break;
	case 'n':
		console.default_name = optarg;
		break;
	case '?':
		fail("wrong option in", "arguments", -L4_EINVAL);
	}
}

/* Without multiplexers in the arguments: one on the program's own log. */
static void add_own_log(void)
{
	long error;

	add_mux("cons");
	error = frontend_add(&server, &console.muxes[0], l4re_env()->log);
	if (error < 0)
		fail("cannot use the terminal", "log", error);
}

static void open_server(void)
{
	static struct server_object *buckets[BUCKETS];
	long error = server_init_program(&server, buckets, BUCKETS);

	if (error < 0)
		fail("cannot start the", "server", error);
}

static void greet(void)
{
	for (unsigned i = 0; i < console.mux_count; i++) {
		mux_print(&console.muxes[i],
			  "%s: press Enter for the prompt, `help` lists commands\r\n",
			  console.muxes[i].name);
		mux_flush(&console.muxes[i]);
	}
}

/* Until the next unfinished line is to be shown. */
static l4_timeout_s next_timeout(void)
{
	uint64_t deadline = console_deadline(&console), now = now_ms();

	if (!deadline)
		return L4_IPC_TIMEOUT_NEVER;
	return l4_timeout_from_us(deadline > now ? (deadline - now) * 1000 : 0);
}

int main(int argc, char **argv)
{
	l4_cap_idx_t gate = l4re_env_get_cap("cons");
	long error = -L4_ENOENT;
	int option;

	console_init(&console, &effects);
	open_server();
	while ((option = getopt_long(argc, argv, "am:f:kltc:n:B:", long_options, NULL)) != -1)
		take_option(option);
	if (!console.mux_count)
		add_own_log();
	if (l4_is_valid_cap(gate))
		error = service_open(&server, &console, gate);
	if (error < 0)
		fail("no server capability", "cons", error);
	greet();
	for (;;) {
		server_step(&server, next_timeout());
		console_tick(&console);
	}
}
