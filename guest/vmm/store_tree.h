/* SPDX-License-Identifier: MIT */
/*
 * The nodes of a machine's store: names with values, in a tree. Pure. All of it is one array of
 * records, path and value of one node behind those of another, so a copy of the structure is a copy
 * of the tree, and what a guest can make it hold is bounded.
 *
 * A path is names separated by '/', without one in front; "" is the root, which is always there.
 */
#ifndef VMM_STORE_TREE_H
#define VMM_STORE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STORE_TREE_BYTES = 16384, STORE_NODES_MAX = 256, STORE_PATH_MAX = 255 };

/* All zeros: only the root. */
struct store_tree {
	uint32_t used, nodes;
	char bytes[STORE_TREE_BYTES];
};

/* Names of letters, digits, "-_@:", at most STORE_PATH_MAX bytes in all, or "". */
bool store_path_valid(const char *path);

/* Is a path the same as another, or below it? Everything is below "". */
bool store_path_within(const char *path, const char *above);

/* The value of a node, *bytes long, until the next change; NULL: there is no such node. */
const char *store_tree_read(const struct store_tree *tree, const char *path, size_t *bytes);

/*
 * Set the value of a node, which is made if it is missing, and all above it with empty values.
 * False: no room, nothing has changed. The path is valid and not "".
 */
bool store_tree_write(struct store_tree *tree, const char *path, const char *value, size_t bytes);

/* Remove a node and all below it; of the root only what is below. False: there is none. */
bool store_tree_remove(struct store_tree *tree, const char *path);

/*
 * The names of the nodes right below one, each with its 0, at out. Returns their bytes; more than
 * room: that much would be wanted. The node exists, or there are none.
 */
size_t store_tree_list(const struct store_tree *tree, const char *path, char *out, size_t room);

#endif
