/* SPDX-License-Identifier: MIT */
/* Sorting, searching, options, patterns, formatting by va_list, names, several pieces at once. */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <iconv.h>
#include <langinfo.h>
#include <locale.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <search.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#define TMP	   "/tmp"
#define SAME(a, b) (!strcmp(a, b))

static char buffer[200];

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static int compare_with(const void *a, const void *b, void *sign)
{
	return *(int *)sign * compare(a, b);
}

static void test_sort(void)
{
	int values[] = { 5, 3, 9, 1 }, key = 9, sign = -1;
	size_t count = 4;

	qsort(values, 4, sizeof(int), compare);
	check(values[0] == 1 && values[3] == 9, "qsort");
	check(bsearch(&key, values, 4, sizeof(int), compare) == values + 3, "bsearch");
	qsort_r(values, 4, sizeof(int), compare_with, &sign);
	check(values[0] == 9, "qsort_r");
	check(lfind(&key, values, &count, sizeof(int), compare) == values, "lfind");
}

static long visited;

static void visit(const void *node, VISIT order, int depth)
{
	(void)depth;
	if (order == postorder || order == leaf)
		visited = visited * 10 + **(const int *const *)node;
}

static void drop(void *key)
{
	visited += *(int *)key;
}

static void test_tree(void)
{
	int values[] = { 4, 2, 6, 1 };
	void *tree = NULL;

	for (int i = 0; i < 4; i++)
		tsearch(&values[i], &tree, compare);
	check(tfind(&values[2], &tree, compare) != NULL, "tsearch, tfind");
	twalk(tree, visit);
	check_is(visited, 1246, "twalk goes in order");
	check(tdelete(&values[0], &tree, compare) && !tfind(&values[0], &tree, compare), "tdelete");
	visited = 0;
	tdestroy(tree, drop);
	check_is(visited, 9, "tdestroy frees the rest");
}

static void test_table(void)
{
	struct hsearch_data table = { 0 };
	ENTRY entry = { "key", buffer }, *found = NULL;

	check(hcreate_r(10, &table) && hsearch_r(entry, ENTER, &found, &table), "hcreate_r");
	check(hsearch_r((ENTRY){ "key", NULL }, FIND, &found, &table) && found->data == buffer,
	      "hsearch_r");
	hdestroy_r(&table);
}

static void test_numbers(void)
{
	unsigned seed = 7, first = (unsigned)rand_r(&seed);
	unsigned short state[3] = { 1, 2, 3 };

	check(abs(-3) == 3 && labs(-4) == 4 && llabs(-5) == 5, "abs");
	check(div(7, 2).quot == 3 && ldiv(-7, 2).rem == -1 && lldiv(9, 4).quot == 2, "div");
	check(atoi("12") == 12 && atol("-3") == -3 && atoll("4x") == 4 && atof("0.5") == 0.5,
	      "atoi");
	seed = 7;
	check_is(rand_r(&seed), first, "rand_r follows its seed");
	check(erand48(state) < 1 && nrand48(state) >= 0 && jrand48(state) != jrand48(state),
	      "erand48, nrand48, jrand48");
	srand48(5);
	check(drand48() < 1 && lrand48() >= 0 && mrand48() != mrand48(), "drand48");
	check(a64l("0") == 2 && SAME(l64a(2), "0"), "a64l, l64a");
}

static void test_memory(void)
{
	char *a = aligned_alloc(256, 512), *b = memalign(4096, 10), *c = reallocarray(NULL, 7, 9);

	check(a && !((uintptr_t)a & 255) && b && !((uintptr_t)b & 4095), "aligned memory");
	check(c && malloc_usable_size(c) >= 63, "reallocarray");
	check(!reallocarray(c, ~0UL / 2, 4) && errno == ENOMEM, "finds an overflow");
	free(a), free(b), free(c);
}

