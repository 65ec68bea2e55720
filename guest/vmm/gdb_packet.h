/* SPDX-License-Identifier: MIT */
/* Packets of GDB's remote protocol: framing, acknowledgement, numbers. For gdb.c alone. */
#ifndef VMM_GDB_PACKET_H
#define VMM_GDB_PACKET_H

#include "vmm/gdb.h"

/* --- Called with what came --- */

/* A whole packet: its characters, ended by 0. */
void gdb_request(struct gdb *gdb, const char *packet);
/* The debugger wants the machine to stop. */
void gdb_interrupted(struct gdb *gdb);

/* --- gdb_memory.c: what is behind these letters of packets --- */

void gdb_insert(struct gdb *gdb, const char *at);	/* Z0, */
void gdb_withdraw(struct gdb *gdb, const char *at);	/* z0, */
void gdb_read_memory(struct gdb *gdb, const char *at);	/* m */
void gdb_write_memory(struct gdb *gdb, const char *at); /* M */
/* Take all breakpoints out of the memory. */
void gdb_lift_all(struct gdb *gdb);

/* --- gdb_hardware.c --- */

void gdb_watch(struct gdb *gdb, const char *at);   /* Z */
void gdb_unwatch(struct gdb *gdb, const char *at); /* z */
/* The machine has no breakpoints of the processor any more. */
void gdb_lift_hardware(struct gdb *gdb);

/* --- Reading --- */

struct packet_range {
	uint64_t address, bytes;
};

/* A number in hexadecimal digits, at least one; *at is moved behind it. */
bool packet_number(const char **at, uint64_t *number);
/* Is this the next character? It is skipped then. */
bool packet_is(const char **at, char c);
/* Two numbers with a comma between. */
bool packet_range(const char **at, struct packet_range *range);
/* A byte in two digits. */
bool packet_byte(const char **at, uint8_t *byte);

/* --- Writing; what does not fit is cut --- */

void packet_begin(struct gdb *gdb);
void packet_text(struct gdb *gdb, const char *text);
void packet_char(struct gdb *gdb, char c);
void packet_hex(struct gdb *gdb, uint64_t number);
/* Bytes of memory as two digits each. */
void packet_bytes(struct gdb *gdb, const void *bytes, size_t count);
void packet_send(struct gdb *gdb);
/* A packet of one text. */
void packet_answer(struct gdb *gdb, const char *text);

#endif
