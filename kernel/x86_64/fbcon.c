/* SPDX-License-Identifier: MIT */
/*
 * Text console on a linear frame buffer (font in PSF format, linked in) or on EGA text memory.
 *
 * The characters on the screen are also kept in cell[]; scrolling moves these and then draws only
 * the cells that differ, because reading video memory is slow and drawing is not free either.
 */
#include "bootinfo.h"
#include "core/string.h"
#include "x86_64/platform.h"
#include "x86_64/serial.h"

enum {
	MAX_COLUMNS = 256,
	MAX_ROWS = 128,
	EGA_COLOUR = 0x07, /* light grey on black */
};

/* The font file, see font.mk. */
extern const u8 font_start[], font_end[];

struct font {
	const u8 *glyphs;
	unsigned count, bytes;	/* glyphs, bytes of one */
	unsigned width, height; /* pixels */
};

static struct {
	struct bootinfo_fb fb;
	struct font font;
	volatile u8 *video;
	unsigned columns, rows, x, y;
	u32 ink; /* pixel value of the text colour */
	enum { TEXT, ESCAPE, CONTROL_SEQUENCE } state;
} con;

static u8 cell[MAX_ROWS][MAX_COLUMNS];	/* what should be on the screen; 0: blank */
static u8 drawn[MAX_ROWS][MAX_COLUMNS]; /* what is there */

/* --- Font: PC Screen Font, version 1 or 2 --- */

static u32 le32(const u8 *p)
{
	return (u32)p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}

static bool font_open(struct font *f, const u8 *p, size_t len)
{
	enum { V1_HEADER = 4, V2_HEADER = 32 };
	size_t header;

	if (len >= V1_HEADER && p[0] == 0x36 && p[1] == 0x04) {
		header = V1_HEADER;
		*f = (struct font){ .count = p[2] & 1 ? 512 : 256, .bytes = p[3], .width = 8 };
		f->height = f->bytes;
	} else if (len >= V2_HEADER && le32(p) == 0x864ab572) {
		header = le32(p + 8);
		*f = (struct font){ .count = le32(p + 16), .bytes = le32(p + 20) };
		f->height = le32(p + 24);
		f->width = le32(p + 28);
	} else {
		return false;
	}
	f->glyphs = p + header;
	return f->width && f->width <= 32 && f->height && f->height <= 64 && f->count >= 128 &&
	       f->bytes == f->height * ((f->width + 7) / 8) && header <= len &&
	       (u64)f->count * f->bytes <= len - header;
}

/* --- Drawing --- */

static void put_pixel(volatile u8 *p, u32 v)
{
	switch (con.fb.bpp) {
	case 32:
		*(volatile u32 *)p = v;
		break;
	case 24:
		p[0] = (u8)v;
		p[1] = (u8)(v >> 8);
		p[2] = (u8)(v >> 16);
		break;
	default: /* 15, 16 */
		*(volatile u16 *)p = (u16)v;
	}
}

static void draw_glyph(unsigned column, unsigned row, u8 c)
{
	const struct font *f = &con.font;
	const u8 *bits = f->glyphs + (c ? c : ' ') * f->bytes;
	unsigned pixel_bytes = (con.fb.bpp + 7u) / 8;
	volatile u8 *line =
	    con.video + (u64)row * f->height * con.fb.pitch + (u64)column * f->width * pixel_bytes;

	for (unsigned y = 0; y < f->height; y++, line += con.fb.pitch) {
		for (unsigned x = 0; x < f->width; x++)
			put_pixel(line + x * pixel_bytes,
				  bits[x / 8] & 0x80 >> x % 8 ? con.ink : 0);
		bits += (f->width + 7) / 8;
	}
}

static void draw_cell(unsigned column, unsigned row)
{
	u8 c = cell[row][column];

	if (con.fb.type == BOOTINFO_FB_RGB)
		draw_glyph(column, row, c);
	else
		*(volatile u16 *)(con.video + row * con.fb.pitch + column * 2) =
		    (u16)(EGA_COLOUR << 8 | (c ? c : ' '));
	drawn[row][column] = c;
}