static void test_options(void)
{
	static const struct option known[] = { { "size", required_argument, NULL, 's' }, { 0 } };
	char *const arguments[] = { "test", "-a", "--size=5", "rest", NULL };
	char *const names[] = { "one", "two", NULL };
	char text[] = "two=2", *at = text, *value;

	check(getopt_long(4, arguments, "a", known, NULL) == 'a', "getopt_long: short");
	check(getopt_long(4, arguments, "a", known, NULL) == 's' && SAME(optarg, "5"), "and long");
	check(getopt_long(4, arguments, "a", known, NULL) == -1 && optind == 3, "and the end");
	check(getsubopt(&at, names, &value) == 1 && SAME(value, "2"), "getsubopt");
}

/* Each of them with the same arguments. */
static int format(int which, FILE *stream, int file, const char *pattern, ...)
{
	char *text = NULL;
	int result = -1;
	va_list ap;

	va_start(ap, pattern);
	if (which == 0)
		result = vsnprintf(buffer, 4, pattern, ap);
	else if (which == 1)
		result = vsprintf(buffer, pattern, ap);
	else if (which == 2)
		result = vasprintf(&text, pattern, ap);
	else if (which == 3)
		result = vfprintf(stream, pattern, ap);
	else
		result = vdprintf(file, pattern, ap);
	va_end(ap);
	free(text);
	return result;
}

static int scan(const char *text, FILE *stream, const char *pattern, ...)
{
	va_list ap;
	int result;

	va_start(ap, pattern);
	result = stream ? vfscanf(stream, pattern, ap) : vsscanf(text, pattern, ap);
	va_end(ap);
	return result;
}

static void test_lists(void)
{
	FILE *stream = tmpfile();
	int wrong = 0, value = 0;

	for (int which = 0; which < 5; which++)
		wrong += format(which, stream, fileno(stream), "%d %s", 42, "x") != 4;
	check_is(wrong, 0, "the printf family with va_list");
	rewind(stream);
	check(scan(NULL, stream, "%d", &value) == 1 && value == 42, "vfscanf");
	check(scan("7", NULL, "%d", &value) == 1 && value == 7, "vsscanf");
	fclose(stream);
}

static void test_unlocked(void)
{
	FILE *stream = tmpfile();
	char *line = NULL;
	size_t bytes = 0;

	check(!ftrylockfile(stream), "ftrylockfile");
	check(fputc_unlocked('a', stream) == 'a' && putc_unlocked('b', stream) == 'b' &&
		  fwrite_unlocked("c;d", 1, 3, stream) == 3 && __fpending(stream) == 5,
	      "unlocked output");
	check(!fflush_unlocked(stream) && !fseek(stream, 0, SEEK_SET), "fflush_unlocked");
	check(getc_unlocked(stream) == 'a' && fread_unlocked(buffer, 1, 1, stream) == 1 &&
		  getdelim(&line, &bytes, ';', stream) == 2 && SAME(line, "c;"),
	      "unlocked input, getdelim");
	check(!feof_unlocked(stream) && !ferror_unlocked(stream) && fileno_unlocked(stream) >= 0,
	      "and states");
	funlockfile(stream);
	check(__freadable(stream) && __fwritable(stream) && !__flbf(stream) && __fbufsize(stream),
	      "what a stream can");
	free(line);
	fclose(stream);
}

static void test_pieces(void)
{
	struct iovec out[2] = { { "ab", 2 }, { "cd", 2 } },
		     in[2] = { { buffer, 1 }, { buffer + 8, 3 } };
	int file = open(TMP, O_RDWR | O_TMPFILE, 0600);

	check(file < 0, "a file without a name cannot be made with open");
	strcpy(buffer, TMP "/pXXXXXX");
	file = mkostemp(buffer, O_APPEND);
	unlink(buffer);
	check(file >= 0 && writev(file, out, 2) == 4 && pwritev(file, out, 2, 4) == 4, "writev");
	check(preadv(file, in, 2, 1) == 4 && buffer[0] == 'b' && !memcmp(buffer + 8, "cda", 3),
	      "preadv");
	check(!fsync(file) && !fdatasync(file), "fsync, fdatasync");
	check(dup3(file, 90, O_CLOEXEC) == 90 && fcntl(90, F_GETFD) == FD_CLOEXEC, "dup3");
	check(!lockf(file, F_LOCK, 1) && !lockf(file, F_TEST, 1), "lockf");
	close(file), close(90);
	file = creat(TMP "/created", 0600);
	check(file >= 0 && !lstat(TMP "/created", &(struct stat){ 0 }) &&
		  !faccessat(AT_FDCWD, TMP "/created", R_OK, 0),
	      "creat, lstat, faccessat");
	check(!utimes(TMP "/created", NULL) && !unlink(TMP "/created"), "utimes");
	close(file);
}

