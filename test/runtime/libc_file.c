/* SPDX-License-Identifier: MIT */
/* Files of the C library: /tmp, /dev, folders, descriptors, positions, buffered streams. */
#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#define TMP "/tmp"

static char buffer[300];

/* Did the call fail with that error? */
#define FAILS(call, error)                      \
	({                                      \
		errno = 0;                      \
		(call) < 0 && errno == (error); \
	})

static int make(const char *path, const char *text)
{
	int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);

	check(file >= 0 && write(file, text, strlen(text)) == (long)strlen(text),
	      "a file can be made and written: %s", path);
	return file;
}

static void test_positions(void)
{
	int file = make(TMP "/a", "0123456789");
	struct iovec v[2] = { { buffer, 2 }, { buffer + 10, 3 } };

	check_is(lseek(file, 0, SEEK_CUR), 10, "writing moves the position");
	check_is(lseek(file, 2, SEEK_SET), 2, "lseek sets it");
	check_is(readv(file, v, 2), 5, "readv fills several buffers");
	check(!memcmp(buffer, "23", 2) && !memcmp(buffer + 10, "456", 3), "one after the other");
	check_is(pread(file, buffer, 4, 1), 4, "pread reads elsewhere");
	check(!memcmp(buffer, "1234", 4), "what is there");
	check_is(lseek(file, 0, SEEK_CUR), 7, "and leaves the position");
	check_is(pwrite(file, "xy", 2, 12), 2, "pwrite can write beyond the end");
	check(pread(file, buffer, 100, 8) == 6 && !memcmp(buffer, "89\0\0xy", 6),
	      "and the gap reads as zeros");
	check_is(lseek(file, -4, SEEK_END), 10, "lseek counts from the end");
	check(FAILS(lseek(file, -1, SEEK_SET), EINVAL), "no position is negative");
	check(!ftruncate(file, 3) && pread(file, buffer, 100, 0) == 3, "ftruncate cuts");
	check(!ftruncate(file, 5) && pread(file, buffer, 100, 0) == 5 && !buffer[3] && !buffer[4],
	      "or adds zeros");
	close(file);
	check(FAILS(read(file, buffer, 1), EBADF), "a closed descriptor is bad");
}

static void test_flags(void)
{
	int file = open(TMP "/a", O_WRONLY | O_APPEND), other;

	write(file, "end", 3);
	check(FAILS(read(file, buffer, 1), EBADF), "a file open for writing cannot be read");
	check_is(lseek(file, 0, SEEK_CUR), 8, "O_APPEND writes at the end");
	close(file);
	check(FAILS(open(TMP "/a", O_CREAT | O_EXCL | O_RDWR, 0600), EEXIST), "O_EXCL");
	check(FAILS(open(TMP "/none", O_RDONLY), ENOENT), "a missing file is missing");
	check(FAILS(open(TMP "/a/b", O_RDONLY), ENOENT) || errno == ENOTDIR,
	      "below a file is none");
	file = open(TMP "/a", O_RDONLY);
	other = dup(file);
	read(file, buffer, 4);
	check_is(lseek(other, 0, SEEK_CUR), 4, "a duplicate shares the position");
	check_is(dup2(file, 77), 77, "dup2 takes the number that it is given");
	check_is(fcntl(file, F_DUPFD, 50), 50, "F_DUPFD takes the next free one");
	check_is(fcntl(77, F_GETFL) & O_ACCMODE, O_RDONLY, "F_GETFL tells the access mode");
	check(FAILS(write(file, "x", 1), EBADF), "a file open for reading cannot be written");
	close(file), close(other), close(50), close(77);
}

