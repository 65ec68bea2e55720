/* SPDX-License-Identifier: MIT */
/*
 * Loads for a guest with several processors, bounded in work: load KIND WORKERS ROUNDS. Each checks
 * its own results; exit status 0 only if all of them were right.
 */
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORKERS_MAX = 16, PAGE = 4096, PAGES = 16, STATUS = 42 };

static unsigned workers, rounds;

static void die(const char *what)
{
	perror(what);
	_exit(1);
}

/* --- Processes --- */

static int wait_status(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		die("waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Run a function in so many processes; true if all of them are content. */
static bool in_processes(bool (*work)(unsigned worker))
{
	pid_t pids[WORKERS_MAX];
	bool good = true;

	for (unsigned i = 0; i < workers; i++) {
		pids[i] = fork();
		if (pids[i] < 0)
			die("fork");
		if (!pids[i])
			_exit(work(i) ? 0 : 1);
	}
	for (unsigned i = 0; i < workers; i++)
		good &= wait_status(pids[i]) == 0;
	return good;
}

/* Of memory that is shared until it is written to: the worker's word in each page. */
static unsigned memory[PAGES][PAGE / sizeof(unsigned)];

static void child_of_fork(unsigned worker, unsigned n)
{
	for (unsigned i = 0; i < PAGES; i++)
		memory[i][worker]++;
	_exit(memory[PAGES - 1][worker] == n + PAGES ? STATUS : 0);
}

/* A child changes its copy of memory, and only its copy; so does the parent meanwhile. */
static bool fork_once(unsigned worker, unsigned n)
{
	bool good;
	pid_t pid;

	for (unsigned i = 0; i < PAGES; i++)
		memory[i][worker] = n + i;
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid)
		child_of_fork(worker, n);
	for (unsigned i = 0; i < PAGES; i += 2)
		memory[i][worker] += 7;
	good = wait_status(pid) == STATUS;
	for (unsigned i = 0; i < PAGES; i++)
		good &= memory[i][worker] == n + i + (i % 2 ? 0 : 7);
	return good;
}

static bool fork_worker(unsigned worker)
{
	for (unsigned n = 0; n < rounds; n++)
		if (!fork_once(worker, n))
			return false;
	return true;
}

static bool exec_worker(unsigned worker)
{
	(void)worker;
	for (unsigned n = 0; n < rounds; n++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork");
		if (!pid) {
			execl("/proc/self/exe", "load", "nothing", "1", "1", NULL);
			_exit(1);
		}
		if (wait_status(pid) != STATUS)
			return false;
	}
	return true;
}

static void get(int from, unsigned *value)
{
	if (read(from, value, sizeof(*value)) != sizeof(*value))
		die("read");
}

static void put(int to, unsigned value)
{
	if (write(to, &value, sizeof(value)) != sizeof(value))
		die("write");
}

static void child_of_pipe(int from, int to)
{
	unsigned value;

	for (unsigned n = 0; n < rounds; n++) {
		get(from, &value);
		put(to, value + 1);
	}
	_exit(STATUS);
}

/* A number goes to and fro between two processes, and grows. */
static bool pipe_worker(unsigned worker)
{
	unsigned value = worker;
	int there[2], back[2];
	pid_t pid;

	if (pipe(there) || pipe(back))
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid)
		child_of_pipe(there[0], back[1]);
	for (unsigned n = 0; n < rounds; n++) {
		put(there[1], value);
		get(back[0], &value);
	}
	return wait_status(pid) == STATUS && value == worker + rounds;
}

/* --- Threads --- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static unsigned turn, sum, wrong;

/* Each in turn: every step wakes all of them. */
static void *futex_worker(void *arg)
{
	unsigned self = (unsigned)(unsigned long)arg;

	for (unsigned n = 0; n < rounds; n++) {
		pthread_mutex_lock(&mutex);
		while (turn != self)
			pthread_cond_wait(&changed, &mutex);
		turn = (self + 1) % workers;
		sum++;
		pthread_cond_broadcast(&changed);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

/* The word of a page that a thread writes in a round. */
static unsigned long *word(unsigned long *p, unsigned page)
{
	return p + page * PAGE / sizeof(*p);
}

static bool map_once(unsigned long mark)
{
	unsigned long *p =
	    mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool good = true;

	if (p == MAP_FAILED)
		die("mmap");
	for (unsigned i = 0; i < PAGES; i++) {
		good &= !*word(p, i);
		*word(p, i) = mark + i;
	}
	if (mprotect(p, PAGE, PROT_READ) || madvise(word(p, 1), PAGE, MADV_DONTNEED))
		die("mprotect");
	if (mark >> 8 & 1)
		sched_yield();
	for (unsigned i = 0; i < PAGES; i++)
		good &= *word(p, i) == (i == 1 ? 0 : mark + i);
	if (munmap(p, PAGES * PAGE))
		die("munmap");
	return good;
}

/* New memory is empty, keeps what is written, and is gone for all threads when it is given back. */
static void *map_worker(void *arg)
{
	for (unsigned n = 0; n < rounds; n++)
		if (!map_once((unsigned long)arg << 32 | n << 8))
			__atomic_fetch_add(&wrong, 1, __ATOMIC_RELAXED);
	return NULL;
}

static void in_threads(void *(*work)(void *))
{
	pthread_t threads[WORKERS_MAX];

	for (unsigned long i = 0; i < workers; i++)
		if (pthread_create(&threads[i], NULL, work, (void *)i))
			die("pthread_create");
	for (unsigned i = 0; i < workers; i++)
		pthread_join(threads[i], NULL);
}

/* Nothing but processor time. */
static bool spin_worker(unsigned worker)
{
	volatile unsigned value = worker;

	for (unsigned n = 0; n < rounds * 1000; n++)
		value = value * 3 + 1;
	return true;
}

static bool futex_load(void)
{
	in_threads(futex_worker);
	return sum == workers * rounds;
}

static bool map_load(void)
{
	in_threads(map_worker);
	return !wrong;
}

static bool load(const char *kind)
{
	if (!strcmp(kind, "fork"))
		return in_processes(fork_worker);
	if (!strcmp(kind, "exec"))
		return in_processes(exec_worker);
	if (!strcmp(kind, "pipe"))
		return in_processes(pipe_worker);
	if (!strcmp(kind, "spin"))
		return in_processes(spin_worker);
	if (!strcmp(kind, "futex"))
		return futex_load();
	if (!strcmp(kind, "map"))
		return map_load();
	return false;
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	if (!strcmp(argv[1], "nothing"))
		return STATUS;
	workers = (unsigned)atoi(argv[2]);
	rounds = (unsigned)atoi(argv[3]);
	if (workers > WORKERS_MAX)
		return 2;
	return load(argv[1]) ? 0 : 1;
}
