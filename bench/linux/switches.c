/* SPDX-License-Identifier: MIT */
/*
 * Going back and forth between two processes or threads, on one CPU. All have the same real-time
 * priority: a wake-up then never preempts, a wait always switches, and each round is the same.
 */
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rows.h"

enum turn { TURN_FIRST, TURN_SECOND, TURN_END };

/* What a process reads from and writes to. */
struct ends {
	int in, out;
};

static struct ends own;
static pid_t partner;
static pthread_t second;
static unsigned turn; /* enum turn, a futex */
static int with_vectors;

static void set_policy(int policy, int priority)
{
	struct sched_param p = { .sched_priority = priority };

	must(syscall(SYS_sched_setscheduler, 0, policy, &p), "sched_setscheduler");
}

/* Something in the vector registers, to be saved at each switch. */
static void use_vectors(void)
{
	__asm__ volatile("pcmpeqd %%xmm0, %%xmm0\n movaps %%xmm0, %%xmm1\n paddd %%xmm0, %%xmm1\n"
			 "cvtsi2sd %0, %%xmm2\n sqrtsd %%xmm2, %%xmm3"
			 :
			 : "r"(12345L)
			 : "xmm0", "xmm1", "xmm2", "xmm3");
}

static void echo(struct ends other)
{
	char byte;

	while (read(other.in, &byte, 1) == 1) {
		if (with_vectors)
			use_vectors();
		if (write(other.out, &byte, 1) != 1)
			break;
	}
	_exit(0);
}

static void start_partner(struct ends other)
{
	set_policy(SCHED_FIFO, 1);
	partner = (pid_t)must(fork(), "fork");
	if (partner == 0) {
		close(own.in);
		close(own.out);
		echo(other);
	}
	close(other.in);
	if (other.out != other.in)
		close(other.out);
}

static int start_pipes(void)
{
	int there[2], back[2];

	must(pipe(there), "pipe");
	must(pipe(back), "pipe");
	own = (struct ends){ back[0], there[1] };
	start_partner((struct ends){ there[0], back[1] });
	return 1;
}

static int start_pipes_vectors(void)
{
	with_vectors = 1;
	start_pipes();
	return 1;
}

static int start_sockets(void)
{
	int pair[2];

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
	own = (struct ends){ pair[0], (int)must(dup(pair[0]), "dup") };
	start_partner((struct ends){ pair[1], pair[1] });
	return 1;
}

static int open_pipe(void)
{
	int ends[2];

	must(pipe(ends), "pipe");
	own = (struct ends){ ends[0], ends[1] };
	return 1;
}

static void close_ends(void)
{
	close(own.in);
	close(own.out);
}

static void end_partner(void)
{
	close_ends();
	must(waitpid(partner, NULL, 0), "waitpid");
	set_policy(SCHED_OTHER, 0);
	with_vectors = 0;
}

static void there_and_back(void)
{
	char byte = 0;

	if (with_vectors)
		use_vectors();
	must(write(own.out, &byte, 1), "write");
	must(read(own.in, &byte, 1) == 1 ? 0 : -1, "read");
}

static void wait_while(unsigned whose)
{
	while (__atomic_load_n(&turn, __ATOMIC_SEQ_CST) == whose)
		syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, whose, NULL, NULL, 0);
}

static void give(unsigned whose)
{
	__atomic_store_n(&turn, whose, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void *second_thread(void *argument)
{
	for (;;) {
		wait_while(TURN_FIRST);
		if (turn == TURN_END)
			return argument;
		give(TURN_FIRST);
	}
}

static int start_second(void)
{
	turn = TURN_FIRST;
	set_policy(SCHED_FIFO, 1);
	must(-pthread_create(&second, NULL, second_thread, NULL), "pthread_create");
	return 1;
}

static void end_second(void)
{
	give(TURN_END);
	pthread_join(second, NULL);
	set_policy(SCHED_OTHER, 0);
}

static void futex_round(void)
{
	give(TURN_SECOND);
	wait_while(TURN_SECOND);
}

static int start_yielding(void)
{
	set_policy(SCHED_FIFO, 1);
	partner = (pid_t)must(fork(), "fork");
	while (partner == 0)
		sched_yield();
	return 1;
}

static void end_yielding(void)
{
	kill(partner, SIGKILL);
	must(waitpid(partner, NULL, 0), "waitpid");
	set_policy(SCHED_OTHER, 0);
}

static void yield(void)
{
	sched_yield();
}

const struct row switch_rows[] = {
	{ "pipe_self", 1000, there_and_back, open_pipe, close_ends },
	{ "pipe_pingpong", 1000, there_and_back, start_pipes, end_partner },
	{ "pipe_pingpong_fpu", 1000, there_and_back, start_pipes_vectors, end_partner },
	{ "unix_pingpong", 1000, there_and_back, start_sockets, end_partner },
	{ "futex_pingpong", 1000, futex_round, start_second, end_second },
	{ "yield_roundtrip", 1000, yield, start_yielding, end_yielding },
	{ NULL, 0, NULL, NULL, NULL },
};
