/* SPDX-License-Identifier: MIT */
/* The nodes of a machine's store. */
#include "vmm/store_tree.h"

#include <string.h>

/* In front of path and value of a node. */
struct record {
	uint16_t path_bytes, value_bytes;
};

/* A record where it is. */
struct place {
	uint32_t at;
	struct record record;
};

/* --- Paths --- */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-_@:", c));
}

bool store_path_valid(const char *path)
{
	size_t bytes = strlen(path);

	if (bytes > STORE_PATH_MAX)
		return false;
	for (size_t i = 0; i < bytes; i++) {
		bool ends = !i || path[i - 1] == '/' || i + 1 == bytes;

		if (!is_letter(path[i]) && (path[i] != '/' || ends))
			return false;
	}
	return true;
}

bool store_path_within(const char *path, const char *above)
{
	size_t bytes = strlen(above);

	if (!bytes)
		return true;
	return !strncmp(path, above, bytes) && (!path[bytes] || path[bytes] == '/');
}

/* --- Records --- */

static uint32_t size_of(struct record r)
{
	return (uint32_t)sizeof(r) + r.path_bytes + r.value_bytes;
}

/* The record at p->at; false: there are no more. */
static bool get(const struct store_tree *tree, struct place *p)
{
	if (p->at >= tree->used)
		return false;
	memcpy(&p->record, tree->bytes + p->at, sizeof(p->record));
	return true;
}

static const char *path_of(const struct store_tree *tree, const struct place *p)
{
	return tree->bytes + p->at + sizeof(p->record);
}

static void next(struct place *p)
{
	p->at += size_of(p->record);
}

static bool find(const struct store_tree *tree, const char *path, size_t bytes, struct place *p)
{
	for (*p = (struct place){ 0 }; get(tree, p); next(p))
		if (p->record.path_bytes == bytes && !memcmp(path_of(tree, p), path, bytes))
			return true;
	return false;
}

static void cut(struct store_tree *tree, const struct place *p)
{
	uint32_t bytes = size_of(p->record), behind = p->at + bytes;

	memmove(tree->bytes + p->at, tree->bytes + behind, tree->used - behind);
	tree->used -= bytes;
	tree->nodes--;
}

static void append(struct store_tree *tree, const char *path, size_t path_bytes, const char *value,
		   size_t value_bytes)
{
	struct record r = { (uint16_t)path_bytes, (uint16_t)value_bytes };
	char *to = tree->bytes + tree->used;

	memcpy(to, &r, sizeof(r));
	memcpy(to + sizeof(r), path, path_bytes);
	if (value_bytes)
		memcpy(to + sizeof(r) + path_bytes, value, value_bytes);
	tree->used += size_of(r);
	tree->nodes++;
}

/* --- The tree --- */

const char *store_tree_read(const struct store_tree *tree, const char *path, size_t *bytes)
{
	struct place p;

	*bytes = 0;
	if (!*path)
		return "";
	if (!find(tree, path, strlen(path), &p))
		return NULL;
	*bytes = p.record.value_bytes;
	return path_of(tree, &p) + p.record.path_bytes;
}

/* The part of a path that ends before the slash at or behind *end; false: that is all of it. */
static bool next_above(const char *path, size_t *end)
{
	const char *slash = strchr(path + *end, '/');

	if (!slash)
		return false;
	*end = (size_t)(slash - path);
	return true;
}

bool store_tree_write(struct store_tree *tree, const char *path, const char *value, size_t bytes)
{
	size_t all = strlen(path), wanted = sizeof(struct record) + all + bytes, nodes = 1;
	struct place old, above;
	bool there = find(tree, path, all, &old);

	for (size_t end = 0; next_above(path, &end); end++)
		if (!find(tree, path, end, &above)) {
			wanted += sizeof(struct record) + end;
			nodes++;
		}
	if (bytes > STORE_TREE_BYTES ||
	    tree->used + wanted - (there ? size_of(old.record) : 0) > STORE_TREE_BYTES ||
	    tree->nodes + nodes - there > STORE_NODES_MAX)
		return false;
	if (there)
		cut(tree, &old);
	for (size_t end = 0; next_above(path, &end); end++)
		if (!find(tree, path, end, &above))
			append(tree, path, end, NULL, 0);
	append(tree, path, all, value, bytes);
	return true;
}

static bool record_within(const struct store_tree *tree, const struct place *p, const char *above,
			  size_t bytes)
{
	const char *path = path_of(tree, p);

	if (!bytes)
		return true;
	return p->record.path_bytes >= bytes && !memcmp(path, above, bytes) &&
	       (p->record.path_bytes == bytes || path[bytes] == '/');
}

bool store_tree_remove(struct store_tree *tree, const char *path)
{
	size_t bytes = strlen(path);
	struct place p;

	if (bytes && !find(tree, path, bytes, &p))
		return false;
	p = (struct place){ 0 };
	while (get(tree, &p)) {
		if (record_within(tree, &p, path, bytes))
			cut(tree, &p);
		else
			next(&p);
	}
	return true;
}

size_t store_tree_list(const struct store_tree *tree, const char *path, char *out, size_t room)
{
	size_t above = strlen(path), count = 0;
	size_t skip = above + !!above;

	for (struct place p = { 0 }; get(tree, &p); next(&p)) {
		const char *name = path_of(tree, &p) + skip;
		size_t bytes = p.record.path_bytes;

		if (bytes <= skip || !record_within(tree, &p, path, above) ||
		    memchr(name, '/', bytes - skip))
			continue;
		bytes -= skip;
		if (count + bytes + 1 <= room) {
			memcpy(out + count, name, bytes);
			out[count + bytes] = 0;
		}
		count += bytes + 1;
	}
	return count;
}
