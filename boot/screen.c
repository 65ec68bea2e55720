/* SPDX-License-Identifier: MIT */
/* Error output on a colour frame buffer: a 5 x 7 font, drawn twice as large. */
#include "screen.h"

#include "console.h"
#include "identity.h"
#include "lib.h"

#define GLYPH_COLUMNS 5
#define GLYPH_ROWS    7
#define SCALE	      2
#define CELL_WIDTH    ((GLYPH_COLUMNS + 1) * SCALE)
#define CELL_HEIGHT   ((GLYPH_ROWS + 3) * SCALE)
#define TOP_BIT	      (1u << (GLYPH_COLUMNS - 1))
#define FIRST_GLYPH   ' '
#define LAST_GLYPH    '_'

/* One string of rows a glyph; a digit is a row of 5 pixels in base 32. */
/* clang-format off */
static const char glyphs[LAST_GLYPH - FIRST_GLYPH + 1][GLYPH_ROWS + 1] = {
	"0000000", "4444404", "aa00000", "aavavaa", "4fke5u4", "pp248jj", "cik8lid", "4400000",
	"2488842", "8422248", "04lel40", "044v440", "0000c48", "000v000", "00000cc", "11248gg",
	"ehjlphe", "4c4444e", "eh1248v", "eh161he", "26aiv22", "vgu11he", "egguhhe", "v122444",
	"ehhehhe", "ehhf11e", "0cc0cc0", "0cc0c48", "248g842", "00v0v00", "8421248", "eh12404",
	"ehnlnge", "ehhvhhh", "uhhuhhu", "ehggghe", "uhhhhhu", "vgguggv", "vgguggg", "ehgnhhe",
	"hhhvhhh", "e44444e", "72222ic", "hikokih", "ggggggv", "hrllhhh", "hppljjh", "ehhhhhe",
	"uhhuggg", "ehhhlid", "uhhukih", "ehge1he", "v444444", "hhhhhhe", "hhhhaa4", "hhhllrh",
	"hha4ahh", "hha4444", "v1248gv", "e88888e", "gg84211", "e22222e", "4ah0000", "000000v",
};
/* clang-format on */

static struct bootinfo_fb screen;
static unsigned column, row;

static unsigned row_bits(char c, unsigned line)
{
	char digit;

	if (c >= 'a' && c <= 'z')
		c -= 'a' - 'A';
	if (c < FIRST_GLYPH || c > LAST_GLYPH)
		c = '?';
	digit = glyphs[c - FIRST_GLYPH][line];
	return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

/* White is all ones in every pixel format. */
static void draw_cell(char c, unsigned x0, unsigned y0)
{
	unsigned bytes = (screen.bpp + 7) / 8; /* a pixel */

	for (unsigned y = 0; y < CELL_HEIGHT; y++) {
		uint8_t *at = phys_ptr(screen.phys + (uint64_t)(y0 + y) * screen.pitch);
		unsigned bits = y < GLYPH_ROWS * SCALE ? row_bits(c, y / SCALE) : 0;

		at += x0 * bytes;
		for (unsigned x = 0; x < CELL_WIDTH; x++, at += bytes)
			memset(at, bits << x / SCALE & TOP_BIT ? 0xff : 0, bytes);
	}
}

static void new_line(void)
{
	column = 0;
	row++;
}

static void screen_put(char c)
{
	if (c == '\n') {
		new_line();
		return;
	}
	if ((column + 1) * CELL_WIDTH > screen.width)
		new_line();
	if ((row + 1) * CELL_HEIGHT > screen.height)
		return;
	draw_cell(c, column++ * CELL_WIDTH, row * CELL_HEIGHT);
}

void screen_init(const struct bootinfo_fb *fb)
{
	if (fb->type != BOOTINFO_FB_RGB)
		return;
	identity_map(fb->phys, (uint64_t)fb->pitch * fb->height);
	screen = *fb;
	console_set_screen(screen_put);
}
