/* SPDX-License-Identifier: MIT */
/*
 * sigma0, the root pager: owns all memory and I/O ports that the kernel does not use and hands
 * them to clients, once each. A client is known by the label of its gate: label >> 4 is its
 * number, the two low bits are the W and S rights of the capability that it used.
 * Protocol: ABI description, section 12. One thread, so nothing here locks.
 */
#ifndef SIGMA0_H
#define SIGMA0_H

#include <l4/sys/types.h>

/* Send item of a reply: control word (hot spot, cache type) and flexpage. */
struct item {
	l4_umword_t control;
	l4_fpage_t page;
};

/* --- memory.c --- */
/* Read the memory descriptors; kip = physical (= virtual) address of the kernel info page. */
void memory_init(const void *kip);
/*
 * RAM at the address of want (bytes, in place) of its order; any RAM of its order; device memory
 * with the cache type (l4_fpage_cacheability_opt_t); the kernel info page. All return 0 and the
 * item, or -L4_EINVAL (no memory flexpage, order below 12, not aligned), or -L4_ENOMEM (owned by
 * another client, not of that kind, none left).
 */
int memory_ram(l4_umword_t client, l4_fpage_t want, struct item *item);
int memory_any_ram(l4_umword_t client, l4_fpage_t want, struct item *item);
int memory_device(l4_fpage_t want, unsigned char cache, struct item *item);
int memory_kip(struct item *item);
/* The page of a fault (word 0 of a page-fault message). 0 and the item, or -L4_ENOMEM. */
int memory_fault(l4_umword_t client, l4_umword_t fault, struct item *item);
/* Print all ranges. */
void memory_dump(void);

/* --- ports.c --- */
void ports_init(void);
/* The ports of an I/O flexpage. 0 and the item, -L4_EINVAL (no I/O flexpage), -L4_ENOMEM. */
int ports_claim(l4_umword_t client, l4_fpage_t want, struct item *item);
void ports_dump(void);

/* --- clients.c --- */
/* Make a gate for a new client. 0 and the item, -L4_ENOMEM (no numbers left, no memory). */
int client_create(struct item *item);

/* --- log.c: %s, %u and %x of unsigned long, to the kernel log --- */
void log_printf(const char *format, ...);

#endif
