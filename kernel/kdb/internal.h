/* SPDX-License-Identifier: MIT */
/* Shared by the files of the debugger. */
#ifndef KERNEL_KDB_INTERNAL_H
#define KERNEL_KDB_INTERNAL_H

#include <stdarg.h>
#include "core/kobject.h"
#include "kdb/kdb.h"

struct cpu;
struct thread;
struct task;

/* A list that is longer is taken for broken (the system may stand in the middle of a change). */
#define KDB_LIST_MAX 100000

enum kdb_result { KDB_OK, KDB_USAGE, KDB_LEAVE };

struct kdb_command {
	const char *name, *args, *help;
	enum kdb_result (*fn)(unsigned argc, char **argv); /* argv[0]: the name */
};

/* Run one command line (which is cut to pieces). */
enum kdb_result kdb_command(char *line);

/* --- term.c: the serial line --- */

/* Like printf. While the debugger is not active: to the console. */
void kdb_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Read a line with echo and erasing, without the end. */
void kdb_getline(char *buf, size_t n);
/* Has the user typed Ctrl-C since the last kdb_getline()? Commands stop their output then. */
bool kdb_interrupted(void);
/* Forget what was typed ahead. */
void kdb_flush_input(void);

/* --- kdb.c --- */
bool kdb_is_active(void);
/* Frame with which the debugger was entered; NULL: from an interrupt or a system call. */
const struct regs *kdb_entry_regs(void);

/* --- object.c: finding and naming things --- */

/* Value of an argument: a number or the name of a kernel function. Prints a message if it is
 * neither. */
bool kdb_value(const char *s, u64 *v);
/* Argument i as a number, or `otherwise` if there is no such argument. */
bool kdb_optional(unsigned argc, char **argv, unsigned i, u64 otherwise, u64 *v);
/* Object whose id is the argument (type: enum kobject_type); prints a message if there is none. */
struct kobject *kdb_object(const char *arg, u8 type);
const char *kdb_object_name(const struct kobject *o);
const char *kdb_type_name(u8 type);
/* "name+0x12", or nothing, of a kernel address. */
void kdb_print_symbol(u64 a);
/* A line of a back-trace. The call decides about the function: what follows a call that does not
 * return may be another one. */
void kdb_print_return_address(u64 a);

/* Walk over all objects of a type: o = kdb_next(NULL, type); o; o = kdb_next(o, type). */
struct kobject *kdb_next(struct kobject *o, u8 type);
#define KDB_ANY_TYPE 0xff

/* --- images.c --- */
void kdb_images_print(u64 task_id);

/* --- trace.c --- */
void trace_init(void);

/* --- commands --- */
typedef enum kdb_result kdb_handler(unsigned argc, char **argv);
kdb_handler kdb_cmd_threads, kdb_cmd_tasks, kdb_cmd_objects, kdb_cmd_caps; /* cmd_object.c */
kdb_handler kdb_cmd_maps, kdb_cmd_dump, kdb_cmd_phys, kdb_cmd_memory;	   /* cmd_memory.c */
kdb_handler kdb_cmd_regs, kdb_cmd_cpus, kdb_cmd_backtrace, kdb_cmd_ready, kdb_cmd_timeouts;
kdb_handler kdb_cmd_trace, kdb_cmd_log, kdb_cmd_symbol; /* cmd_trace.c */

#endif
