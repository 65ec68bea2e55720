/* SPDX-License-Identifier: MIT */
/* A line being typed. */
#include "prompt.h"

#include <string.h>

enum { CTRL_C = 3, TAB = 9, CTRL_N = 14, CTRL_P = 16, CTRL_U = 21, ESCAPE = 27, DELETE = 127 };

static enum prompt_result replace(struct prompt *p, const char *line)
{
	memmove(p->line, line, strlen(line) + 1);
	p->length = (unsigned)strlen(p->line);
	return PROMPT_CHANGED;
}

static unsigned remembered(const struct prompt *p)
{
	return p->entered < PROMPT_HISTORY ? p->entered : PROMPT_HISTORY;
}

static enum prompt_result go_back(struct prompt *p, int step)
{
	if (step > 0 ? p->back == remembered(p) : p->back == 0)
		return PROMPT_NOTHING;
	p->back += (unsigned)step;
	if (!p->back)
		return replace(p, "");
	return replace(p, p->history[(p->entered - p->back) % PROMPT_HISTORY]);
}

/* ESC [ A and ESC O A: up, B: down; other sequences end with a letter or ~ too. */
static enum prompt_result in_escape(struct prompt *p, char key)
{
	if (++p->escape == 2 && (key == '[' || key == 'O'))
		return PROMPT_NOTHING;
	if (p->escape > 2 && key >= ' ' && key < '@')
		return PROMPT_NOTHING; /* parameters */
	p->escape = 0;
	if (key == 'A' || key == 'B')
		return go_back(p, key == 'A' ? 1 : -1);
	return PROMPT_NOTHING;
}

static enum prompt_result backspace(struct prompt *p)
{
	if (!p->length)
		return PROMPT_NOTHING;
	p->line[--p->length] = 0;
	return PROMPT_ERASED;
}

static enum prompt_result text(struct prompt *p, char key)
{
	if (key < ' ' || p->length == PROMPT_LINE_MAX)
		return PROMPT_NOTHING;
	p->line[p->length++] = key;
	p->line[p->length] = 0;
	return PROMPT_APPENDED;
}

enum prompt_result prompt_key(struct prompt *p, char key)
{
	if (p->escape)
		return in_escape(p, key);
	switch (key) {
	case ESCAPE:
		p->escape = 1;
		return PROMPT_NOTHING;
	case '\r':
	case '\n':
		return PROMPT_ENTERED;
	case '\b':
	case DELETE:
		return backspace(p);
	case CTRL_U:
		return replace(p, "");
	case CTRL_C:
		replace(p, "");
		return PROMPT_ABANDONED;
	case CTRL_P:
		return go_back(p, 1);
	case CTRL_N:
		return go_back(p, -1);
	case TAB:
		return PROMPT_COMPLETE;
	default:
		return text(p, key);
	}
}

void prompt_append(struct prompt *p, const char *more)
{
	while (*more)
		text(p, *more++);
}

void prompt_take(struct prompt *p, char *line)
{
	strcpy(line, p->line);
	if (line[strspn(line, " ")])
		strcpy(p->history[p->entered++ % PROMPT_HISTORY], line);
	p->back = 0;
	replace(p, "");
}
