/* SPDX-License-Identifier: MIT */
/* Files in memory: made, written, removed. */
#include <fcntl.h>
#include <unistd.h>

#include "rows.h"

#define FOLDER "/tmp" /* in memory, see the init script of the ramdisk */

static const char path[] = FOLDER "/bench";
static char content[4 * PAGE_BYTES];

static int make(void)
{
	return (int)must(open(path, O_CREAT | O_EXCL | O_WRONLY, 0600), path);
}

static void empty_file(void)
{
	close(make());
	unlink(path);
}

static void full_file(void)
{
	int file = make();

	must(write(file, content, sizeof(content)) == sizeof(content) ? 0 : -1, "write");
	close(file);
	unlink(path);
}

const struct row file_rows[] = {
	{ "tmpfs_create_del_0k", 500, empty_file, NULL, NULL },
	{ "tmpfs_create_del_16k", 300, full_file, NULL, NULL },
	{ NULL, 0, NULL, NULL, NULL },
};
