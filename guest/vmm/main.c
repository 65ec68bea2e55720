/* SPDX-License-Identifier: MIT */
/*
 * vmm: a virtual machine for a paravirtual guest. Arguments and exit codes are in doc/vmm.md.
 */
#include <stdio.h>
#include <stdlib.h>
#include <l4/re/env.h>
#include <l4/sys/consts.h>
#include <l4/sys/ipc.h>
#include <l4/sys/kip.h>

#include "vmm/guest.h"
#include "xen/sched.h"

/* A machine that crashes is started again if it has lived so long, and else so often. */
enum { LONG_LIFE_US = 60 * 1000000, SHORT_LIVES = 5 };
enum { BUCKETS = 64 };
enum exit_code { EXIT_OFF = 0, EXIT_NOT_STARTED = 1, EXIT_CRASHED = 2, EXIT_KILLED = 3 };

static struct options options;
static struct server server;
static struct guest guest;

static void open_server(void)
{
	static struct server_object *buckets[BUCKETS];
	long error = server_init_program(&server, buckets, BUCKETS);

	if (error >= 0)
		error = control_open(&guest, &server);
	if (error < 0) {
		printf("vmm: cannot start the server (error %ld)\n", error);
		exit(EXIT_NOT_STARTED);
	}
}

/* One life of the machine; it is gone afterwards. Returns why it ended. */
static unsigned run(void)
{
	if (!guest_create(&guest, &options, &server))
		exit(EXIT_NOT_STARTED);
	if (!guest_start(&guest)) {
		guest_destroy(&guest);
		exit(EXIT_NOT_STARTED);
	}
	while (guest.state != GUEST_ENDED)
		server_step(&server, L4_IPC_TIMEOUT_NEVER);
	guest_destroy(&guest);
	return guest.end_reason;
}

/* After a crash: is there another try? */
static bool tries_again(void)
{
	static unsigned short_lives;
	bool is_long = l4_kip_clock(l4re_kip()) - guest.started >= LONG_LIFE_US;

	short_lives = is_long ? 0 : short_lives + 1;
	if (short_lives > SHORT_LIVES)
		guest_say(&guest, "has crashed again and again, and is not started any more");
	return short_lives <= SHORT_LIVES;
}

static bool starts_again(unsigned reason)
{
	switch (reason) {
	case GUEST_RESTARTED:
		return true;
	case XEN_SHUTDOWN_REBOOT:
		return options.reboot;
	case XEN_SHUTDOWN_CRASH:
	case XEN_SHUTDOWN_WATCHDOG:
		return options.crash && tries_again();
	default:
		return false;
	}
}

static int exit_code(unsigned reason)
{
	switch (reason) {
	case XEN_SHUTDOWN_CRASH:
	case XEN_SHUTDOWN_WATCHDOG:
		return EXIT_CRASHED;
	case GUEST_KILLED:
		return EXIT_KILLED;
	default:
		return EXIT_OFF;
	}
}

int main(int argc, char **argv)
{
	unsigned reason;

	if (!options_read(argc, argv, &options)) {
		printf("vmm: %s\n", options.message);
		return EXIT_NOT_STARTED;
	}
	open_server();
	do
		reason = run();
	while (starts_again(reason));
	return exit_code(reason);
}