static void test_waiting(void)
{
	struct timespec soon = { .tv_nsec = 1000000 };
	struct pollfd none = { .fd = -1 };
	int counter = eventfd(0, 0);
	eventfd_t value = 5;
	fd_set in;

	FD_ZERO(&in);
	check(!ppoll(&none, 1, &soon, NULL) && !pselect(0, &in, NULL, NULL, &soon, NULL),
	      "ppoll, pselect end at their time limit");
	check(!eventfd_write(counter, 3) && !eventfd_read(counter, &value) && value == 3,
	      "eventfd_write, eventfd_read");
	close(counter);
}

static void test_names(void)
{
	struct utsname name;

	check(!uname(&name) && SAME(name.machine, "x86_64"), "uname");
	check(!gethostname(buffer, sizeof(buffer)) && SAME(buffer, name.nodename), "gethostname");
	check(getppid() == 0 && geteuid() == 0 && getgid() == 0 && getegid() == 0,
	      "one user, root");
	check(!secure_getenv("NOT_THERE") && SAME(nl_langinfo(CODESET), "ASCII") &&
		  SAME(localeconv()->decimal_point, "."),
	      "secure_getenv, nl_langinfo, localeconv");
	check(!pathconf(TMP, _PC_PIPE_BUF) == 0, "pathconf");
}

static void test_iconv(void)
{
	iconv_t way = iconv_open("UTF-8", "ISO-8859-1");
	char text[] = "\xe4", *in = text, *out = buffer;
	size_t in_left = 1, out_left = sizeof(buffer);

	check(way != (iconv_t)-1 && !iconv(way, &in, &in_left, &out, &out_left) &&
		  !memcmp(buffer, "\xc3\xa4", 2),
	      "iconv");
	iconv_close(way);
}

static void test_time(void)
{
	struct tm tm = { 0 };

	check(strptime("2024-02-29 12:30:00", "%Y-%m-%d %H:%M:%S", &tm) && tm.tm_mday == 29,
	      "strptime");
	check_is(timegm(&tm), 1709209800, "timegm");
	check(asctime_r(&tm, buffer) == buffer && strstr(buffer, "Feb 29 12:30:00 2024"),
	      "asctime_r");
}

static int same_thread(void *argument)
{
	return thrd_equal(*(thrd_t *)argument, thrd_current());
}

static void test_threads(void)
{
	struct sched_param parameters;
	thrd_t thread, other = thrd_current();
	int policy = -1, result = 1;
	tss_t key;

	check(thrd_create(&thread, same_thread, &other) == thrd_success &&
		  thrd_join(thread, &result) == thrd_success && !result,
	      "thrd_current, thrd_equal");
	thrd_yield();
	check(tss_create(&key, NULL) == thrd_success && tss_set(key, &key) == thrd_success &&
		  tss_get(key) == &key,
	      "tss_create, tss_set, tss_get");
	tss_delete(key);
	check(!pthread_getschedparam(pthread_self(), &policy, &parameters) && policy == SCHED_OTHER,
	      "pthread_getschedparam");
	check(!pthread_setschedparam(pthread_self(), SCHED_RR,
				     &(struct sched_param){ .sched_priority = 1 }) &&
		  !pthread_setschedparam(pthread_self(), SCHED_OTHER, &parameters),
	      "pthread_setschedparam");
}

static void test_signal_wait(void)
{
	sigset_t set;
	int got = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR2);
	check(!sigwait(&set, &got) && got == SIGUSR2, "sigwait");
}

void check_main(void)
{
	test_sort();
	test_tree();
	test_table();
	test_numbers();
	test_memory();
	test_options();
	test_lists();
	test_unlocked();
	test_pieces();
	test_waiting();
	test_names();
	test_iconv();
	test_time();
	test_threads();
	test_signal_wait();
}
