/* SPDX-License-Identifier: MIT */
/* Characters of a US keyboard. */
#include <l4/re/event_enums.h>
#include <l4/util/keymap.h>

struct key_chars {
	char plain, shifted;
};

static const struct key_chars map[] = {
	[L4RE_KEY_ESC] = { 27, 27 },	       [L4RE_KEY_1] = { '1', '!' },
	[L4RE_KEY_2] = { '2', '@' },	       [L4RE_KEY_3] = { '3', '#' },
	[L4RE_KEY_4] = { '4', '$' },	       [L4RE_KEY_5] = { '5', '%' },
	[L4RE_KEY_6] = { '6', '^' },	       [L4RE_KEY_7] = { '7', '&' },
	[L4RE_KEY_8] = { '8', '*' },	       [L4RE_KEY_9] = { '9', '(' },
	[L4RE_KEY_0] = { '0', ')' },	       [L4RE_KEY_MINUS] = { '-', '_' },
	[L4RE_KEY_EQUAL] = { '=', '+' },       [L4RE_KEY_BACKSPACE] = { 8, 8 },
	[L4RE_KEY_TAB] = { '\t', '\t' },       [L4RE_KEY_Q] = { 'q', 'Q' },
	[L4RE_KEY_W] = { 'w', 'W' },	       [L4RE_KEY_E] = { 'e', 'E' },
	[L4RE_KEY_R] = { 'r', 'R' },	       [L4RE_KEY_T] = { 't', 'T' },
	[L4RE_KEY_Y] = { 'y', 'Y' },	       [L4RE_KEY_U] = { 'u', 'U' },
	[L4RE_KEY_I] = { 'i', 'I' },	       [L4RE_KEY_O] = { 'o', 'O' },
	[L4RE_KEY_P] = { 'p', 'P' },	       [L4RE_KEY_LEFTBRACE] = { '[', '{' },
	[L4RE_KEY_RIGHTBRACE] = { ']', '}' },  [L4RE_KEY_ENTER] = { '\n', '\n' },
	[L4RE_KEY_A] = { 'a', 'A' },	       [L4RE_KEY_S] = { 's', 'S' },
	[L4RE_KEY_D] = { 'd', 'D' },	       [L4RE_KEY_F] = { 'f', 'F' },
	[L4RE_KEY_G] = { 'g', 'G' },	       [L4RE_KEY_H] = { 'h', 'H' },
	[L4RE_KEY_J] = { 'j', 'J' },	       [L4RE_KEY_K] = { 'k', 'K' },
	[L4RE_KEY_L] = { 'l', 'L' },	       [L4RE_KEY_SEMICOLON] = { ';', ':' },
	[L4RE_KEY_APOSTROPHE] = { '\'', '"' }, [L4RE_KEY_GRAVE] = { '`', '~' },
	[L4RE_KEY_BACKSLASH] = { '\\', '|' },  [L4RE_KEY_Z] = { 'z', 'Z' },
	[L4RE_KEY_X] = { 'x', 'X' },	       [L4RE_KEY_C] = { 'c', 'C' },
	[L4RE_KEY_V] = { 'v', 'V' },	       [L4RE_KEY_B] = { 'b', 'B' },
	[L4RE_KEY_N] = { 'n', 'N' },	       [L4RE_KEY_M] = { 'm', 'M' },
	[L4RE_KEY_COMMA] = { ',', '<' },       [L4RE_KEY_DOT] = { '.', '>' },
	[L4RE_KEY_SLASH] = { '/', '?' },       [L4RE_KEY_KPASTERISK] = { '*', '*' },
	[L4RE_KEY_SPACE] = { ' ', ' ' },       [L4RE_KEY_KPMINUS] = { '-', '-' },
	[L4RE_KEY_KPPLUS] = { '+', '+' },      [L4RE_KEY_102ND] = { '<', '>' },
	[L4RE_KEY_KPENTER] = { '\n', '\n' },   [L4RE_KEY_KPSLASH] = { '/', '/' },
};

int l4util_map_event_to_keymap(unsigned value, unsigned shift)
{
	if (value >= sizeof(map) / sizeof(map[0]))
		return 0;
	return shift ? map[value].shifted : map[value].plain;
}
