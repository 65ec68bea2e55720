/* SPDX-License-Identifier: MIT */
/* What a client says when it creates a log: tag, colour, options. */
#ifndef VCON_CREATE_H
#define VCON_CREATE_H

#include "wire/wire.h"

enum { VCON_TAG_MAX = 31, VCON_BRIGHT = 8, VCON_WHITE = 7 };

struct vcon_create {
	char tag[VCON_TAG_MAX + 1]; /* cut */
	unsigned colour;	    /* bits 0..2 as of terminals (0: none), VCON_BRIGHT */
};

/*
 * Begin a create request by a capability with `rights`: *protocol of what is asked for. Returns 0;
 * -L4_EMSGTOOSHORT; -L4_EPERM: no right S.
 */
long vcon_create_begin(struct wire_in *in, unsigned rights, long *protocol);

/*
 * Read the arguments of a create request: string tag, then (all optional) colour, which is a name
 * or a number (else white), and option strings, which `option` gets one by one: 0, or an error that
 * ends the reading. Makes no system call. Returns 0; -L4_EINVAL: no tag, a number where an option
 * should be; -L4_EMSGTOOSHORT: a broken message; or the error of `option`.
 */
long vcon_create_read(struct wire_in *in, struct vcon_create *create,
		      long (*option)(void *data, const char *text), void *data);

/* Colour of a name: n r g y b m c w by its first letter, a capital letter: bright; else 0. */
unsigned vcon_colour(const char *name);

#endif
