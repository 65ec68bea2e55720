/* SPDX-License-Identifier: MIT */
/* The rest of a program whose only task is to serve one object. */
#ifndef EXAMPLES_SERVE_H
#define EXAMPLES_SERVE_H

#include "server/server.h"

/*
 * Serve the object at the gate that the scenario gives under that name, for ever. Ends the program
 * with a message if there is no such gate.
 */
void serve(struct server_object *object, const char *gate) __attribute__((noreturn));

#endif
