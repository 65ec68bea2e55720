/* SPDX-License-Identifier: MIT */
/* moe's command line. Pure. */
#ifndef MOE_OPTIONS_H
#define MOE_OPTIONS_H

enum { OPTIONS_ARGS = 64 };

struct options {
	const char *init; /* name of the init program */
	unsigned debug;	  /* moe's own messages, L4.Dbg bits */
	unsigned l4re_debug;
	unsigned loader_flags;
	unsigned argc;
	const char *argv[OPTIONS_ARGS]; /* of the init program, argv[0] its name */
	const char *unknown;		/* the first option that is not known; or NULL */
};

/*
 * Read the arguments, the first of which is moe's own name. The first word that is no option, or
 * what follows "--", begins the arguments of the init program. *o points into argv.
 */
void options_parse(struct options *o, int argc, char *const *argv);

#endif
