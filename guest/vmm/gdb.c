/* SPDX-License-Identifier: MIT */
/* The remote protocol of GDB: its requests. */
#include "vmm/gdb.h"

#include <stdio.h>
#include <string.h>

#include "vmm/gdb_packet.h"
#include "vmm/gdb_registers.h"

enum { DESCRIPTION_PART = GDB_PACKET_MAX - 8 };

static const char ok[] = "OK", wrong[] = "E01";

/* --- Threads --- */

static bool is_alive(const struct gdb *gdb, uint64_t thread)
{
	return thread < gdb->target->threads(gdb->context) &&
	       gdb->target->alive(gdb->context, (unsigned)thread);
}

/*
 * A thread as the protocol writes it. *thread = it, or fallback for any or all. False: there is no
 * such thread.
 */
static bool get_thread(const struct gdb *gdb, const char **at, unsigned fallback, unsigned *thread)
{
	uint64_t number;

	*thread = fallback;
	if (packet_is(at, '-'))
		return packet_is(at, '1');
	if (!packet_number(at, &number))
		return false;
	if (!number)
		return true;
	*thread = (unsigned)(number - 1);
	return is_alive(gdb, number - 1);
}

static void set_thread(struct gdb *gdb, const char *at)
{
	char use = *at++;
	unsigned thread;

	if ((use != 'g' && use != 'c') || !get_thread(gdb, &at, gdb->stop.thread, &thread)) {
		packet_answer(gdb, wrong);
		return;
	}
	*(use == 'g' ? &gdb->thread : &gdb->run_thread) = thread;
	packet_answer(gdb, ok);
}

static void ask_alive(struct gdb *gdb, const char *at)
{
	unsigned thread;

	packet_answer(gdb, get_thread(gdb, &at, 0, &thread) ? ok : wrong);
}

static void list_threads(struct gdb *gdb, const char *at)
{
	char before = 'm';

	(void)at;
	packet_begin(gdb);
	for (unsigned i = 0; i < gdb->target->threads(gdb->context); i++) {
		if (!is_alive(gdb, i))
			continue;
		packet_char(gdb, before);
		packet_hex(gdb, i + 1);
		before = ',';
	}
	packet_send(gdb);
}

static void end_list(struct gdb *gdb, const char *at)
{
	(void)at;
	packet_answer(gdb, "l");
}

static void current_thread(struct gdb *gdb, const char *at)
{
	(void)at;
	packet_begin(gdb);
	packet_text(gdb, "QC");
	packet_hex(gdb, gdb->stop.thread + 1);
	packet_send(gdb);
}

static void describe_thread(struct gdb *gdb, const char *at)
{
	char text[16];
	unsigned thread;

	if (!get_thread(gdb, &at, 0, &thread)) {
		packet_answer(gdb, wrong);
		return;
	}
	snprintf(text, sizeof(text), "vCPU %u", thread);
	packet_begin(gdb);
	packet_bytes(gdb, text, strlen(text));
	packet_send(gdb);
}

/* --- Registers --- */

static void add_register(struct gdb *gdb, const struct gdb_registers *r, unsigned number)
{
	unsigned bytes = registers_bytes(number);

	if (r->known[number])
		packet_bytes(gdb, &r->values[number], bytes);
	else
		while (bytes--)
			packet_text(gdb, "xx");
}

/* One value; `x` is skipped and not known. */
static bool get_register(const char **at, struct gdb_registers *r, unsigned number)
{
	unsigned bytes = registers_bytes(number);
	uint8_t value[sizeof(gdb_value)] = { 0 };
	bool known = **at != 'x';

	for (unsigned i = 0; i < bytes; i++) {
		if (**at == 'x' && (*at)[1] == 'x')
			*at += 2;
		else if (!packet_byte(at, &value[i]))
			return false;
	}
	memcpy(&r->values[number], value, sizeof(value));
	r->known[number] = known;
	return true;
}

static void read_registers(struct gdb *gdb, const char *at)
{
	struct gdb_registers r = { 0 };

	(void)at;
	gdb->target->get(gdb->context, gdb->thread, &r);
	packet_begin(gdb);
	for (unsigned i = 0; i < GDB_REGISTERS; i++)
		add_register(gdb, &r, i);
	packet_send(gdb);
}

static void write_registers(struct gdb *gdb, const char *at)
{
	struct gdb_registers r = { 0 };

	/* Those that are missing at the end stay as they are. */
	for (unsigned i = 0; *at && i < GDB_REGISTERS; i++)
		if (!get_register(&at, &r, i)) {
			packet_answer(gdb, wrong);
			return;
		}
	packet_answer(gdb, gdb->target->set(gdb->context, gdb->thread, &r) ? ok : wrong);
}

