/* SPDX-License-Identifier: MIT */
/* Tests of user programs in a Linux guest: promises, each checked in a process of its own. */
#ifndef TEST_GUEST_USER_USER_H
#define TEST_GUEST_USER_USER_H

#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* Run the test in a child, in which signals are as in a new program, and print a line: ok, or not
 * ok if it returns false or ends in any other way. An alarm ends a test that hangs. */
void promise(const char *text, bool (*test)(void));
/* Say that a promise cannot be checked here, and why. */
void skip(const char *text, const char *why);
/* Number of promises that were not kept. */
int broken(void);

/* What the last signal of `faults` told. */
struct fault {
	volatile int signal, code;
	void *volatile address;
};
extern struct fault fault;

/* Catch all signals that exceptions make. Then `faults(STATEMENT)` executes the statement and says
 * if it ended with one. */
void fault_catch(void);
extern sigjmp_buf fault_jump;
#define faults(statement)                                   \
	({                                                  \
		bool fault_came = sigsetjmp(fault_jump, 1); \
		if (!fault_came)                            \
			statement;                          \
		fault_came;                                 \
	})

/* Fill memory and look if it stays so: once, or until SIGTERM. False: it did not, or there is none.
 */
bool memory_hold(unsigned mebibytes, bool until_told);

/* The groups of tests. */
void test_faults(void);
void test_ports(void);
void test_fpu(void);
void test_seccomp(void);
void test_time(void);
void test_trace(void);
void test_segments(void);
void test_tables(void);
void test_watch(void);
void test_memory(void);
void test_returns(void);

#endif
