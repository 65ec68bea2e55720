/* SPDX-License-Identifier: MIT */
/* Rows of the benchmark of a Linux: what is measured, and what it needs before and after. */
#ifndef BENCH_LINUX_ROWS_H
#define BENCH_LINUX_ROWS_H

#include <stddef.h>

enum { PAGE_BYTES = 4096, SAMPLES_MAX = 2000 };

struct row {
	const char *name;
	unsigned samples; /* up to SAMPLES_MAX; a tenth as many come first and are not kept */
	void (*operation)(void);
	int (*before)(void); /* or NULL; not measured. 0: the row is not possible here */
	void (*after)(void); /* or NULL */
};

/* Rows of a file; a name of NULL ends them. */
extern const struct row processor_rows[], call_rows[], signal_rows[], memory_rows[], process_rows[],
    switch_rows[], file_rows[];

/* End the program, with a message, if the result of a system call is negative. Returns it. */
long must(long result, const char *what);

#endif
