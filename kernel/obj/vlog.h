/* SPDX-License-Identifier: MIT */
/* Kernel log: the kernel's console line as a virtual console. Abi spec 7.10. */
#ifndef KERNEL_VLOG_H
#define KERNEL_VLOG_H

#include "core/kobject.h"

/* Make the object and start the input: needs the interrupt controllers and icu_init(). */
void vlog_init(void);
extern struct kobject *vlog_object;

/* Print n bytes of a program's text, in one piece: "\n" becomes "\r\n". n <= VLOG_WRITE_MAX. */
#define VLOG_WRITE_MAX 488
void vlog_write(const char *s, size_t n);

/* The last VLOG_HISTORY bytes of everything that went to the console. console_write() notes its
 * output here, with the console lock held. */
#define VLOG_HISTORY 16384
void vlog_note(const char *s, size_t n);

/* Copy up to n bytes of the history, starting `back` bytes before its end, to buf; returns how many
 * (less than n at the end). Without locking: for the debugger. */
size_t vlog_history(char *buf, size_t n, size_t back);
size_t vlog_history_length(void);

#endif