static void test_folders(void)
{
	struct stat status;
	int seen = 0;
	DIR *folder;

	check_is(mkdir(TMP "/d", 0755), 0, "mkdir");
	check(FAILS(mkdir(TMP "/d", 0755), EEXIST), "only once");
	close(make(TMP "/d/one", "1"));
	close(make(TMP "/d/two", "22"));
	check(!stat(TMP "/d/two", &status) && S_ISREG(status.st_mode) && status.st_size == 2,
	      "stat tells kind and size");
	check(!stat(TMP "/d/../d/./two", &status), "paths may have . and ..");
	check(!stat(TMP "/d", &status) && S_ISDIR(status.st_mode) && !stat("/", &status),
	      "folders have a status, too");
	seen = open(TMP "/d", O_SEARCH);
	check(!fstatat(seen, "one", &status, 0), "and can be opened for O_SEARCH");
	close(seen);
	seen = 0;
	folder = opendir(TMP "/d");
	for (struct dirent *entry; folder && (entry = readdir(folder));)
		seen += !strcmp(entry->d_name, "one") + 10 * !strcmp(entry->d_name, "two") + 100;
	closedir(folder);
	check_is(seen, 211, "readdir lists what is there");
	check(FAILS(rmdir(TMP "/d"), ENOTEMPTY), "a folder with files cannot be removed");
	check(FAILS(unlink(TMP "/d"), EISDIR), "unlink does not remove folders");
	check_is(rename(TMP "/d/one", TMP "/d/two"), 0, "rename takes the place of another file");
	check(!stat(TMP "/d/two", &status) && status.st_size == 1, "with its own content");
	check(FAILS(rename(TMP "/d", TMP "/d/in"), EINVAL), "a folder cannot go into itself");
	check(FAILS(rename(TMP "/d/two", "/dev/two"), EXDEV), "nor a file to another file system");
	check(!chdir(TMP "/d") && getcwd(buffer, sizeof(buffer)) && !strcmp(buffer, TMP "/d"),
	      "chdir");
	check(!access("two", R_OK | W_OK) && FAILS(access("one", F_OK), ENOENT),
	      "relative paths begin there");
	chdir("/");
	check(!unlink(TMP "/d/two") && !rmdir(TMP "/d"), "everything can be removed");
}

static void test_unlinked(void)
{
	int file = make(TMP "/gone", "still here");

	check_is(unlink(TMP "/gone"), 0, "an open file can be removed");
	check(pread(file, buffer, 10, 0) == 10 && !memcmp(buffer, "still here", 10),
	      "and is there until it is closed");
	check(FAILS(open(TMP "/gone", O_RDONLY), ENOENT), "but not for others");
	close(file);
}

static void test_devices(void)
{
	int file = open("/dev/zero", O_RDONLY);
	char more[32];

	memset(buffer, 1, 8);
	check(read(file, buffer, 8) == 8 && !buffer[0] && !buffer[7], "/dev/zero");
	close(file);
	file = open("/dev/null", O_RDWR);
	check(write(file, "x", 1) == 1 && read(file, buffer, 1) == 0, "/dev/null");
	close(file);
	file = open("/dev/full", O_RDWR);
	check(FAILS(write(file, "x", 1), ENOSPC) && read(file, buffer, 1) == 1, "/dev/full");
	close(file);
	file = open("/dev/urandom", O_RDONLY);
	check(read(file, buffer, 32) == 32 && getrandom(more, 32, 0) == 32 &&
		  memcmp(buffer, more, 32),
	      "random numbers differ");
	close(file);
}

static void test_streams(void)
{
	FILE *file = fopen(TMP "/stream", "w+");
	char word[20];
	double number;
	int i;

	check(file && fprintf(file, "%s %d %.3f\n", "word", 42, 2.5) == 14, "fprintf");
	rewind(file);
	check(fscanf(file, "%19s %d %lf", word, &i, &number) == 3 && !strcmp(word, "word") &&
		  i == 42 && number == 2.5,
	      "fscanf reads it back");
	check_is(fseek(file, 5, SEEK_SET), 0, "fseek");
	check(fgets(word, sizeof(word), file) && !strcmp(word, "42 2.500\n"), "fgets");
	check(fgetc(file) == EOF && feof(file), "and the end is the end");
	fclose(file);
	check_is(isatty(1), 1, "standard output is a terminal");
	remove(TMP "/stream");
	file = tmpfile();
	check(file && fputs("x", file) >= 0, "tmpfile");
	fclose(file);
}

