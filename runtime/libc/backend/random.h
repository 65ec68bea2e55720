/* SPDX-License-Identifier: MIT */
/* Random numbers for the program. */
#ifndef BACKEND_RANDOM_H
#define BACKEND_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/*
 * Fill memory with random bytes: ChaCha20 (RFC 8439) with a key from the processor's generator,
 * that each request replaces. Where the processor has none, the key is only as good as the time of
 * day and what the loader passed. Any thread.
 */
void random_fill(void *data, size_t bytes);

/* The ChaCha20 block function: 64 bytes for a key, a block counter and a nonce. */
void chacha20_block(const uint32_t key[8], uint32_t counter, const uint32_t nonce[3],
		    uint8_t out[64]);

#endif
