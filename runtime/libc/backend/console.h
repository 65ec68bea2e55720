/* SPDX-License-Identifier: MIT */
/* The program's log as a file. */
#ifndef BACKEND_CONSOLE_H
#define BACKEND_CONSOLE_H

#include "backend/file.h"

/* Open for reading and writing; never closed for good. */
extern struct file console_file;
/* It with one more reference. Takes LOCK_FILES. */
struct file *file_get_console(void);

#endif
