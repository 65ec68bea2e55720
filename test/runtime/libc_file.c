/* SPDX-License-Identifier: MIT */
/* Files of the C library: /tmp, /dev, folders, descriptors, positions, buffered streams. */
#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
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
	test_many();
	test_refused();
}
