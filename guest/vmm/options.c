/* SPDX-License-Identifier: MIT */
/* The arguments of vmm. */
#include "vmm/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "guest/layout.h"

enum { MEMORY_MIB_MIN = 16, MEMORY_MIB_MAX = 1 << 20, PRIORITY_MAX = 255 };

static bool wrong(struct options *o, const char *key, const char *value, const char *wanted)
{
	snprintf(o->message, sizeof(o->message), "%s=%.80s: %s", key, value, wanted);
	return false;
}

static bool number(struct options *o, const char *key, const char *value, uint64_t low,
		   uint64_t high, uint64_t *n)
{
	char *end, wanted[80];

	*n = strtoull(value, &end, 0);
	if (*value >= '0' && *value <= '9' && !*end && *n >= low && *n <= high)
		return true;
	snprintf(wanted, sizeof(wanted), "wanted is a number from %lu to %lu", low, high);
	return wrong(o, key, value, wanted);
}

static bool read_memory(struct options *o, const char *key, const char *value)
{
	uint64_t mib;

	if (!number(o, key, value, MEMORY_MIB_MIN, MEMORY_MIB_MAX, &mib))
		return false;
	o->memory = ((mib + 1) & ~1UL) << 20;
	return true;
}

static bool read_vcpus(struct options *o, const char *key, const char *value)
{
	uint64_t n;

	if (!number(o, key, value, 1, GUEST_VCPUS_MAX, &n))
		return false;
	o->vcpus = (unsigned)n;
	return true;
}

static bool read_priority(struct options *o, const char *key, const char *value)
{
	uint64_t n;

	if (!number(o, key, value, 1, PRIORITY_MAX, &n))
		return false;
	o->priority = (unsigned)n;
	return true;
}

static bool read_cpus(struct options *o, const char *key, const char *value)
{
	return number(o, key, value, 1, UINT64_MAX, &o->cpus);
}

static bool read_name(struct options *o, const char *key, const char *value)
{
	if (!*value || strlen(value) >= sizeof(o->name))
		return wrong(o, key, value, "a name has 1 to 23 characters");
	strcpy(o->name, value);
	return true;
}

static bool read_kernel(struct options *o, const char *key, const char *value)
{
	(void)key;
	o->kernel = value;
	return true;
}

static bool read_ramdisk(struct options *o, const char *key, const char *value)
{
	(void)key;
	o->ramdisk = *value ? value : NULL;
	return true;
}

static bool read_symbols(struct options *o, const char *key, const char *value)
{
	(void)key;
	o->symbols = *value ? value : NULL;
	return true;
}

/* Add to the command line, with a space between two parts. */
static bool read_command_line(struct options *o, const char *key, const char *value)
{
	size_t used = strlen(o->command_line);

	if (used + !!used + strlen(value) >= sizeof(o->command_line))
		return wrong(o, key, value, "the command line is longer than 1023 characters");
	if (used)
		o->command_line[used++] = ' ';
	strcpy(o->command_line + used, value);
	return true;
}

static bool read_choice(struct options *o, const char *key, const char *value, const char *yes,
			const char *no, bool *choice)
{
	char wanted[80];

	*choice = !strcmp(value, yes);
	if (*choice || !strcmp(value, no))
		return true;
	snprintf(wanted, sizeof(wanted), "wanted is %s or %s", yes, no);
	return wrong(o, key, value, wanted);
}

static bool read_patch(struct options *o, const char *key, const char *value)
{
	return read_choice(o, key, value, "on", "off", &o->patch);
}

static bool read_reboot(struct options *o, const char *key, const char *value)
{
	return read_choice(o, key, value, "restart", "end", &o->reboot);
}

static bool read_crash(struct options *o, const char *key, const char *value)
{
	return read_choice(o, key, value, "restart", "end", &o->crash);
}

static const struct {
	const char *key;
	bool (*read)(struct options *o, const char *key, const char *value);
} keys[] = {
	{ "kernel", read_kernel }, { "initrd", read_ramdisk }, { "cmdline", read_command_line },
	{ "mem", read_memory },	   { "vcpus", read_vcpus },    { "name", read_name },
	{ "prio", read_priority }, { "cpus", read_cpus },      { "symbols", read_symbols },
	{ "patch", read_patch },   { "reboot", read_reboot },  { "crash", read_crash },
};

static bool read_one(struct options *o, const char *argument)
{
	const char *value = strchr(argument, '=');

	for (unsigned i = 0; value && i < sizeof(keys) / sizeof(*keys); i++) {
		size_t bytes = (size_t)(value - argument);

		if (strlen(keys[i].key) == bytes && !memcmp(argument, keys[i].key, bytes))
			return keys[i].read(o, keys[i].key, value + 1);
	}
	snprintf(
	    o->message, sizeof(o->message),
	    "unknown argument '%.80s' (known: kernel= initrd= cmdline= mem= vcpus= name= prio= "
	    "cpus= symbols= patch= reboot= crash= --)",
	    argument);
	return false;
}

bool options_read(int count, char **arguments, struct options *o)
{
	bool rest = false;

	*o = (struct options){ .name = "linux",
			       .vcpus = 1,
			       .priority = 1,
			       .cpus = UINT64_MAX,
			       .memory = 256UL << 20,
			       .patch = true,
			       .reboot = true };
	for (int i = 1; i < count; i++) {
		if (!rest && !strcmp(arguments[i], "--"))
			rest = true;
		else if (rest ? !read_command_line(o, "cmdline", arguments[i])
			      : !read_one(o, arguments[i]))
			return false;
	}
	if (o->kernel && *o->kernel)
		return true;
	snprintf(o->message, sizeof(o->message),
		 "kernel= is missing: which file is to be started?");
	return false;
}
