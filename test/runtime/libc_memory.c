/* SPDX-License-Identifier: MIT */
/* Memory of programs, and files as memory: mmap and friends, rom/ and /tmp. Needs a region map. */
#include "check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define TMP "/tmp"
#define FAILS(call, e)                      \
	({                                  \
		errno = 0;                  \
		(call) < 0 && errno == (e); \
	})

enum { PAGE = 4096, LARGE = 3 << 20, CHANGES = 400 };

static char *get(size_t bytes, int protection)
{
	char *p = mmap(NULL, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static void test_anonymous(void)
{
	char *p = get(8 * PAGE, PROT_READ | PROT_WRITE), *again;

	check(p && !p[0] && !p[8 * PAGE - 1], "anonymous memory is zero");
	memset(p, 7, 8 * PAGE);
	check_is(munmap(p + 2 * PAGE, 2 * PAGE), 0, "a part in the middle can be given back");
	check(p[2 * PAGE - 1] == 7 && p[4 * PAGE] == 7, "and leaves the rest as it was");
	again = mmap(p + 2 * PAGE, PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	check(again == p + 2 * PAGE && !again[0], "MAP_FIXED puts new memory there");
	check_is(mprotect(p, PAGE, PROT_READ), 0, "mprotect takes a right away");
	check(p[0] == 7, "and keeps what is there");
	check(!mprotect(p, PAGE, PROT_READ | PROT_WRITE) && (p[0] = 8) == 8, "and gives it again");
	check(FAILS(mprotect(p + 3 * PAGE, PAGE, PROT_READ), ENOMEM), "not where nothing is");
	check(!madvise(p + 4 * PAGE, PAGE, MADV_DONTNEED) && !p[4 * PAGE] && p[5 * PAGE] == 7,
	      "MADV_DONTNEED clears");
	check(mremap(p + 4 * PAGE, 4 * PAGE, PAGE, 0) == p + 4 * PAGE, "mremap makes smaller");
	check_is(munmap(p, 8 * PAGE), 0, "everything can be given back, with gaps");
	check(FAILS(munmap(p + 1, PAGE), EINVAL), "an odd address is EINVAL");
}

static void test_reserved(void)
{
	char *p = get(64 << 20, PROT_NONE);

	check(p != NULL, "address space can be had without memory");
	check(!mprotect(p + LARGE, 2 * PAGE, PROT_READ | PROT_WRITE) && !p[LARGE],
	      "and a part of it made memory");
	p[LARGE + PAGE] = 1;
	check(!mprotect(p + LARGE, 2 * PAGE, PROT_NONE) &&
		  !mprotect(p + LARGE, 2 * PAGE, PROT_READ) && p[LARGE + PAGE] == 1,
	      "which keeps its content while nobody can access it");
	check_is(munmap(p, 64 << 20), 0, "all is given back at once");
}

static volatile bool changing, reading;

static void *read_always(void *memory)
{
	long sum = 0;

	for (; changing; reading = true)
		sum += *(volatile char *)memory;
	return sum ? memory : NULL;
}

static void test_protection_changes(void)
{
	char *p = get(4 * PAGE, PROT_READ | PROT_WRITE);
	pthread_t thread;
	void *sum;
	long wrong = 0;

	p[PAGE] = 1;
	changing = true;
	pthread_create(&thread, NULL, read_always, p + PAGE);
	while (!reading)
		check_pause();
	for (int i = 0; i < CHANGES; i++)
		wrong += mprotect(p + PAGE, PAGE, i % 2 ? PROT_READ | PROT_WRITE : PROT_READ);
	changing = false;
	pthread_join(thread, &sum);
	check_is(wrong, 0, "mprotect can be called often");
	check(sum != NULL, "and does not disturb a thread that reads there");
	check_is(mprotect(p, 4 * PAGE, PROT_READ), 0, "it works on several mappings at once");
	check(p[PAGE] == 1 && !mprotect(p, 4 * PAGE, PROT_READ | PROT_WRITE) && (p[PAGE] = 2),
	      "and back");
	munmap(p, 4 * PAGE);
}

static void test_remap(void)
{
	char *p = get(8 * PAGE, PROT_READ | PROT_WRITE), *q, *other;

	memset(p, 7, 8 * PAGE);
	munmap(p + 2 * PAGE, 6 * PAGE);
	check(mremap(p, 2 * PAGE, 4 * PAGE, 0) == p && p[2 * PAGE - 1] == 7 && !p[2 * PAGE] &&
		  !p[4 * PAGE - 1],
	      "mremap grows in place, with zeros");
	other = mmap(p + 4 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	check(mremap(p, 4 * PAGE, 6 * PAGE, 0) == MAP_FAILED && errno == ENOMEM,
	      "not over another mapping");
	q = mremap(p, 4 * PAGE, 6 * PAGE, MREMAP_MAYMOVE);
	check(q != MAP_FAILED && q != p && q[0] == 7 && !q[6 * PAGE - 1],
	      "but elsewhere, with its content");
	q[5 * PAGE] = 5;
	p = mremap(q, 6 * PAGE, LARGE, MREMAP_MAYMOVE);
	check(p != MAP_FAILED && p[0] == 7 && p[5 * PAGE] == 5 && !p[6 * PAGE] && !p[LARGE - 1],
	      "and much larger");
	check(mremap(p, LARGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, other) == other &&
		  other[0] == 7,
	      "MREMAP_FIXED says where");
	check(mremap(p, PAGE, 2 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED && errno == EFAULT,
	      "what was moved away is not there: EFAULT");
	check(mremap(other, 2 * PAGE, PAGE, 1 << 10) == MAP_FAILED && errno == EINVAL,
	      "an unknown flag is EINVAL");
	check(!msync(other, 2 * PAGE, MS_SYNC) && FAILS(msync(p, PAGE, MS_SYNC), ENOMEM),
	      "msync knows what is mapped");
	check_is(munmap(other, 2 * PAGE), 0, "and all is given back");
}

static void test_stack(void)
{
	pthread_attr_t attributes;
	void *start;
	size_t bytes;
	char here;

	check(!pthread_getattr_np(pthread_self(), &attributes) &&
		  !pthread_attr_getstack(&attributes, &start, &bytes),
	      "a thread can ask for its stack");
	check((char *)start < &here && &here < (char *)start + bytes && bytes > 2 * PAGE,
	      "which it is on: %zu bytes", bytes);
}

static void test_malloc(void)
{
	char *blocks[200], *large;
	long wrong = 0;

	for (int i = 0; i < 200; i++) {
		blocks[i] = malloc((size_t)i * 97 + 1);
		memset(blocks[i], i, (size_t)i * 97 + 1);
	}
	for (int i = 0; i < 200; i++)
		wrong += blocks[i][0] != (char)i || blocks[i][i * 97] != (char)i;
	check_is(wrong, 0, "blocks of malloc do not overlap");
	for (int i = 0; i < 200; i++)
		free(blocks[i]);
	large = malloc(LARGE);
	memset(large, 5, LARGE);
	large = realloc(large, 2 * LARGE);
	check(large && large[0] == 5 && large[LARGE - 1] == 5, "realloc keeps a large block");
	free(large);
	check(!malloc(1UL << 45) && errno == ENOMEM, "too much is ENOMEM");
	for (int i = 0; i < 300; i++)
		free(malloc(LARGE));
	check(true, "memory that is given back can be had again");
}

static void test_rom(const char *self)
{
	char head[4] = "";
	int file = open(self, O_RDONLY), seen = 0;
	struct dirent *entry;
	struct stat status;
	char *p;
	DIR *folder = opendir("/rom");

	check(read(file, head, 4) == 4 && !memcmp(head, "\177ELF", 4), "a boot module is a file");
	p = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, file, 0);
	check(p != MAP_FAILED && !memcmp(p, "\177ELF", 4), "that can be mapped");
	munmap(p, PAGE);
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
	check(p != MAP_FAILED && (p[0] = 'x') && p[1] == 'E', "also as a copy to be written");
	check(pread(file, head, 1, 0) == 1 && head[0] == '\177', "which does not change the file");
	munmap(p, PAGE);
	close(file);
	while (folder && (entry = readdir(folder)))
		seen += !strcmp(entry->d_name, self + 4);
	check_is(seen, 1, "and the folder lists it");
	if (folder)
		closedir(folder);
	check(!stat(self, &status) && S_ISREG(status.st_mode) && status.st_size > PAGE &&
		  !access(self, R_OK),
	      "it has a status");
	check(FAILS(access(self, W_OK), EROFS) && FAILS(open(self, O_RDWR), EROFS),
	      "it cannot be written");
	check(FAILS(open("rom/none", O_RDONLY), ENOENT), "what is not there is not there");
}

static void test_shared(void)
{
	int file = open(TMP "/shared", O_RDWR | O_CREAT, 0600);
	char text[8] = "", *p;

	ftruncate(file, 2 * PAGE);
	pwrite(file, "before", 6, PAGE);
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, PAGE);
	check(p != MAP_FAILED && !memcmp(p, "before", 6), "a file in memory can be mapped");
	memcpy(p, "after!", 6);
	check(pread(file, text, 6, PAGE) == 6 && !memcmp(text, "after!", 6),
	      "and is changed through the mapping");
	check(FAILS(ftruncate(file, 100 * PAGE), EBUSY), "but does not move away then");
	p = mremap(p, PAGE, PAGE, MREMAP_MAYMOVE);
	check(p != MAP_FAILED && !memcmp(p, "after!", 6), "its mapping can be asked to stay");
	munmap(p, PAGE);
	close(file);
	unlink(TMP "/shared");
}

void check_main(void)
{
	test_anonymous();
	test_reserved();
	test_protection_changes();
	test_remap();
	test_stack();
	test_malloc();
	test_rom(program_invocation_name);
	test_shared();
}
