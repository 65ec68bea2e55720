/* SPDX-License-Identifier: MIT */
/* Parsing of command lines by a list of option descriptions. */
#ifndef L4_UTIL_PARSE_CMD_H
#define L4_UTIL_PARSE_CMD_H

#include <stdarg.h>
#include <l4/sys/compiler.h>

enum parse_cmd_type {
	PARSE_CMD_INT,	  /* takes a number (0x: hexadecimal, 0: octal) for the int at addr */
	PARSE_CMD_SWITCH, /* stores val (int) to the int at addr */
	PARSE_CMD_STRING, /* takes a text for the const char * at addr; val: its default */
	PARSE_CMD_FN,	  /* calls addr, a parse_cmd_fn_t, with val */
	PARSE_CMD_FN_ARG, /* takes a text; calls addr, a parse_cmd_fn_arg_t */
	PARSE_CMD_INC,	  /* the int at addr begins as val and grows by one each time */
	PARSE_CMD_DEC	  /* the same, shrinking */
};

typedef L4_CV void (*parse_cmd_fn_t)(int val);
typedef L4_CV void (*parse_cmd_fn_arg_t)(int val, const char *text, int number);

EXTERN_C_BEGIN

/*
 * Parse *argv. arg0 and what follows describe the options: short character (' ': none), long name
 * (NULL: none), help text, type, val (int; const char * for a string), addr; the list ends with a 0
 * instead of a character. -h and --help print the list. An option's value is the next argument, or
 * follows '=' (long) or the character at once (short). "--" ends the options.
 * Afterwards *argc and *argv are the arguments that are no options, in their order.
 * 0; -1: wrong description; -2: too many options; -3: wrong command line; -4: help was asked for.
 */
L4_CV int parse_cmdline(int *argc, const char ***argv, int arg0, ...);

/* The same with the description as argument list. */
L4_CV int parse_cmdlinev(int *argc, const char ***argv, int arg0, va_list va);

/*
 * Parse line, which is cut at each delim; argv0 is the program's name for messages. The pieces are
 * kept as long as the program runs. -2: no memory.
 */
L4_CV int parse_cmdline_extra(const char *argv0, const char *line, char delim, int arg0, ...);

EXTERN_C_END

#endif
