/* SPDX-License-Identifier: MIT */
/* A line being typed, with the lines typed before. Pure. */
#ifndef CONS_PROMPT_H
#define CONS_PROMPT_H

#include <stdbool.h>

enum { PROMPT_LINE_MAX = 120, PROMPT_HISTORY = 16 };

/* What a key has done. */
enum prompt_result {
	PROMPT_NOTHING,
	PROMPT_APPENDED,  /* its last character is new */
	PROMPT_ERASED,	  /* its last character has gone */
	PROMPT_CHANGED,	  /* the line is another one */
	PROMPT_COMPLETE,  /* Tab: the last word is to be completed */
	PROMPT_ABANDONED, /* Ctrl-C: the line is empty now */
	PROMPT_ENTERED	  /* the line is done: prompt_take() */
};

/* All zeros is an empty one. */
struct prompt {
	char line[PROMPT_LINE_MAX + 1];
	unsigned length;
	char history[PROMPT_HISTORY][PROMPT_LINE_MAX + 1]; /* ring */
	unsigned entered;				   /* lines ever put in */
	unsigned back;	 /* how far back the line is from; 0: new */
	unsigned escape; /* bytes of a terminal's key sequence so far */
};

/* A key: text, backspace, Ctrl-U, arrows up and down or Ctrl-P and Ctrl-N, Tab, Enter. */
enum prompt_result prompt_key(struct prompt *prompt, char key);

/* Append text to the line, as far as there is room. */
void prompt_append(struct prompt *prompt, const char *text);

/* Copy the line out (PROMPT_LINE_MAX + 1 bytes), remember it, and begin a new one. */
void prompt_take(struct prompt *prompt, char *line);

#endif
