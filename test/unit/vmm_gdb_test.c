/* SPDX-License-Identifier: MIT */
/* GDB's remote protocol, at a machine of two vCPUs and two pages of memory. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "vmm/gdb.h"

enum { THREADS = 3, DEAD = 2, PAGE = 4096, ADDRESS = 0x10000, FORBIDDEN = 0x666 };

static struct gdb gdb;
static char sent[8192];
static uint8_t memory[2][PAGE]; /* the second page is in front of the first */
static struct gdb_registers registers[THREADS];
static uint8_t did[GDB_THREADS];
static struct gdb_hardware watched[GDB_HARDWARE];
static unsigned stops, runs, leaves;
static bool killed;

/* --- The machine --- */

static void target_send(void *context, const char *bytes, size_t count)
{
	(void)context;
	strncat(sent, bytes, count);
}

static unsigned target_threads(void *context)
{
	(void)context;
	return THREADS;
}

static bool target_alive(void *context, unsigned thread)
{
	(void)context;
	return thread != DEAD;
}

static void target_get(void *context, unsigned thread, struct gdb_registers *r)
{
	(void)context;
	*r = registers[thread];
}

static bool target_set(void *context, unsigned thread, const struct gdb_registers *r)
{
	(void)context;
	for (unsigned i = 0; i < GDB_REGISTERS; i++)
		if (r->known[i])
			registers[thread].values[i] = r->values[i];
	return thread != 1;
}

static uint8_t *target_memory(void *context, unsigned thread, uint64_t address)
{
	(void)context, (void)thread;
	if (address - ADDRESS < PAGE)
		return &memory[1][address % PAGE];
	return address - ADDRESS < 2 * PAGE ? &memory[0][address % PAGE] : NULL;
}

static bool target_watch(void *context, const struct gdb_hardware *breakpoints)
{
	(void)context;
	for (unsigned i = 0; i < GDB_HARDWARE; i++)
		if (breakpoints[i].used && breakpoints[i].address == FORBIDDEN)
			return false;
	memcpy(watched, breakpoints, sizeof(watched));
	return true;
}

static void target_stop(void *context)
{
	(void)context;
	stops++;
}

static void target_run(void *context, const uint8_t *actions)
{
	(void)context;
	memcpy(did, actions, sizeof(did));
	runs++;
}

static void target_leave(void *context, bool kill)
{
	(void)context;
	leaves++;
	killed = kill;
}

static const struct gdb_target target = { target_send, target_threads, target_alive, target_get,
					  target_set,  target_memory,  target_watch, target_stop,
					  target_run,  target_leave };

/* --- The debugger --- */

static void type(const char *text)
{
	sent[0] = 0;
	gdb_input(&gdb, text, strlen(text));
}

static const char *framed(const char *text)
{
	static char packet[4096];
	uint8_t sum = 0;

	for (const char *c = text; *c; c++)
		sum = (uint8_t)(sum + (uint8_t)*c);
	snprintf(packet, sizeof(packet), "$%s#%02x", text, sum);
	return packet;
}

/* What is sent for a packet: acknowledgement and this answer. */
static void expect(const char *packet, const char *answer)
{
	char wanted[4200];

	snprintf(wanted, sizeof(wanted), "+%s", framed(answer));
	type(framed(packet));
	assert_string_equal(sent, wanted);
}

static void expect_nothing(const char *packet)
{
	type(framed(packet));
	assert_string_equal(sent, "+");
}

/* Thread 1 stops at a breakpoint. */
static void hit(enum gdb_breaks type, uint64_t address)
{
	const struct gdb_stop stop = { 1, GDB_SIGTRAP, true, type, address };

	sent[0] = 0;
	gdb_stopped(&gdb, &stop);
}

static void start(void)
{
	gdb = (struct gdb){ .target = &target };
	memset(memory, 0, sizeof(memory));
	memset(registers, 0, sizeof(registers));
	stops = runs = leaves = 0;
}

static void start_stopped(void)
{
	start();
	expect_nothing("?");
	sent[0] = 0;
	gdb_stopped(&gdb, &(struct gdb_stop){ .signal = GDB_SIGINT });
	assert_string_equal(sent, framed("T02thread:1;"));
}

/* --- Packets --- */

