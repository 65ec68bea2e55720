/* SPDX-License-Identifier: MIT */
/* Lines to the kernel log, for programs without a C library. */
#ifndef PRINT_H
#define PRINT_H

/* printf of one line (without its newline) of at most 120 bytes: %s, %lu, %lx, %%. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
