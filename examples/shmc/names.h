/* SPDX-License-Identifier: MIT */
/* What both programs call the same. */
#ifndef EXAMPLES_SHMC_NAMES_H
#define EXAMPLES_SHMC_NAMES_H

#define AREA	     "testshm"
#define CHUNK	     "one"
#define SIGNAL_READY "ready"
#define SIGNAL_DONE  "done"
#define RING	     "ring"

enum { ROUNDS = 5, PACKETS = 20, PATIENCE_MS = 10000 };

#endif