static void packets_are_acknowledged(void **state)
{
	(void)state;
	start();
	type("noise$qAttached#00");
	assert_string_equal(sent, "-");
	type("+$qAtta$qAttached#8f");
	assert_string_equal(sent, "+$1#31");
	type("-");
	assert_string_equal(sent, "$1#31");
	type("$qAtt");
	type("ached#8");
	assert_string_equal(sent, "");
	type("f");
	assert_string_equal(sent, "+$1#31");
	expect("QStartNoAckMode", "OK");
	type(framed("qAttached"));
	assert_string_equal(sent, "$1#31");
}

static void packets_that_are_too_long_are_refused(void **state)
{
	static char packet[GDB_PACKET_MAX + 2];

	(void)state;
	start_stopped();
	memset(packet, 'm', sizeof(packet) - 1);
	type(framed(packet));
	assert_string_equal(sent, "-");
	packet[sizeof(packet) - 2] = 0;
	type(framed(packet));
	assert_string_equal(sent, "+$E01#a6");
}

/* Put together of parts, as a debugger asks for them. */
static void read_description(char *text, size_t room)
{
	size_t bytes = 0;
	bool more = true;

	while (more) {
		char packet[60];
		size_t part;

		snprintf(packet, sizeof(packet), "qXfer:features:read:target.xml:%zx,7fb", bytes);
		type(framed(packet));
		assert_true(!strncmp(sent, "+$m", 3) || !strncmp(sent, "+$l", 3));
		more = sent[2] == 'm';
		part = strlen(sent) - strlen("+$m#00");
		assert_true(part && bytes + part < room);
		memcpy(text + bytes, sent + 3, part);
		bytes += part;
	}
	text[bytes] = 0;
}

static void features_are_told(void **state)
{
	char text[8192];

	(void)state;
	start();
	type(framed("qSupported:multiprocess+;swbreak+"));
	assert_non_null(strstr(sent, "qXfer:features:read+"));
	assert_true(gdb.says_swbreak);
	expect("vMustReplyEmpty", "");
	expect("vCont?", "vCont;c;C;s;S");
	expect("qXfer:features:read:target.xml:0,5", "m<?xml");
	expect("qXfer:features:read:target.xml:ffffffffffffffff,ffffffffffffffff", "l");
	read_description(text, sizeof(text));
	assert_non_null(strstr(text, "gs_base"));
	assert_non_null(strstr(text, "\"ymm15h\" bitsize=\"128\""));
	assert_string_equal(text + strlen(text) - 9, "</target>");
}

/* --- State --- */

static void the_first_question_stops_the_machine(void **state)
{
	(void)state;
	start();
	expect("g", "E01");
	expect("m10000,4", "E01");
	expect_nothing("?");
	assert_int_equal(stops, 1);
	sent[0] = 0;
	gdb_stopped(&gdb, &(struct gdb_stop){ .thread = 1, .signal = GDB_SIGINT });
	assert_string_equal(sent, framed("T02thread:2;"));
	expect("?", "T02thread:2;");
	expect("qC", "QC2");
	expect("qfThreadInfo", "m1,2");
	expect("qsThreadInfo", "l");
	expect("T2", "OK");
	expect("T3", "E01");
	expect("T4", "E01");
	expect("qThreadExtraInfo,2", "764350552031");
}

static void threads_go_on_as_they_are_told(void **state)
{
	static const struct {
		const char *packet;
		uint8_t first, second;
	} runs_of[] = { { "c", GDB_GO, GDB_GO },
			{ "s", GDB_STEP, GDB_STAY },
			{ "vCont;c", GDB_GO, GDB_GO },
			{ "vCont;s:2;c", GDB_GO, GDB_STEP },
			{ "vCont;s:2", GDB_STAY, GDB_STEP },
			{ "vCont;S05:1;C02:-1", GDB_STEP, GDB_GO } };

	(void)state;
	for (unsigned i = 0; i < sizeof(runs_of) / sizeof(*runs_of); i++) {
		start_stopped();
		expect_nothing(runs_of[i].packet);
		assert_int_equal(did[0], runs_of[i].first);
		assert_int_equal(did[1], runs_of[i].second);
		expect("g", "E01");
		gdb.says_swbreak = true;
		hit(GDB_SOFTWARE, 0);
		assert_string_equal(sent, framed("T05thread:2;swbreak:;"));
	}
	expect("vCont;x", "E01");
	expect("vCont;s:9", "E01");
	expect("vCont", "E01");
	assert_int_equal(runs, 1);
}

