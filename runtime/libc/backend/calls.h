/* SPDX-License-Identifier: MIT */
/*
 * The system calls that the back end answers: BACKEND_CALLS(F) is F(name, number of arguments) for
 * each. Function backend_NAME takes and returns what the Linux call of that name does on x86-64;
 * errors are negative errno values. Everything else is -ENOSYS.
 */
#ifndef BACKEND_CALLS_H
#define BACKEND_CALLS_H

/* clang-format off */
#define BACKEND_CALLS(F) \
	F(read, 3) F(write, 3) F(close, 1) F(lseek, 3) F(ioctl, 3) F(readv, 3) F(writev, 3) \
	F(mmap, 6) F(mprotect, 3) F(munmap, 2) F(mremap, 5) F(madvise, 3) \
	F(clock_gettime, 2) F(clock_getres, 2) F(clock_nanosleep, 4) F(nanosleep, 2) \
	F(futex, 6) F(exit, 1) F(exit_group, 1) F(set_tid_address, 1) F(gettid, 0) F(tkill, 2) \
	F(sched_yield, 0) F(rt_sigaction, 4) F(rt_sigprocmask, 4) F(getpid, 0)
/* clang-format on */

#define BACKEND_PARAMETERS_0 void
#define BACKEND_PARAMETERS_1 long a
#define BACKEND_PARAMETERS_2 BACKEND_PARAMETERS_1, long b
#define BACKEND_PARAMETERS_3 BACKEND_PARAMETERS_2, long c
#define BACKEND_PARAMETERS_4 BACKEND_PARAMETERS_3, long d
#define BACKEND_PARAMETERS_5 BACKEND_PARAMETERS_4, long e
#define BACKEND_PARAMETERS_6 BACKEND_PARAMETERS_5, long f
#define BACKEND_ARGUMENTS_0
#define BACKEND_ARGUMENTS_1 a
#define BACKEND_ARGUMENTS_2 a, b
#define BACKEND_ARGUMENTS_3 a, b, c
#define BACKEND_ARGUMENTS_4 a, b, c, d
#define BACKEND_ARGUMENTS_5 a, b, c, d, e
#define BACKEND_ARGUMENTS_6 a, b, c, d, e, f

#define BACKEND_DECLARATION(name, count) long backend_##name(BACKEND_PARAMETERS_##count);
BACKEND_CALLS(BACKEND_DECLARATION)

#endif
