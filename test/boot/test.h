/* SPDX-License-Identifier: MIT */
/* Output and small helpers of the test kernel. */
#ifndef TEST_BOOT_TEST_H
#define TEST_BOOT_TEST_H

#include <stdbool.h>
#include <stdint.h>

#define PROGRAM_MAGIC 0x6d6172676f72705aULL

/* Entry point. @info: direct-map address. */
void test_main(const struct bootinfo *info);

/* One TAP line. */
void check(bool ok, const char *promise);

/* Formatted output: %u decimal, %x hexadecimal, both of 64 bits. */
void print(const char *format, ...);

/* TAP plan; end of the emulator: status 1 if all checks passed, else 3. */
_Noreturn void finish(void);

/* Whether the strings are equal; whether the first @size bytes differ. */
bool equal(const char *a, const char *b);
bool differ(const void *a, const void *b, unsigned size);

/* Number after @name ("-ram=") on the command line, 0 without it. */
uint64_t option(const char *cmdline, const char *name);

uint64_t rdtsc(void);

#endif