static void read_register(struct gdb *gdb, const char *at)
{
	struct gdb_registers r = { 0 };
	uint64_t number;

	if (!packet_number(&at, &number) || number >= GDB_REGISTERS) {
		packet_answer(gdb, wrong);
		return;
	}
	gdb->target->get(gdb->context, gdb->thread, &r);
	packet_begin(gdb);
	add_register(gdb, &r, (unsigned)number);
	packet_send(gdb);
}

static void write_register(struct gdb *gdb, const char *at)
{
	struct gdb_registers r = { 0 };
	uint64_t number;
	bool good = packet_number(&at, &number) && number < GDB_REGISTERS && packet_is(&at, '=') &&
		    get_register(&at, &r, (unsigned)number) &&
		    gdb->target->set(gdb->context, gdb->thread, &r);

	packet_answer(gdb, good ? ok : wrong);
}

/* --- Stopping and going on --- */

static void report_breakpoint(struct gdb *gdb)
{
	const struct gdb_stop *stop = &gdb->stop;

	switch (stop->type) {
	case GDB_SOFTWARE:
		packet_text(gdb, gdb->says_swbreak ? "swbreak:;" : "");
		return;
	case GDB_EXECUTED:
		packet_text(gdb, gdb->says_hwbreak ? "hwbreak:;" : "");
		return;
	case GDB_WRITTEN:
		packet_text(gdb, "watch:");
		break;
	case GDB_ACCESSED:
		packet_text(gdb, "awatch:");
		break;
	}
	packet_hex(gdb, stop->address);
	packet_text(gdb, ";");
}

static void report(struct gdb *gdb)
{
	packet_begin(gdb);
	packet_text(gdb, gdb->stop.signal == GDB_SIGINT ? "T02" : "T05");
	packet_text(gdb, "thread:");
	packet_hex(gdb, gdb->stop.thread + 1);
	packet_text(gdb, ";");
	if (gdb->stop.at_breakpoint)
		report_breakpoint(gdb);
	packet_send(gdb);
}

void gdb_stopped(struct gdb *gdb, const struct gdb_stop *stop)
{
	gdb->stopped = true;
	gdb->stop = *stop;
	gdb->thread = gdb->run_thread = stop->thread;
	if (gdb->asked)
		report(gdb);
	gdb->asked = false;
}

static void ask_why(struct gdb *gdb, const char *at)
{
	(void)at;
	if (gdb->stopped) {
		report(gdb);
		return;
	}
	gdb->asked = true;
	gdb->target->stop(gdb->context);
}

void gdb_interrupted(struct gdb *gdb)
{
	if (gdb->attached && !gdb->stopped) {
		gdb->asked = true;
		gdb->target->stop(gdb->context);
	}
}

static void run(struct gdb *gdb, const uint8_t *actions)
{
	gdb->stopped = false;
	gdb->asked = true;
	gdb->target->run(gdb->context, actions);
}

static void go_on(struct gdb *gdb, const char *at)
{
	uint8_t actions[GDB_THREADS];

	(void)at;
	memset(actions, GDB_GO, sizeof(actions));
	run(gdb, actions);
}

static void step(struct gdb *gdb, const char *at)
{
	uint8_t actions[GDB_THREADS] = { 0 };

	(void)at;
	actions[gdb->run_thread] = GDB_STEP;
	run(gdb, actions);
}

/* One action and its threads; those that have one already keep it. False: it makes no sense. */
static bool get_action(const struct gdb *gdb, const char **at, uint8_t *actions)
{
	char letter = *(*at)++;
	uint8_t action = letter == 'c' || letter == 'C' ? GDB_GO : GDB_STEP;
	unsigned thread = GDB_THREADS;
	uint64_t signal;

	if (!letter || !strchr("cCsS", letter))
		return false;
	if ((letter == 'C' || letter == 'S') && !packet_number(at, &signal))
		return false;
	if (packet_is(at, ':') && !get_thread(gdb, at, GDB_THREADS, &thread))
		return false;
	for (unsigned i = 0; i < GDB_THREADS; i++)
		if ((thread == GDB_THREADS || thread == i) && actions[i] == GDB_STAY)
			actions[i] = action;
	return true;
}

static void run_threads(struct gdb *gdb, const char *at)
{
	uint8_t actions[GDB_THREADS] = { GDB_STAY };
	bool good = *at == ';';

	while (good && packet_is(&at, ';'))
		good = get_action(gdb, &at, actions);
	if (!good || *at || !gdb->stopped)
		packet_answer(gdb, wrong);
	else
		run(gdb, actions);
}

/* --- Beginning and end of a connection --- */

