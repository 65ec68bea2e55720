/* SPDX-License-Identifier: MIT */
/* Included first everywhere by the build: no symbol is reached through a global offset table. */
#pragma GCC visibility push(hidden)
