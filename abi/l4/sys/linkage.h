/* SPDX-License-Identifier: MIT */
/* Calling-convention markers of the L4 C interface: amd64 has one convention, so they are empty. */
#ifndef L4_SYS_LINKAGE_H
#define L4_SYS_LINKAGE_H

#define L4_CV
#define L4_FASTCALL(x) x
#define l4_fastcall

#endif