static void forget(struct gdb *gdb)
{
	gdb_lift_all(gdb);
	gdb_lift_hardware(gdb);
	gdb->attached = gdb->stopped = gdb->asked = gdb->no_acks = false;
	gdb->says_swbreak = gdb->says_hwbreak = false;
}

static void detach(struct gdb *gdb, const char *at)
{
	(void)at;
	packet_answer(gdb, ok);
	forget(gdb);
	gdb->target->leave(gdb->context, false);
}

static void kill_machine(struct gdb *gdb, const char *at)
{
	(void)at;
	forget(gdb);
	gdb->target->leave(gdb->context, true);
}

void gdb_ended(struct gdb *gdb)
{
	for (unsigned i = 0; i < GDB_BREAKPOINTS; i++)
		gdb->breakpoints[i].place = NULL;
	memset(gdb->hardware, 0, sizeof(gdb->hardware));
	if (gdb->asked)
		packet_answer(gdb, "W00");
	forget(gdb);
}

static void tell_features(struct gdb *gdb, const char *at)
{
	char text[120];

	gdb->says_swbreak = strstr(at, "swbreak+");
	gdb->says_hwbreak = strstr(at, "hwbreak+");
	snprintf(
	    text, sizeof(text),
	    "PacketSize=%x;QStartNoAckMode+;qXfer:features:read+;vContSupported+;swbreak+;hwbreak+",
	    GDB_PACKET_MAX);
	packet_answer(gdb, text);
}

static void describe(struct gdb *gdb, const char *at)
{
	const char *text = registers_description();
	size_t bytes = strlen(text);
	struct packet_range r;

	if (!packet_range(&at, &r)) {
		packet_answer(gdb, wrong);
		return;
	}
	r.address = r.address < bytes ? r.address : bytes;
	bytes -= r.address;
	packet_begin(gdb);
	packet_char(gdb, r.bytes < bytes || DESCRIPTION_PART < bytes ? 'm' : 'l');
	for (uint64_t i = 0; i < bytes && i < r.bytes && i < DESCRIPTION_PART; i++)
		packet_char(gdb, text[r.address + i]);
	packet_send(gdb);
}

static void say_attached(struct gdb *gdb, const char *at)
{
	(void)at;
	packet_answer(gdb, "1");
}

static void say_ok(struct gdb *gdb, const char *at)
{
	(void)at;
	packet_answer(gdb, ok);
}

static void end_acks(struct gdb *gdb, const char *at)
{
	(void)at;
	packet_answer(gdb, ok);
	gdb->no_acks = true;
}

static void list_actions(struct gdb *gdb, const char *at)
{
	(void)at;
	packet_answer(gdb, "vCont;c;C;s;S");
}

/* --- All of them --- */

static const struct gdb_handler {
	const char *start; /* of the packet */
	void (*handle)(struct gdb *gdb, const char *rest);
	bool stopped; /* only while the machine stands still */
} handlers[] = {
	{ "?", ask_why, false },
	{ "g", read_registers, true },
	{ "G", write_registers, true },
	{ "p", read_register, true },
	{ "P", write_register, true },
	{ "m", gdb_read_memory, true },
	{ "M", gdb_write_memory, true },
	{ "Z0,", gdb_insert, true },
	{ "z0,", gdb_withdraw, true },
	{ "Z", gdb_watch, true },
	{ "z", gdb_unwatch, true },
	{ "c", go_on, true },
	{ "C", go_on, true },
	{ "s", step, true },
	{ "S", step, true },
	{ "H", set_thread, false },
	{ "T", ask_alive, false },
	{ "D", detach, false },
	{ "k", kill_machine, false },
	{ "vCont?", list_actions, false },
	{ "vCont", run_threads, true },
	{ "qSupported", tell_features, false },
	{ "qXfer:features:read:target.xml:", describe, false },
	{ "qfThreadInfo", list_threads, false },
	{ "qsThreadInfo", end_list, false },
	{ "qThreadExtraInfo,", describe_thread, false },
	{ "qC", current_thread, false },
	{ "qAttached", say_attached, false },
	{ "qSymbol::", say_ok, false },
	{ "QStartNoAckMode", end_acks, false },
};

void gdb_request(struct gdb *gdb, const char *packet)
{
	gdb->attached = true;
	for (unsigned i = 0; i < sizeof(handlers) / sizeof(*handlers); i++) {
		const struct gdb_handler *h = &handlers[i];
		size_t bytes = strlen(h->start);

		if (strncmp(packet, h->start, bytes))
			continue;
		if (h->stopped && !gdb->stopped)
			packet_answer(gdb, wrong);
		else
			h->handle(gdb, packet + bytes);
		return;
	}
	packet_answer(gdb, ""); /* not known */
}