static void redraw(void)
{
	for (unsigned row = 0; row < con.rows; row++)
		for (unsigned column = 0; column < con.columns; column++)
			if (cell[row][column] != drawn[row][column])
				draw_cell(column, row);
}

/* --- Characters --- */

static void new_line(void)
{
	if (++con.y < con.rows)
		return;
	con.y = con.rows - 1;
	memmove(cell[0], cell[1], (con.rows - 1) * sizeof(cell[0]));
	memset(cell[con.rows - 1], 0, sizeof(cell[0]));
	redraw();
}

static void put_printable(u8 c)
{
	if (con.x == con.columns) {
		con.x = 0;
		new_line();
	}
	cell[con.y][con.x] = c;
	if (cell[con.y][con.x] != drawn[con.y][con.x])
		draw_cell(con.x, con.y);
	con.x++;
}

static void put_control(char c)
{
	switch (c) {
	case '\n':
		new_line();
		break;
	case '\r':
		con.x = 0;
		break;
	case '\b':
		con.x -= con.x > 0;
		break;
	case '\t':
		do
			put_printable(' ');
		while (con.x % 8);
		break;
	case '\033':
		con.state = ESCAPE;
		break;
	}
}

/* Escape sequences (ECMA-48) are swallowed. */
static void put_char(char c)
{
	if (con.state == ESCAPE)
		con.state = c == '[' ? CONTROL_SEQUENCE : TEXT;
	else if (con.state == CONTROL_SEQUENCE)
		con.state = c >= '@' && c <= '~' ? TEXT : CONTROL_SEQUENCE;
	else if ((u8)c < ' ')
		put_control(c);
	else
		put_printable(c < '~' + 1 && c > 0 ? (u8)c : '?');
}

void fbcon_write(const char *s, size_t n)
{
	while (n--)
		put_char(*s++);
}

/* --- Set-up --- */

/* Four fifths of the full brightness of a colour of size bits at pos. */
static u32 light(unsigned pos, unsigned size)
{
	if (!size || size > 16 || pos > 31)
		return 0;
	return 0xccccccccu >> (32 - size) << pos;
}

static bool init_pixels(void)
{
	const struct bootinfo_fb *fb = &con.fb;
	u64 bytes = (u64)fb->pitch * fb->height;

	if (fb->bpp != 15 && fb->bpp != 16 && fb->bpp != 24 && fb->bpp != 32)
		return false;
	if (fb->pitch < (u64)fb->width * ((fb->bpp + 7u) / 8))
		return false;
	if (!font_open(&con.font, font_start, (size_t)(font_end - font_start)))
		return false;
	con.columns = fb->width / con.font.width;
	con.rows = fb->height / con.font.height;
	con.ink = light(fb->red_pos, fb->red_size) | light(fb->green_pos, fb->green_size) |
		  light(fb->blue_pos, fb->blue_size);
	con.video = con.columns && con.rows ? mmio_map(phys(fb->phys), bytes, true) : NULL;
	return con.video;
}

static bool init_text(void)
{
	con.columns = con.fb.width;
	con.rows = con.fb.height;
	con.video = con.columns && con.rows
			? mmio_map(phys(con.fb.phys), (u64)con.fb.pitch * con.rows, true)
			: NULL;
	return con.video && con.fb.pitch >= con.columns * 2;
}

bool fbcon_init(const struct bootinfo_fb *fb)
{
	con.fb = *fb;
	if (fb->type == BOOTINFO_FB_NONE || !fb->phys)
		return false;
	if (!(fb->type == BOOTINFO_FB_RGB ? init_pixels() : init_text()))
		return false;
	con.columns = (unsigned)min_u64(con.columns, MAX_COLUMNS);
	con.rows = (unsigned)min_u64(con.rows, MAX_ROWS);
	memset(drawn, 0xff, sizeof(drawn)); /* unknown: everything is to be drawn */
	redraw();
	return true;
}
