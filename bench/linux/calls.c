/* SPDX-License-Identifier: MIT */
/* Short system calls, and the clock, with and without one. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "rows.h"

static int file;
static char byte;
static struct timespec time_spec;
static struct timeval time_value;
static struct stat attributes;

static void get_pid(void)
{
	syscall(SYS_getpid);
}

static int open_zero(void)
{
	file = (int)must(open("/dev/zero", O_RDONLY), "/dev/zero");
	return 1;
}

static int open_null(void)
{
	file = (int)must(open("/dev/null", O_WRONLY), "/dev/null");
	return 1;
}

static void close_file(void)
{
	close(file);
}

static void read_byte(void)
{
	must(read(file, &byte, 1), "read");
}

static void write_byte(void)
{
	must(write(file, &byte, 1), "write");
}

static void clock_library(void)
{
	clock_gettime(CLOCK_MONOTONIC, &time_spec);
}

static void clock_call(void)
{
	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &time_spec);
}

static void day_library(void)
{
	gettimeofday(&time_value, NULL);
}

static void day_call(void)
{
	syscall(SYS_gettimeofday, &time_value, NULL);
}

static void stat_folder(void)
{
	must(stat("/tmp", &attributes), "stat");
}

static void open_close(void)
{
	close(open("/dev/null", O_RDONLY));
}

const struct row call_rows[] = {
	{ "getpid", 2000, get_pid, NULL, NULL },
	{ "read_zero_1", 2000, read_byte, open_zero, close_file },
	{ "write_null_1", 2000, write_byte, open_null, close_file },
	{ "clock_vdso", 2000, clock_library, NULL, NULL },
	{ "clock_syscall", 2000, clock_call, NULL, NULL },
	{ "gtod_vdso", 2000, day_library, NULL, NULL },
	{ "gtod_syscall", 2000, day_call, NULL, NULL },
	{ "stat", 1000, stat_folder, NULL, NULL },
	{ "open_close", 1000, open_close, NULL, NULL },
	{ NULL, 0, NULL, NULL, NULL },
};
