/* SPDX-License-Identifier: MIT */
/* What tests of servers do as clients. */
#ifndef TEST_SERVERS_CLIENT_H
#define TEST_SERVERS_CLIENT_H

#include <stdbool.h>
#include <l4/sys/types.h>

/* The capability of that name; the program ends without it. */
l4_cap_idx_t client_cap(const char *name);

/* A new slot with the same object and these rights (L4_CAP_FPAGE_*). */
l4_cap_idx_t client_weaker(l4_cap_idx_t cap, unsigned rights);

/*
 * Create an object of a protocol at a factory, with the strings up to a NULL as arguments. *cap is
 * a new slot. Returns the label of the answer.
 */
long client_create(l4_cap_idx_t factory, long protocol, l4_cap_idx_t *cap, ...);

/* Empty the slot and give it back. */
void client_release(l4_cap_idx_t cap);

/* A new interrupt object of the calling thread, bound to pin 0 of an object. */
l4_cap_idx_t client_bind_irq(l4_cap_idx_t icu);

/* True if the interrupt comes, within 20 seconds or (soon) within 20 ms. */
bool client_irq_comes(l4_cap_idx_t irq);
bool client_irq_comes_soon(l4_cap_idx_t irq);

/* Write a text, in as many messages as it takes. False if one failed. */
bool client_write(l4_cap_idx_t vcon, const char *text);

/* Send a message of these words to an object and return the label of the answer. */
long client_send(l4_cap_idx_t cap, long protocol, unsigned words, unsigned long word0,
		 unsigned long word1);

/* End the machine, if the capability `icu` allows it, else the program, with this code. */
void client_end(int code) __attribute__((noreturn));

#endif
