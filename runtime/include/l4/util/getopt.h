/* SPDX-License-Identifier: MIT */
/* Options of command lines: those of the C library. */
#ifndef L4_UTIL_GETOPT_H
#define L4_UTIL_GETOPT_H

#include <getopt.h>

#endif
