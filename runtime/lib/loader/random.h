/* SPDX-License-Identifier: MIT */
/* Random bytes for a new program: the seed of its stack protector. */
#ifndef LOADER_RANDOM_H
#define LOADER_RANDOM_H

#include <stddef.h>

/*
 * Fill the buffer from the processor's generator (RDRAND), or, on processors without one, from the
 * time stamp counter: then the bytes differ from program to program but can be guessed.
 */
void loader_random(unsigned char *buffer, size_t bytes);

#endif
