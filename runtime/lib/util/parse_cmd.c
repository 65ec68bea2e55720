/* SPDX-License-Identifier: MIT */
/* Parsing of command lines. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <l4/util/parse_cmd.h>

enum { MAX_OPTIONS = 64 };
enum { BAD_DESCRIPTION = -1, TOO_MUCH = -2, BAD_LINE = -3, HELP = -4 };

struct option_entry {
	char letter; /* ' ': none */
	const char *name, *help;
	int type, val;
	const char *text; /* default of PARSE_CMD_STRING */
	void *addr;
};

struct parser {
	struct option_entry options[MAX_OPTIONS];
	unsigned count;
	int argc, at; /* arguments, and the next one to look at */
	const char **argv;
};

static bool takes_value(const struct option_entry *o)
{
	return o->type == PARSE_CMD_INT || o->type == PARSE_CMD_STRING ||
	       o->type == PARSE_CMD_FN_ARG;
}

/* --- Descriptions --- */

static int check_option(const struct option_entry *o)
{
	bool help = o->letter == 'h' || (o->name && !strcmp(o->name, "help"));
	bool nameless = o->letter == ' ' && !o->name;

	if (help || nameless || !o->addr || o->type < PARSE_CMD_INT || o->type > PARSE_CMD_DEC)
		return BAD_DESCRIPTION;
	return 0;
}

static int read_descriptions(struct parser *p, int letter, va_list va)
{
	for (; letter; letter = va_arg(va, int)) {
		struct option_entry *o = &p->options[p->count];

		if (p->count++ == MAX_OPTIONS)
			return TOO_MUCH;
		o->letter = (char)letter;
		o->name = va_arg(va, const char *);
		o->help = va_arg(va, const char *);
		o->type = va_arg(va, int);
		if (o->type == PARSE_CMD_STRING)
			o->text = va_arg(va, const char *);
		else
			o->val = va_arg(va, int);
		o->addr = va_arg(va, void *);
		if (check_option(o))
			return BAD_DESCRIPTION;
	}
	return 0;
}

static void set_defaults(struct parser *p)
{
	for (unsigned i = 0; i < p->count; i++) {
		struct option_entry *o = &p->options[i];

		if (o->type == PARSE_CMD_STRING)
			*(const char **)o->addr = o->text;
		else if (o->type == PARSE_CMD_INC || o->type == PARSE_CMD_DEC)
			*(int *)o->addr = o->val;
	}
}

/* --- Options --- */

static void print_help(const struct parser *p)
{
	printf("Options of %s:\n", p->argc ? p->argv[0] : "this program");
	for (unsigned i = 0; i < p->count; i++) {
		const struct option_entry *o = &p->options[i];

		printf("  %c%c %s%-16s %s\n", o->letter == ' ' ? ' ' : '-', o->letter,
		       o->name ? "--" : "  ", o->name ? o->name : "", o->help ? o->help : "");
	}
	printf("  -h --help             this list\n");
}

static int complain(const char *what, const char *option)
{
	fprintf(stderr, "%s: %s\n", option, what);
	return BAD_LINE;
}

static bool is_number(const char *text, int *number)
{
	char *end;
	long v = strtol(text, &end, 0);

	*number = (int)v;
	return end != text && !*end;
}

/* A function pointer that was passed as an object pointer. */
static void call_fn(const struct option_entry *o)
{
	parse_cmd_fn_t fn;

	memcpy(&fn, &o->addr, sizeof(fn));
	fn(o->val);
}

static void call_fn_arg(const struct option_entry *o, const char *text)
{
	parse_cmd_fn_arg_t fn;
	int number;

	memcpy(&fn, &o->addr, sizeof(fn));
	is_number(text, &number);
	fn(o->val, text, number);
}

static int apply(const struct option_entry *o, const char *value, const char *shown)
{
	switch (o->type) {
	case PARSE_CMD_INT:
		return is_number(value, o->addr) ? 0 : complain("needs a number", shown);
	case PARSE_CMD_SWITCH:
		*(int *)o->addr = o->val;
		break;
	case PARSE_CMD_STRING:
		*(const char **)o->addr = value;
		break;
	case PARSE_CMD_FN:
		call_fn(o);
		break;
	case PARSE_CMD_FN_ARG:
		call_fn_arg(o, value);
		break;
	default:
		*(int *)o->addr += o->type == PARSE_CMD_INC ? 1 : -1;
	}
	return 0;
}

/* The option that was found takes its value: at hand, or the next argument. */
static int use(struct parser *p, const struct option_entry *o, const char *value, const char *shown)
{
	if (!takes_value(o))
		return value ? complain("takes no value", shown) : apply(o, NULL, shown);
	if (!value && p->at < p->argc)
		value = p->argv[p->at++];
	return value ? apply(o, value, shown) : complain("needs a value", shown);
}

