/* SPDX-License-Identifier: MIT */
/* What the processor does without Linux, but not always without what is below Linux. */
#include <string.h>
#include <sys/io.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rows.h"

enum { COPY_BYTES = 1 << 20, PORT = 0x80 };

static char *buffers;

static void loop(void)
{
	unsigned long count = 1000;

	__asm__ volatile("0: dec %0\n jnz 0b" : "+r"(count) : : "cc");
}

static int prepare_copy(void)
{
	buffers =
	    mmap(NULL, 2 * COPY_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(buffers == MAP_FAILED ? -1 : 0, "buffers");
	memset(buffers, 1, 2 * COPY_BYTES);
	return 1;
}

static void copy(void)
{
	memcpy(buffers + COPY_BYTES, buffers, COPY_BYTES);
	__asm__ volatile("" : : : "memory");
}

static void free_copy(void)
{
	munmap(buffers, 2 * COPY_BYTES);
}

static void read_counter(void)
{
	__asm__ volatile("rdtsc" : : : "eax", "edx", "memory");
}

static void identify(void)
{
	unsigned leaf = 0, subleaf = 0;

	__asm__ volatile("cpuid" : "+a"(leaf), "+c"(subleaf) : : "ebx", "edx");
}

static void write_port(void)
{
	outb(0, PORT);
}

static void forbid_port(void)
{
	must(ioperm(PORT, 1, 0), "ioperm");
}

/* The port of power-on messages, where writing does no harm. A guest may be refused all ports,
 * which a child finds out. */
static int allow_port(void)
{
	pid_t child;
	int status;

	if (ioperm(PORT, 1, 1) < 0)
		return 0;
	child = (pid_t)must(fork(), "fork");
	if (child == 0) {
		write_port();
		_exit(0);
	}
	must(waitpid(child, &status, 0), "waitpid");
	if (status)
		forbid_port(); /* it would make all that follows dearer */
	return status == 0;
}

const struct row processor_rows[] = {
	{ "cpu_loop_2000", 1000, loop, NULL, NULL },
	{ "memcpy_1m", 30, copy, prepare_copy, free_copy },
	{ "rdtsc", 1000, read_counter, NULL, NULL },
	{ "cpuid", 1000, identify, NULL, NULL },
	{ "outb_0x80", 500, write_port, allow_port, forbid_port },
	{ NULL, 0, NULL, NULL, NULL },
};
