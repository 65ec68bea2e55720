/* SPDX-License-Identifier: MIT */
/*
 * The suite's test driver. The suite runs each test in a child process and looks at how it ends;
 * here each is a program of its own, whose exit code tells whoever started it: 0 passed, 77
 * unsupported. A test that is to end with another status or with a signal must end so. A thread
 * limits the time; with the argument `--direct` there is none, so the test's threads are all.
 */
#include <errno.h>
#include <error.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <support/check.h>
#include <support/support.h>
#include <support/temp_file.h>
#include <support/test-driver.h>

enum { STATUS_LATE = 124, FACTOR_OF_SLOW_MACHINE = 2, SIGNAL_STATUS = 128 };

const char *test_dir = "/tmp";
unsigned int test_verbose;
static int failed;
static int expected_status;

void support_record_failure(void)
{
	__atomic_store_n(&failed, 1, __ATOMIC_SEQ_CST);
}

int support_record_failure_is_failed(void)
{
	return __atomic_load_n(&failed, __ATOMIC_SEQ_CST);
}

void *support_shared_allocate(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_SHARED, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

void support_shared_free(void *memory)
{
	(void)memory;
}

/* Times of files have 64 bits for the seconds. */
bool support_path_support_time64_value(const char *path, int64_t access, int64_t modification)
{
	(void)path, (void)access, (void)modification;
	return true;
}

void error(int status, int error_number, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	printf(error_number ? ": %s\n" : "\n", strerror(error_number));
	if (status)
		exit(status);
}

static void *watch(void *seconds)
{
	struct timespec rest = { .tv_sec = (long)seconds };

	while (nanosleep(&rest, &rest) && errno == EINTR)
		;
	write(1, "too slow\n", 9);
	_exit(STATUS_LATE);
}

/* The watcher takes no signals: they are the test's. */
static void start_watcher(long seconds)
{
	sigset_t all, before;
	pthread_t thread;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&thread, NULL, watch, (void *)seconds))
		_exit(1);
	pthread_detach(thread);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static int result_of(int status)
{
	if (failed)
		return 1;
	if (status == expected_status)
		return 0;
	return status ? status : 1;
}

/* Whoever ends with exit() has a result too, which stdio must still print. */
int support_report_failure(int status)
{
	return failed && !status ? 1 : status;
}

int support_test_main(int argc, char **argv, const struct test_config *config)
{
	long seconds = config->timeout ? config->timeout : DEFAULT_TIMEOUT;
	bool direct = argc > 1 && !strcmp(argv[1], "--direct");
	int status;

	expected_status = config->expected_status;
	if (!config->no_setvbuf)
		setvbuf(stdout, NULL, _IONBF, 0);
	if (!direct)
		start_watcher(seconds * FACTOR_OF_SLOW_MACHINE);
	if (config->prepare_function)
		config->prepare_function(argc, argv);
	status = config->test_function ? config->test_function()
				       : config->test_function_argv(argc, argv);
	if (config->expected_signal)
		status = 1; /* it should not have come back */
	exit(result_of(status));
}
