/* SPDX-License-Identifier: MIT */
/* Builds the initial stack of a program: first measured, then written front to back. */
#include "loader/stack.h"
#include "loader/elf.h"

#include <l4/sys/consts.h>
#include <l4/sys/err.h>

enum { AUX_VECTOR_MAX = 13 }; /* entries */

struct vector {
	l4_umword_t type, value;
};

/* Sizes of the parts, bytes. */
struct layout {
	size_t pointers; /* argc, argv, envp */
	size_t vector;
	size_t caps;
	size_t strings;
};

/* Where the next bytes go: in the buffer, and in the program. */
struct cursor {
	unsigned char *at;
	l4_addr_t address;
};

static size_t text_bytes(const char *text)
{
	return __builtin_strlen(text) + 1;
}

static size_t texts_bytes(const char *const *texts, unsigned count)
{
	size_t sum = 0;

	for (unsigned i = 0; i < count; i++)
		sum += text_bytes(texts[i]);
	return sum;
}

static l4_addr_t put(struct cursor *c, const void *data, size_t bytes)
{
	l4_addr_t address = c->address;

	__builtin_memcpy(c->at, data, bytes);
	c->at += bytes;
	c->address += bytes;
	return address;
}

static void put_word(struct cursor *c, l4_umword_t value)
{
	put(c, &value, sizeof(value));
}

/* Pointers to texts that lie one after the other from address on. */
static l4_addr_t put_pointers(struct cursor *c, const char *const *texts, unsigned count,
			      l4_addr_t address)
{
	for (unsigned i = 0; i < count; i++) {
		put_word(c, address);
		address += text_bytes(texts[i]);
	}
	put_word(c, 0);
	return address;
}

static void put_texts(struct cursor *c, const char *const *texts, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		put(c, texts[i], text_bytes(texts[i]));
}

static bool is_debugger(const struct loader_named_cap *cap)
{
	return !__builtin_strcmp(cap->name, "jdb");
}

unsigned stack_cap_slot(const struct loader_named_cap *caps, unsigned count, unsigned i)
{
	unsigned slot = LOADER_SLOT_FIRST + i;

	if (i < count && is_debugger(&caps[i]))
		return LOADER_SLOT_DEBUGGER;
	for (unsigned k = 0; k < i; k++)
		slot -= is_debugger(&caps[k]);
	return slot;
}

static void put_caps(struct cursor *c, const struct stack_input *in)
{
	l4re_env_cap_entry_t end = { .cap = L4_INVALID_CAP, .flags = ~0UL };

	for (unsigned i = 0; i < in->cap_count; i++) {
		const struct loader_named_cap *cap = &in->caps[i];
		l4re_env_cap_entry_t entry = { 0 };

		entry.cap = (l4_cap_idx_t)stack_cap_slot(in->caps, in->cap_count, i)
			    << L4_CAP_SHIFT;
		for (unsigned k = 0; k < LOADER_NAME_MAX && cap->name[k]; k++)
			entry.name[k] = cap->name[k];
		put(c, &entry, sizeof(entry));
	}
	put(c, &end, sizeof(end));
}

static unsigned fill_vector(const struct stack_input *in, struct vector *v)
{
	unsigned n = 0;

	if (in->headers) {
		v[n++] = (struct vector){ STACK_AT_PHDR, in->headers };
		v[n++] = (struct vector){ STACK_AT_PHENT, ELF_PROGRAM_HEADER_BYTES };
		v[n++] = (struct vector){ STACK_AT_PHNUM, in->header_count };
	}
	v[n++] = (struct vector){ STACK_AT_PAGESZ, L4_PAGESIZE };
	v[n++] = (struct vector){ STACK_AT_UID, 0 };
	v[n++] = (struct vector){ STACK_AT_EUID, 0 };
	v[n++] = (struct vector){ STACK_AT_GID, 0 };
	v[n++] = (struct vector){ STACK_AT_EGID, 0 };
	v[n++] = (struct vector){ STACK_AT_L4_KIP, in->kip };
	return n;
}

static struct layout measure(const struct stack_input *in)
{
	struct vector v[AUX_VECTOR_MAX];

	return (struct layout){
		.pointers = (3 + (size_t)in->argc + in->envc) * sizeof(l4_umword_t),
		.vector = (fill_vector(in, v) + 4) * sizeof(*v), /* three pointers and the end */
		.caps = ((size_t)in->cap_count + 1) * sizeof(l4re_env_cap_entry_t),
		.strings = texts_bytes(in->argv, in->argc) + texts_bytes(in->envp, in->envc),
	};
}

static void write_image(const struct stack_input *in, const struct layout *size, struct cursor c)
{
	l4_addr_t env = c.address + size->pointers + size->vector;
	l4_addr_t caps = env + sizeof(in->env);
	l4_addr_t aux = caps + size->caps;
	l4_addr_t random = aux + sizeof(in->aux);
	l4_addr_t strings = random + sizeof(in->random);
	struct vector v[AUX_VECTOR_MAX];
	unsigned n = fill_vector(in, v);
	l4re_aux_t record = in->aux;
	l4re_env_t block = in->env;
	l4_addr_t rest;

	v[n++] = (struct vector){ STACK_AT_RANDOM, random };
	v[n++] = (struct vector){ STACK_AT_L4_AUX, aux };
	v[n++] = (struct vector){ STACK_AT_L4_ENV, env };
	v[n++] = (struct vector){ STACK_AT_NULL, 0 };
	record.binary = in->argc ? (const char *)strings : NULL;
	block.caps = (void *)caps;

	put_word(&c, in->argc);
	rest = put_pointers(&c, in->argv, in->argc, strings);
	put_pointers(&c, in->envp, in->envc, rest);
	put(&c, v, n * sizeof(*v));
	put(&c, &block, sizeof(block));
	put_caps(&c, in);
	put(&c, &record, sizeof(record));
	put(&c, in->random, sizeof(in->random));
	put_texts(&c, in->argv, in->argc);
	put_texts(&c, in->envp, in->envc);
}

size_t stack_bytes(const struct stack_input *in)
{
	struct layout parts = measure(in);
	size_t total = parts.pointers + parts.vector + sizeof(in->env) + parts.caps +
		       sizeof(in->aux) + sizeof(in->random) + parts.strings;

	return (total + 15) & ~15UL;
}

long stack_build(const struct stack_input *in, void *buffer, size_t size, l4_addr_t top,
		 l4_addr_t *sp)
{
	struct layout parts = measure(in);
	size_t total = stack_bytes(in);

	if (total > size)
		return -L4_E2BIG;
	*sp = top - total;
	write_image(in, &parts, (struct cursor){ (unsigned char *)buffer + size - total, *sp });
	return 0;
}
