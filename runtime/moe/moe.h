/* SPDX-License-Identifier: MIT */
/*
 * moe, the root task: hands memory, names, logs and CPU time to all programs. One thread serves all
 * objects; it never waits for a client and never calls one. A second thread, a client of the first,
 * loads the init program and ends then.
 *
 * All RAM is mapped 1:1, so the address of a page is its physical address.
 */
#ifndef MOE_MOE_H
#define MOE_MOE_H

#include <l4/sys/kip.h>
#include "factory.h"
#include "object.h"
#include "pages.h"

struct namespace;

enum moe_debug { DEBUG_INFO = 1, DEBUG_WARN = 2, DEBUG_BOOT = 4, DEBUG_EXCEPTIONS = 0x20 };

struct moe {
	struct server server;
	struct pages pages;
	struct factory root;
	const l4_kernel_info_t *kip;
	uint64_t user_start, user_end; /* addresses that programs can have, end inclusive */
	unsigned debug;		       /* enum moe_debug */
	struct namespace *rom, *rwfs;
	bool loading; /* the init program is not yet running: the loader is the only client */
};
extern struct moe moe;

/*
 * Rights of the capability of a new object. The loader, a thread of moe's own task, gets those that
 * tell the label of the gate: it sends capabilities from the own task, and these cannot be known in
 * another way.
 */
unsigned moe_reply_rights(void);

/* --- console.c --- */
/* A line on the kernel log, with moe's prefix; a newline is added. Keeps the message registers. */
void moe_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Bytes to the kernel log as they are. Keeps the message registers. */
void moe_write(const char *bytes, size_t count);
/* Print and stop the system: moe cannot start. */
void moe_fatal(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* --- slots.c --- */
l4_cap_idx_t slot_alloc(void);
void slot_free(l4_cap_idx_t slot);

/* --- memory.c --- */
/* Take the KIP and all RAM from sigma0. */
void memory_init(void);
/* Have [start, end) mapped, in pieces as large as possible. */
void memory_claim(uint64_t start, uint64_t end);
/* Take the memory away from all programs; start and bytes page-aligned. Keeps message registers. */
void memory_revoke(uint64_t start, uint64_t bytes);

#endif