static bool later(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

static void test_times(void)
{
	const struct timespec wanted[2] = { { 1000, 7 }, { 2000, 8 } };
	const struct timespec some[2] = { { 0, UTIME_OMIT }, { 3000, 9 } };
	int file = make(TMP "/times", "123");
	struct stat before, after;

	fstat(file, &before);
	check_pause();
	pread(file, buffer, 1, 0);
	fstat(file, &after);
	check(later(&after.st_atim, &before.st_atim) && !later(&after.st_mtim, &before.st_mtim),
	      "reading changes the time of access");
	check_pause();
	write(file, "4", 1);
	fstat(file, &after);
	check(later(&after.st_mtim, &before.st_mtim) && later(&after.st_ctim, &before.st_ctim),
	      "writing that of modification");
	check(!futimens(file, wanted) && !stat(TMP "/times", &after) &&
		  after.st_atim.tv_sec == 1000 && after.st_mtim.tv_nsec == 8,
	      "futimens sets both");
	check(!utimensat(AT_FDCWD, TMP "/times", some, 0) && !fstat(file, &after) &&
		  after.st_atim.tv_nsec == 7 && after.st_mtim.tv_sec == 3000,
	      "utimensat one of them");
	check(FAILS(futimens(file, (struct timespec[2]){ { 0, -1 }, { 0, 0 } }), EINVAL),
	      "no nanoseconds below 0");
	close(file);
	stat(TMP, &before);
	check_pause();
	unlink(TMP "/times");
	stat(TMP, &after);
	check(later(&after.st_mtim, &before.st_mtim), "a folder changes with what is in it");
}

static void test_room(void)
{
	int file = make(TMP "/room", "123");
	struct statvfs room;
	struct stat status;

	check(!posix_fallocate(file, 2, 5000) && !fstat(file, &status) && status.st_size == 5002,
	      "posix_fallocate makes a file longer");
	check(!posix_fallocate(file, 0, 100) && !fstat(file, &status) && status.st_size == 5002 &&
		  pread(file, buffer, 4, 0) == 4 && !memcmp(buffer, "123", 4),
	      "never shorter, and keeps its content");
	check_is(posix_fallocate(file, 0, 0), EINVAL, "but not by nothing");
	check_is(statvfs(TMP, &room), 0, "statvfs");
	check(room.f_namemax == 255 && !(room.f_flag & ST_RDONLY),
	      "statvfs tells of a file system that can be written");
	check(!fstatvfs(file, &room) && room.f_bsize > 0, "fstatvfs by a file");
	check(FAILS(statvfs(TMP "/none", &room), ENOENT), "not of one that is not there");
	close(file);
	unlink(TMP "/room");
}

static int locked[2];

static void *lock_second(void *argument)
{
	return flock(locked[1], LOCK_EX) ? NULL : argument;
}

static void test_locks(void)
{
	struct flock record = { .l_type = F_WRLCK };
	pthread_t thread;
	void *result;

	locked[0] = make(TMP "/lock", "");
	locked[1] = open(TMP "/lock", O_RDONLY);
	check_is(flock(locked[0], LOCK_EX), 0, "flock");
	check(FAILS(flock(locked[1], LOCK_SH | LOCK_NB), EWOULDBLOCK),
	      "keeps others that have opened the file out");
	check_is(flock(locked[0], LOCK_SH), 0, "an exclusive lock can become a shared one");
	check_is(flock(locked[1], LOCK_SH | LOCK_NB), 0, "which two can have");
	check(FAILS(flock(locked[0], LOCK_EX | LOCK_NB), EWOULDBLOCK), "but then neither alone");
	flock(locked[0], LOCK_SH);
	pthread_create(&thread, NULL, lock_second, locked);
	check_pause();
	close(locked[0]);
	pthread_join(thread, &result);
	check(result == locked, "closing a file unlocks it, and lets a thread go on that waits");
	check(FAILS(flock(locked[1], 77), EINVAL), "an unknown operation is EINVAL");
	check(FAILS(fcntl(locked[1], F_SETLK, &record), EBADF), "record locks want the right mode");
	record.l_type = F_RDLCK;
	check(!fcntl(locked[1], F_SETLK, &record) && !fcntl(locked[1], F_GETLK, &record) &&
		  record.l_type == F_UNLCK,
	      "and there is no other process that could have them");
	close(locked[1]);
	unlink(TMP "/lock");
}

static void test_many(void)
{
	int files[300], count = 0;

	while (count < 300 && (files[count] = open("/dev/null", O_RDONLY)) >= 0)
		count++;
	check(count > 200 && errno == EMFILE, "descriptors run out with EMFILE");
	while (count)
		close(files[--count]);
	check_is(open("/dev/null", O_RDONLY), files[0], "and can be used again");
	close(files[0]);
}

static void test_refused(void)
{
	check(FAILS(symlink(TMP "/a", TMP "/b"), ENOSYS), "there are no symbolic links: ENOSYS");
	check(FAILS(chmod(TMP "/a", 0), ENOSYS), "no permissions: ENOSYS");
	check(FAILS(fork(), ENOSYS), "no other processes: ENOSYS");
	check(FAILS(open("/new", O_CREAT | O_RDWR, 0600), ENOENT) || errno == EROFS,
	      "the root cannot be written");
}

void check_main(void)
{
	test_positions();
	test_flags();
	test_folders();
	test_unlinked();
	test_devices();
	test_streams();
	test_times();
	test_room();
	test_locks();
	test_many();
	test_refused();
}
