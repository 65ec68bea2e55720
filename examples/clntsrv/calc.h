/* SPDX-License-Identifier: MIT */
/* The protocol of client and server: an operation, then its arguments, as 32-bit numbers. */
#ifndef EXAMPLES_CLNTSRV_CALC_H
#define EXAMPLES_CLNTSRV_CALC_H

enum { CALC_PROTOCOL = 0 };
enum { CALC_SUB, CALC_NEG };

#endif
