/* SPDX-License-Identifier: MIT */
/* A debugger that sends anything: answers are packets, and memory outside of the guest is not
 * touched. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/gdb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { THREADS = 2, PAGE = 4096, PAGES = 2 };

static struct gdb gdb;
static struct gdb_registers registers;
static struct gdb_hardware watched[GDB_HARDWARE];
static uint8_t *memory;
static bool inside; /* of an answer */
static unsigned sum_digits;

static void check(int condition)
{
	if (!condition)
		abort();
}

/* $, no $ up to #, two digits. */
static void target_send(void *context, const char *bytes, size_t count)
{
	(void)context;
	for (size_t i = 0; i < count; i++) {
		if (sum_digits) {
			check(strchr("0123456789abcdef", bytes[i]) != NULL);
			sum_digits--;
		} else if (inside) {
			check(bytes[i] != '$');
			inside = bytes[i] != '#';
			sum_digits = inside ? 0 : 2;
		} else {
			check(bytes[i] == '$' || bytes[i] == '+' || bytes[i] == '-');
			inside = bytes[i] == '$';
		}
	}
}

static unsigned target_threads(void *context)
{
	(void)context;
	return THREADS;
}

static bool target_alive(void *context, unsigned thread)
{
	(void)context;
	check(thread < THREADS);
	return true;
}

static void target_get(void *context, unsigned thread, struct gdb_registers *r)
{
	(void)context;
	check(thread < THREADS);
	*r = registers;
}

static bool target_set(void *context, unsigned thread, const struct gdb_registers *r)
{
	(void)context;
	check(thread < THREADS);
	registers = *r;
	return true;
}

static uint8_t *target_memory(void *context, unsigned thread, uint64_t address)
{
	(void)context;
	check(thread < THREADS);
	return address < PAGES * PAGE ? memory + address : NULL;
}

/* Each can be told to the processor. */
static bool target_watch(void *context, const struct gdb_hardware *breakpoints)
{
	(void)context;
	for (unsigned i = 0; i < GDB_HARDWARE; i++) {
		uint64_t bytes = breakpoints[i].bytes;

		check(!breakpoints[i].used || bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8);
		check(!breakpoints[i].used || breakpoints[i].address % bytes == 0);
	}
	memcpy(watched, breakpoints, sizeof(watched));
	return true;
}

static void target_stop(void *context)
{
	(void)context;
	gdb_stopped(&gdb, &(struct gdb_stop){ .thread = 1, .signal = GDB_SIGINT });
}

static void target_run(void *context, const uint8_t *actions)
{
	struct gdb_stop stop = { actions[0] & 1, GDB_SIGTRAP, true, GDB_SOFTWARE, 0 };

	(void)context;
	if (watched[0].used)
		stop.type = watched[0].type;
	for (unsigned i = 0; i < GDB_THREADS; i++)
		check(actions[i] <= GDB_STEP);
	gdb_stopped(&gdb, &stop);
}

static void target_leave(void *context, bool killed)
{
	(void)context, (void)killed;
}

static const struct gdb_target target = { target_send, target_threads, target_alive, target_get,
					  target_set,  target_memory,  target_watch, target_stop,
					  target_run,  target_leave };

/* A line of the input as a packet with a right sum. */
static void send_packet(const uint8_t *data, size_t size)
{
	char end[3];
	uint8_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + data[i]);
	end[0] = '#';
	end[1] = "0123456789abcdef"[sum >> 4];
	end[2] = "0123456789abcdef"[sum & 15];
	gdb_input(&gdb, "$", 1);
	gdb_input(&gdb, (const char *)data, size);
	gdb_input(&gdb, end, sizeof(end));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	memory = calloc(PAGES, PAGE);
	gdb = (struct gdb){ .target = &target };
	inside = false;
	sum_digits = 0;
	gdb_input(&gdb, "$?#3f", 5);
	while (size) {
		const uint8_t *line = memchr(data, '\n', size);
		size_t bytes = line ? (size_t)(line - data) : size;

		send_packet(data, bytes);
		data += bytes + !!line;
		size -= bytes + !!line;
	}
	check(!inside && !sum_digits);
	gdb_input(&gdb, "$D#44", 5);
	for (unsigned i = 0; i < GDB_BREAKPOINTS; i++)
		check(!gdb.breakpoints[i].place);
	for (unsigned i = 0; i < GDB_HARDWARE; i++)
		check(!watched[i].used);
	free(memory);
	return 0;
}
