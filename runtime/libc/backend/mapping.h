/* SPDX-License-Identifier: MIT */
/* Files as memory: what mmap() asks the files for. */
#ifndef BACKEND_MAPPING_H
#define BACKEND_MAPPING_H

#include <stdbool.h>

#include <l4/re/c/dataspace.h>

/*
 * The dataspace with a file's content, for a mapping with that protection; a reference is taken. It
 * stays what the file is (shared), or is for reading. Returns 0, -EBADF, -EACCES, -ENODEV.
 */
long file_memory(int file, bool shared, unsigned protection, l4re_ds_t *memory);

#endif
