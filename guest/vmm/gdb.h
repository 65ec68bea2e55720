/* SPDX-License-Identifier: MIT */
/*
 * The remote protocol of GDB, all-stop, for a machine whose threads are its vCPUs (thread n + 1 is
 * vCPU n). Pure: bytes go in, packets come out, and the machine is what struct gdb_target says.
 *
 * The first packet of a connection stops the machine. Software breakpoints are int3 in the guest's
 * memory at the place that the address has for the thread when they are set; who reads memory by
 * the protocol sees what was there before. Those of the processor are about guest-virtual addresses
 * of all threads.
 */
#ifndef VMM_GDB_H
#define VMM_GDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	GDB_PACKET_MAX = 2048, /* characters between $ and # */
	GDB_BREAKPOINTS = 64,
	GDB_HARDWARE = 4,
	GDB_THREADS = 32,
	GDB_SIGINT = 2,
	GDB_SIGTRAP = 5
};

/* Registers in the protocol's order. */
enum gdb_register {
	GDB_RAX,
	GDB_RBX,
	GDB_RCX,
	GDB_RDX,
	GDB_RSI,
	GDB_RDI,
	GDB_RBP,
	GDB_RSP,
	GDB_R8,
	GDB_R15 = 15,
	GDB_RIP,
	GDB_EFLAGS,
	GDB_CS,
	GDB_SS,
	GDB_DS,
	GDB_ES,
	GDB_FS,
	GDB_GS,
	GDB_ST0,
	GDB_FCTRL = 32,
	GDB_FSTAT,
	GDB_FTAG,
	GDB_FISEG,
	GDB_FIOFF,
	GDB_FOSEG,
	GDB_FOOFF,
	GDB_FOP,
	GDB_FS_BASE,
	GDB_GS_BASE,
	GDB_XMM0,
	GDB_MXCSR = 58,
	GDB_YMM0H,
	GDB_REGISTERS = 75
};

typedef unsigned __int128 gdb_value;

struct gdb_registers {
	bool known[GDB_REGISTERS];
	gdb_value values[GDB_REGISTERS];
};

enum gdb_action { GDB_STAY, GDB_GO, GDB_STEP };

/* Types of breakpoints, as the protocol numbers them. There is none for reading alone. */
enum gdb_breaks { GDB_SOFTWARE, GDB_EXECUTED, GDB_WRITTEN, GDB_ACCESSED = 4 };

/* A breakpoint of the processor, or a part of one: bytes 1, 2, 4, 8, and the address is aligned. */
struct gdb_hardware {
	bool used;
	enum gdb_breaks type;
	uint64_t address, bytes;
	uint64_t whole_address, whole_bytes; /* what the debugger asked for */
};

/* Why all threads stand still: this one, a signal (GDB_SIG*), and if at_breakpoint what it hit;
 * the address is for those that are about data. */
struct gdb_stop {
	unsigned thread, signal;
	bool at_breakpoint;
	enum gdb_breaks type;
	uint64_t address;
};

/* A machine. Threads that are asked for are below threads(). */
struct gdb_target {
	void (*send)(void *context, const char *bytes, size_t count);
	unsigned (*threads)(void *context);
	bool (*alive)(void *context, unsigned thread);
	void (*get)(void *context, unsigned thread, struct gdb_registers *registers);
	/* Those that are known are the new ones. False: they cannot be set now. */
	bool (*set)(void *context, unsigned thread, const struct gdb_registers *registers);
	/* The byte of guest memory at an address, valid to the end of its page; NULL: there is
	 * none. */
	uint8_t *(*memory)(void *context, unsigned thread, uint64_t address);
	/* These (GDB_HARDWARE) are the breakpoints from now on. False: one cannot be. */
	bool (*watch)(void *context, const struct gdb_hardware *breakpoints);
	/* Let all threads stand still; gdb_stopped() is called when they do. */
	void (*stop)(void *context);
	/* Let them do what actions (enum gdb_action) say. gdb_stopped() is called after a stop. */
	void (*run)(void *context, const uint8_t *actions);
	/* The debugger has gone: the machine is as without it (killed: it ends). */
	void (*leave)(void *context, bool killed);
};

struct gdb_breakpoint {
	uint64_t address;
	uint8_t *place; /* NULL: not in use */
	uint8_t original;
};

/* target and context are the owner's, all else starts as 0. */
struct gdb {
	const struct gdb_target *target;
	void *context;
	bool attached; /* a debugger is there */
	bool stopped;  /* the machine stands still */
	bool asked;    /* the answer to `?` or a run is due when it does */
	bool no_acks;
	bool says_swbreak, says_hwbreak; /* the debugger wants to know that it was a breakpoint */
	unsigned thread;		 /* of g, G, m, M, Z */
	unsigned run_thread;
	struct gdb_stop stop;
	struct gdb_breakpoint breakpoints[GDB_BREAKPOINTS];
	struct gdb_hardware hardware[GDB_HARDWARE];
	/* The packet that comes: state of reading it, its characters. */
	unsigned reading, in_count;
	uint8_t sum, wanted_sum;
	char in[GDB_PACKET_MAX + 1];
	unsigned out_count;
	char out[GDB_PACKET_MAX + 8];
};

/* Bytes from the debugger. */
void gdb_input(struct gdb *gdb, const char *bytes, size_t count);

/* All threads stand still, and why. */
void gdb_stopped(struct gdb *gdb, const struct gdb_stop *stop);

/* Is there a breakpoint of the debugger where the address of the thread is? */
bool gdb_breaks_at(const struct gdb *gdb, unsigned thread, uint64_t address);

/* The machine has gone, and its memory: forget breakpoints, tell the debugger (if there is one). */
void gdb_ended(struct gdb *gdb);

#endif
