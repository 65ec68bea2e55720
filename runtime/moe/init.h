/* SPDX-License-Identifier: MIT */
/* The init program: the first one that is not moe. */
#ifndef MOE_INIT_H
#define MOE_INIT_H

#include "options.h"

/*
 * Prepare its capabilities and start the thread that loads it. That is a client of moe, so the rest
 * happens when the server loop runs.
 */
void init_start(const struct options *options);

#endif
