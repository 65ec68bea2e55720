/* SPDX-License-Identifier: MIT */
/* Random numbers: a ChaCha20 generator that forgets each key once it was used. */
#include "backend/calls.h"
#include "backend/clock.h"
#include "backend/random.h"
#include "backend/thread.h"

#include <cpuid.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>

enum { KEY_WORDS = 8, BLOCK_BYTES = 64, TRIES = 16, LOADER_BYTES = 16 };

/* With LOCK_MEMORY. */
static uint32_t state_key[KEY_WORDS];
static bool seeded;

static uint32_t rotate(uint32_t value, unsigned by)
{
	return value << by | value >> (32 - by);
}

static void quarter_round(uint32_t *x, unsigned a, unsigned b, unsigned c, unsigned d)
{
	x[a] += x[b];
	x[d] = rotate(x[d] ^ x[a], 16);
	x[c] += x[d];
	x[b] = rotate(x[b] ^ x[c], 12);
	x[a] += x[b];
	x[d] = rotate(x[d] ^ x[a], 8);
	x[c] += x[d];
	x[b] = rotate(x[b] ^ x[c], 7);
}

void chacha20_block(const uint32_t key[8], uint32_t counter, const uint32_t nonce[3],
		    uint8_t out[64])
{
	uint32_t start[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 }, x[16];

	memcpy(start + 4, key, KEY_WORDS * sizeof(*key));
	start[12] = counter;
	memcpy(start + 13, nonce, 3 * sizeof(*nonce));
	memcpy(x, start, sizeof(x));
	for (unsigned round = 0; round < 10; round++) {
		for (unsigned i = 0; i < 4; i++)
			quarter_round(x, i, 4 + i, 8 + i, 12 + i);
		for (unsigned i = 0; i < 4; i++)
			quarter_round(x, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
	}
	for (unsigned i = 0; i < 16; i++)
		x[i] += start[i];
	memcpy(out, x, sizeof(x));
}

static bool has_rdrand(void)
{
	unsigned a, b, c, d;

	return __get_cpuid(1, &a, &b, &c, &d) && c & bit_RDRND;
}

static bool has_rdseed(void)
{
	unsigned a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && b & bit_RDSEED;
}

static uint64_t from_processor(bool seed)
{
	unsigned char good;
	uint64_t value;

	for (unsigned i = 0; i < TRIES; i++) {
		if (seed)
			__asm__ volatile("rdseed %0; setc %1" : "=r"(value), "=q"(good));
		else
			__asm__ volatile("rdrand %0; setc %1" : "=r"(value), "=q"(good));
		if (good)
			return value;
	}
	return 0;
}

static void mix(uint64_t value)
{
	static const uint32_t nonce[3];
	uint8_t block[BLOCK_BYTES];

	state_key[0] ^= (uint32_t)value;
	state_key[1] ^= (uint32_t)(value >> 32);
	chacha20_block(state_key, 0, nonce, block);
	memcpy(state_key, block, sizeof(state_key));
}

static void seed(void)
{
	const uint64_t *loader = (const uint64_t *)getauxval(AT_RANDOM);
	bool rdrand = has_rdrand(), rdseed = has_rdseed();

	for (unsigned i = 0; i < KEY_WORDS; i++) {
		mix(__builtin_ia32_rdtsc());
		if (rdrand)
			mix(from_processor(false));
		if (rdseed)
			mix(from_processor(true));
	}
	mix(clock_realtime_ns());
	for (unsigned i = 0; loader && i < LOADER_BYTES / sizeof(*loader); i++)
		mix(loader[i]);
	seeded = true;
}

/* A key for one request; the state goes on in a way that does not lead back. */
static void key_take(uint32_t *key)
{
	static const uint32_t nonce[3];
	uint8_t block[BLOCK_BYTES];

	lock_take(LOCK_MEMORY);
	if (!seeded)
		seed();
	chacha20_block(state_key, 0, nonce, block);
	memcpy(state_key, block, sizeof(state_key));
	memcpy(key, block + sizeof(state_key), sizeof(state_key));
	lock_free(LOCK_MEMORY);
}

void random_fill(void *data, size_t bytes)
{
	uint32_t key[KEY_WORDS], nonce[3] = { 0 };
	uint8_t block[BLOCK_BYTES], *to = data;
	uint64_t counter = 0;

	key_take(key);
	while (bytes) {
		size_t part = bytes < BLOCK_BYTES ? bytes : BLOCK_BYTES;

		nonce[0] = (uint32_t)(counter >> 32);
		chacha20_block(key, (uint32_t)counter++, nonce, block);
		memcpy(to, block, part);
		to += part;
		bytes -= part;
	}
}

long backend_getrandom(long data, long bytes, long flags)
{
	if (flags & ~(long)(GRND_NONBLOCK | GRND_RANDOM))
		return -EINVAL;
	random_fill((void *)data, (size_t)bytes);
	return bytes;
}