static void an_interrupt_stops_what_runs(void **state)
{
	(void)state;
	start();
	type("\3");
	assert_int_equal(stops, 0); /* nobody is there */
	start_stopped();
	type("\3");
	assert_int_equal(stops, 1); /* it stands already */
	expect_nothing("c");
	type("\3");
	assert_int_equal(stops, 2);
}

/* --- Registers --- */

static void registers_are_read_and_written(void **state)
{
	char zeros[1700];

	(void)state;
	start_stopped();
	registers[0].known[GDB_RIP] = registers[0].known[GDB_CS] = true;
	registers[0].values[GDB_RIP] = 0xffffffff81000012;
	registers[0].values[GDB_CS] = 0x33;
	expect("p10", "12000081ffffffff");
	expect("p12", "33000000");
	expect("p0", "xxxxxxxxxxxxxxxx");
	expect("p18", "xxxxxxxxxxxxxxxxxxxx");
	expect("p4b", "E01");
	type(framed("g"));
	assert_int_equal(strlen(sent),
			 2 * (16 * 8 + 8 + 4 + 6 * 4 + 8 * 10 + 8 * 4 + 16 + 32 * 16 + 4) + 5);
	expect("P10=0102030405060708", "OK");
	assert_int_equal(registers[0].values[GDB_RIP], 0x0807060504030201);
	expect("P10=010203", "E01");
	expect("P4b=00", "E01");
	expect("P18=0102030405060708090a", "OK");
	assert_true(registers[0].values[GDB_ST0] == ((gdb_value)0x0a09 << 64 | 0x0807060504030201));
	registers[0].known[GDB_XMM0 + 15] = true;
	registers[0].values[GDB_XMM0 + 15] = (gdb_value)1 << 127 | 5;
	expect("p39", "05000000000000000000000000000080");
	memset(zeros, '0', sizeof(zeros));
	memcpy(zeros, "Gxxxxxxxxxxxxxxxx0100000000000000", 33);
	zeros[33 + 14 * 16] = 0;
	registers[0].values[GDB_RAX] = 7;
	expect(zeros, "OK");
	assert_int_equal(registers[0].values[GDB_RAX], 7);
	assert_int_equal(registers[0].values[GDB_R8 - 7], 1);
	assert_int_equal(registers[0].values[GDB_RIP], 0x0807060504030201);
	expect("Hg2", "OK");
	expect("P0=0000000000000000", "E01"); /* it cannot be set now */
	expect("Hg3", "E01");
	expect("Hx1", "E01");
	expect("Hc-1", "OK");
}

/* --- Memory and breakpoints --- */

static void memory_is_read_and_written(void **state)
{
	char packet[2 * 1024 + 40];

	(void)state;
	start_stopped();
	memory[1][PAGE - 1] = 0xab;
	memory[0][0] = 0xcd;
	expect("m10ffe,4", "00abcd00");
	expect("m11fff,4", "00"); /* the part that is there */
	expect("m12000,4", "E14");
	expect("mffffffffffffffff,4", "E14");
	expect("m10000,0", "");
	expect("m10000", "E01");
	expect("m10000,401", "E01");
	expect("M10fff,2:1234", "OK");
	assert_int_equal(memory[1][PAGE - 1], 0x12);
	assert_int_equal(memory[0][0], 0x34);
	expect("M11fff,2:5678", "E14");
	assert_int_equal(memory[0][PAGE - 1], 0); /* all or nothing */
	expect("M10000,2:56", "E01");
	snprintf(packet, sizeof(packet), "M10000,200:");
	memset(packet + strlen(packet), 'f', 0x400);
	packet[11 + 0x400] = 0;
	expect(packet, "OK");
	assert_int_equal(memory[1][0x1ff], 0xff);
	assert_int_equal(memory[1][0x200], 0);
}

static void breakpoints_are_not_seen(void **state)
{
	(void)state;
	start_stopped();
	memory[1][8] = 0x90;
	expect("Z0,10008,1", "OK");
	expect("Z0,10008,1", "OK");
	assert_int_equal(memory[1][8], 0xcc);
	expect("m10007,3", "009000");
	expect("M10007,3:112233", "OK");
	assert_int_equal(memory[1][8], 0xcc);
	assert_true(gdb_breaks_at(&gdb, 0, 0x10008));
	assert_false(gdb_breaks_at(&gdb, 0, 0x10007));
	expect("z0,10008,1", "OK");
	assert_int_equal(memory[1][8], 0x22);
	assert_false(gdb_breaks_at(&gdb, 0, 0x10008));
	expect("z0,10008,1", "OK");
	expect("Z0,13000,1", "E14");
	for (unsigned i = 0; i < GDB_BREAKPOINTS; i++) {
		char packet[20];

		snprintf(packet, sizeof(packet), "Z0,%x,1", ADDRESS + i);
		expect(packet, "OK");
	}
	expect("Z0,11000,1", "E14");
	expect("Z0,10000,1", "OK");
}

