/* SPDX-License-Identifier: MIT */
/* What a client says when it creates a log. */
#include "vcon/create.h"

#include <string.h>
#include <l4/sys/err.h>
#include <l4/sys/factory.h>

enum { COLOURS = 16 };

unsigned vcon_colour(const char *name)
{
	static const char letters[] = "nrgybmcw";
	char lower = (char)(*name | ' ');
	const char *at = *name ? strchr(letters, lower) : NULL;

	if (!at)
		return 0;
	return (unsigned)(at - letters) | (*name == lower ? 0 : VCON_BRIGHT);
}

static void read_colour(const struct wire_varg *arg, unsigned *colour)
{
	if (arg->type == L4_VARG_TYPE_STRING)
		*colour = vcon_colour(arg->data);
	else if (arg->type == L4_VARG_TYPE_UMWORD || arg->type == L4_VARG_TYPE_MWORD)
		*colour = arg->value % COLOURS;
}

long vcon_create_begin(struct wire_in *in, unsigned rights, long *protocol)
{
	*protocol = (long)wire_get_word(in);
	if (in->failed)
		return -L4_EMSGTOOSHORT;
	return rights & L4_CAP_FPAGE_S ? 0 : -L4_EPERM;
}

long vcon_create_read(struct wire_in *in, struct vcon_create *create,
		      long (*option)(void *data, const char *text), void *data)
{
	struct wire_varg arg;
	long error = 0;

	*create = (struct vcon_create){ .colour = VCON_WHITE };
	if (!wire_get_varg(in, &arg) || arg.type != L4_VARG_TYPE_STRING)
		return in->failed ? -L4_EMSGTOOSHORT : -L4_EINVAL;
	strncpy(create->tag, arg.data, VCON_TAG_MAX);
	if (wire_get_varg(in, &arg))
		read_colour(&arg, &create->colour);
	while (!error && wire_get_varg(in, &arg))
		error = arg.type == L4_VARG_TYPE_STRING ? option(data, arg.data) : -L4_EINVAL;
	if (in->failed)
		return -L4_EMSGTOOSHORT;
	return error;
}