static const struct option_entry *find_letter(const struct parser *p, char letter)
{
	for (unsigned i = 0; i < p->count; i++)
		if (p->options[i].letter == letter && letter != ' ')
			return &p->options[i];
	return NULL;
}

static const struct option_entry *find_name(const struct parser *p, const char *name, size_t n)
{
	for (unsigned i = 0; i < p->count; i++) {
		const char *own = p->options[i].name;

		if (own && strlen(own) == n && !memcmp(own, name, n))
			return &p->options[i];
	}
	return NULL;
}

static int parse_long(struct parser *p, const char *arg)
{
	const char *name = arg + 2, *equals = strchr(name, '=');
	size_t n = equals ? (size_t)(equals - name) : strlen(name);
	const struct option_entry *o = find_name(p, name, n);

	if (n == 4 && !memcmp(name, "help", 4)) {
		print_help(p);
		return HELP;
	}
	return o ? use(p, o, equals ? equals + 1 : NULL, arg) : complain("unknown option", arg);
}

/* A group of letters; one that takes a value ends it. */
static int parse_short(struct parser *p, const char *arg)
{
	for (const char *c = arg + 1; *c; c++) {
		const struct option_entry *o = find_letter(p, *c);
		int result;

		if (*c == 'h') {
			print_help(p);
			return HELP;
		}
		if (!o)
			return complain("unknown option", arg);
		if (takes_value(o))
			return use(p, o, c[1] ? c + 1 : NULL, arg);
		result = use(p, o, NULL, arg);
		if (result)
			return result;
	}
	return 0;
}

/* Move what is no option to the end of argv, in its order. rest[] has the same size as argv[]. */
static int parse_all(struct parser *p, const char **rest, int *rest_count)
{
	int result = 0;

	for (p->at = 1; p->at < p->argc && !result;) {
		const char *arg = p->argv[p->at++];

		if (!strcmp(arg, "--")) {
			while (p->at < p->argc)
				rest[(*rest_count)++] = p->argv[p->at++];
		} else if (arg[0] == '-' && arg[1] == '-') {
			result = parse_long(p, arg);
		} else if (arg[0] == '-' && arg[1]) {
			result = parse_short(p, arg);
		} else {
			rest[(*rest_count)++] = arg;
		}
	}
	return result;
}

int parse_cmdlinev(int *argc, const char ***argv, int arg0, va_list va)
{
	struct parser p = { .argc = *argc, .argv = *argv };
	int result = read_descriptions(&p, arg0, va), rest_count = 0;
	const char **rest;

	if (result)
		return result;
	set_defaults(&p);
	rest = malloc(((size_t)p.argc + 1) * sizeof(*rest));
	if (!rest)
		return TOO_MUCH;
	result = parse_all(&p, rest, &rest_count);
	if (!result) {
		*argv += *argc - rest_count;
		*argc = rest_count;
		memcpy(*argv, rest, (size_t)rest_count * sizeof(*rest));
	}
	free(rest);
	return result;
}

int parse_cmdline(int *argc, const char ***argv, int arg0, ...)
{
	va_list va;
	int result;

	va_start(va, arg0);
	result = parse_cmdlinev(argc, argv, arg0, va);
	va_end(va);
	return result;
}

/* Lines whose pieces programs may still use. */
struct kept_line {
	struct kept_line *next;
	char text[];
};

static struct kept_line *kept_lines;

static char *keep(const char *line)
{
	struct kept_line *k = malloc(sizeof(*k) + strlen(line) + 1);

	if (!k)
		return NULL;
	strcpy(k->text, line);
	k->next = __atomic_load_n(&kept_lines, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(&kept_lines, &k->next, k, false, __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED))
		;
	return k->text;
}

/* Cut the text; argv has room. Returns the number of pieces. */
static int cut(char *text, char delim, const char **argv)
{
	int n = 0;

	while (text) {
		char *end = strchr(text, delim);

		argv[n++] = text;
		text = end ? end + 1 : NULL;
		if (end)
			*end = 0;
	}
	return n;
}

int parse_cmdline_extra(const char *argv0, const char *line, char delim, int arg0, ...)
{
	size_t pieces = 2;
	const char **argv, **moved;
	char *copy = keep(line);
	int argc, result;
	va_list va;

	for (const char *c = line; *c; c++)
		pieces += *c == delim;
	argv = moved = malloc(pieces * sizeof(*argv));
	if (!copy || !argv) {
		free(argv);
		return TOO_MUCH;
	}
	argv[0] = argv0;
	argc = 1 + cut(copy, delim, argv + 1);
	va_start(va, arg0);
	result = parse_cmdlinev(&argc, &moved, arg0, va);
	va_end(va);
	free(argv);
	return result;
}