static bool watches(unsigned n, enum gdb_breaks type, uint64_t address, uint64_t bytes)
{
	const struct gdb_hardware *h = &watched[n];

	return h->used && h->type == type && h->address == address && h->bytes == bytes;
}

static void the_processor_has_breakpoints(void **state)
{
	(void)state;
	start_stopped();
	expect("Z3,10008,8", ""); /* it does not know reading alone */
	expect("Z5,10008,8", "");
	expect("Z2,10008", "");
	expect("Z2,10008,0", "E01");
	expect("Z2,666,1", "E1c");
	assert_false(watched[0].used);
	expect("Z1,10001,1", "OK");
	expect("Z4,10010,8", "OK");
	expect("Z4,10010,8", "OK");
	assert_true(watches(0, GDB_EXECUTED, 0x10001, 1) && watches(1, GDB_ACCESSED, 0x10010, 8));
	assert_false(watched[2].used);
	expect("Z2,20003,6", "E1c"); /* 1, 4 and 1 byte */
	assert_false(watched[2].used);
	expect("z1,10001,2", "OK"); /* there is no such */
	assert_true(watched[0].used);
	expect("z1,10001,1", "OK");
	expect("Z2,20003,6", "OK");
	assert_true(watches(0, GDB_WRITTEN, 0x20003, 1) && watches(2, GDB_WRITTEN, 0x20004, 4) &&
		    watches(3, GDB_WRITTEN, 0x20008, 1));
	expect("z2,20003,6", "OK");
	assert_false(watched[0].used || watched[2].used || watched[3].used);
	assert_true(watched[1].used);
	expect("D", "OK");
	assert_false(watched[1].used);
}

static void a_stop_tells_what_was_hit(void **state)
{
	(void)state;
	start_stopped();
	expect_nothing("c");
	hit(GDB_WRITTEN, 0x10010);
	assert_string_equal(sent, framed("T05thread:2;watch:10010;"));
	expect_nothing("c");
	hit(GDB_ACCESSED, 0xffffffff81000000);
	assert_string_equal(sent, framed("T05thread:2;awatch:ffffffff81000000;"));
	expect_nothing("c");
	hit(GDB_EXECUTED, 0x10010);
	assert_string_equal(sent, framed("T05thread:2;")); /* it was not asked for */
	type(framed("qSupported:hwbreak+"));
	assert_non_null(strstr(sent, "hwbreak+"));
	expect("?", "T05thread:2;hwbreak:;");
}

static void who_goes_leaves_nothing_behind(void **state)
{
	(void)state;
	start_stopped();
	expect("Z0,10008,1", "OK");
	expect("D", "OK");
	assert_int_equal(memory[1][8], 0);
	assert_true(leaves == 1 && !killed && !gdb.attached);
	start_stopped();
	expect("Z0,10008,1", "OK");
	memory[1][8] = 0x55; /* the guest has written there: it stays so */
	expect_nothing("k");
	assert_int_equal(memory[1][8], 0x55);
	assert_true(leaves == 1 && killed);
	start_stopped();
	expect_nothing("c");
	sent[0] = 0;
	gdb_ended(&gdb);
	assert_string_equal(sent, framed("W00"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_are_acknowledged),
		cmocka_unit_test(packets_that_are_too_long_are_refused),
		cmocka_unit_test(features_are_told),
		cmocka_unit_test(the_first_question_stops_the_machine),
		cmocka_unit_test(threads_go_on_as_they_are_told),
		cmocka_unit_test(an_interrupt_stops_what_runs),
		cmocka_unit_test(registers_are_read_and_written),
		cmocka_unit_test(memory_is_read_and_written),
		cmocka_unit_test(breakpoints_are_not_seen),
		cmocka_unit_test(the_processor_has_breakpoints),
		cmocka_unit_test(a_stop_tells_what_was_hit),
		cmocka_unit_test(who_goes_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
