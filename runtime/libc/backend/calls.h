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
	F(pread64, 4) F(pwrite64, 4) F(preadv, 5) F(pwritev, 5) F(fstat, 2) F(ftruncate, 2) \
	F(fsync, 1) F(fdatasync, 1) F(dup, 1) F(dup2, 2) F(dup3, 3) F(fcntl, 3) F(getdents64, 3) \
	F(open, 3) F(openat, 4) F(stat, 2) F(lstat, 2) F(newfstatat, 4) F(readlink, 3) \
	F(access, 2) F(faccessat, 3) F(truncate, 2) F(mkdir, 2) F(mkdirat, 3) F(rmdir, 1) \
	F(unlink, 1) F(unlinkat, 3) F(rename, 2) F(renameat, 4) F(getcwd, 2) F(chdir, 1) \
	F(fchdir, 1) F(umask, 1) \
	F(pipe, 1) F(pipe2, 2) F(eventfd2, 2) F(poll, 3) F(ppoll, 5) F(select, 5) F(pselect6, 6) \
	F(mmap, 6) F(mprotect, 3) F(munmap, 2) F(mremap, 5) F(madvise, 3) \
	F(clock_gettime, 2) F(clock_getres, 2) F(clock_nanosleep, 4) F(nanosleep, 2) \
	F(futex, 6) F(exit, 1) F(exit_group, 1) F(set_tid_address, 1) F(gettid, 0) F(tkill, 2) \
	F(tgkill, 3) F(kill, 2) F(rt_sigaction, 4) F(rt_sigprocmask, 4) F(rt_sigpending, 2) \
	F(rt_sigsuspend, 2) F(rt_sigtimedwait, 4) F(pause, 0) F(sigaltstack, 2) \
	F(timer_create, 3) F(timer_delete, 1) F(timer_settime, 4) F(timer_gettime, 2) \
	F(timer_getoverrun, 1) F(getitimer, 2) F(setitimer, 3) \
	F(sched_yield, 0) F(sched_setaffinity, 3) F(sched_getaffinity, 3) \
	F(sched_setscheduler, 3) F(sched_getscheduler, 1) F(sched_setparam, 2) \
	F(sched_getparam, 2) F(sched_get_priority_max, 1) F(sched_get_priority_min, 1) \
	F(getpid, 0) F(getppid, 0) F(getuid, 0) F(geteuid, 0) F(getgid, 0) F(getegid, 0) \
	F(uname, 1) F(getrandom, 3) \
	F(statfs, 2) F(fstatfs, 2) F(utimensat, 4) F(fallocate, 4) F(flock, 2) F(prctl, 5) \
	F(clock_settime, 2) F(getrusage, 2) F(times, 1) F(msync, 3)
/* clang-format on */

#define BACKEND_PARAMETERS_0 void
#define BACKEND_PARAMETERS_1 long a
#define BACKEND_PARAMETERS_2 BACKEND_PARAMETERS_1, long b
#define BACKEND_PARAMETERS_3 BACKEND_PARAMETERS_2, long c
#define BACKEND_PARAMETERS_4 BACKEND_PARAMETERS_3, long d
#define BACKEND_PARAMETERS_5 BACKEND_PARAMETERS_4, long e
#define BACKEND_PARAMETERS_6 BACKEND_PARAMETERS_5, long f

/*
 * What musl calls: the function with its parameters, while the calling thread counts as being
 * within the back end. A signal that comes meanwhile waits for the end of the call.
 */
long backend_within_0(long (*call)(BACKEND_PARAMETERS_0));
long backend_within_1(long (*call)(BACKEND_PARAMETERS_1), BACKEND_PARAMETERS_1);
long backend_within_2(long (*call)(BACKEND_PARAMETERS_2), BACKEND_PARAMETERS_2);
long backend_within_3(long (*call)(BACKEND_PARAMETERS_3), BACKEND_PARAMETERS_3);
long backend_within_4(long (*call)(BACKEND_PARAMETERS_4), BACKEND_PARAMETERS_4);
long backend_within_5(long (*call)(BACKEND_PARAMETERS_5), BACKEND_PARAMETERS_5);
long backend_within_6(long (*call)(BACKEND_PARAMETERS_6), BACKEND_PARAMETERS_6);
#define BACKEND_WITHIN_0(call) backend_within_0(call)
#define BACKEND_WITHIN_1(call) backend_within_1(call, a)
#define BACKEND_WITHIN_2(call) backend_within_2(call, a, b)
#define BACKEND_WITHIN_3(call) backend_within_3(call, a, b, c)
#define BACKEND_WITHIN_4(call) backend_within_4(call, a, b, c, d)
#define BACKEND_WITHIN_5(call) backend_within_5(call, a, b, c, d, e)
#define BACKEND_WITHIN_6(call) backend_within_6(call, a, b, c, d, e, f)

#define BACKEND_DECLARATION(name, count) long backend_##name(BACKEND_PARAMETERS_##count);
BACKEND_CALLS(BACKEND_DECLARATION)

#endif
