/* SPDX-License-Identifier: MIT */
/* A turning wheel on a text screen. */
#include <string.h>
#include <l4/sys/l4int.h>
#include <l4/util/spin.h>

enum { COLUMNS = 80, ROWS = 25, HERCULES = 0xb0000, VGA = 0xb8000 };

/* A character of the screen. */
struct cell {
	volatile char character, colour;
};

static char next_of(char wheel)
{
	static const char turns[] = "|/-\\|";
	const char *at = wheel ? strchr(turns, wheel) : NULL;

	return at ? at[1] : 0;
}

static void spin(l4_addr_t screen, int x, int y, int len, const char *text)
{
	struct cell *at = (struct cell *)screen + y * COLUMNS + x;
	char next;

	if (x < 0 || y < 0 || len < 0 || y >= ROWS || x >= COLUMNS || len >= COLUMNS - x)
		return;
	next = next_of(at[len].character);
	for (int i = 0; !next && i < len; i++)
		at[i].character = text[i];
	at[len].character = next ? next : '|';
}

void l4_spin_n_text(int x, int y, int len, const char *s)
{
	spin(HERCULES, x, y, len, s);
}

void l4_spin_n_text_vga(int x, int y, int len, const char *s)
{
	spin(VGA, x, y, len, s);
}

void l4_spin(int x, int y)
{
	spin(HERCULES, x, y, 0, "");
}

void l4_spin_vga(int x, int y)
{
	spin(VGA, x, y, 0, "");
}
