/* SPDX-License-Identifier: MIT */
/*
 * A turning wheel on a text screen of 80 columns, 25 rows: a sign of life without a log. The
 * program must have the screen's memory, mapped one to one: 32 KiB at 0xb8000 (VGA) or 0xb0000
 * (Hercules).
 */
#ifndef L4_UTIL_SPIN_H
#define L4_UTIL_SPIN_H

#include <l4/sys/compiler.h>

EXTERN_C_BEGIN

/* Turn the wheel at column x, row y, from 0; a place outside of the screen changes nothing. */
L4_CV void l4_spin(int x, int y);
L4_CV void l4_spin_vga(int x, int y);

/* The same with len characters of s before the wheel, written when the wheel first appears there.
 */
L4_CV void l4_spin_n_text(int x, int y, int len, const char *s);
L4_CV void l4_spin_n_text_vga(int x, int y, int len, const char *s);

EXTERN_C_END

/* With a text constant. */
#define l4_spin_text(x, y, text)     l4_spin_n_text((x), (y), (int)sizeof(text) - 1, "" text)
#define l4_spin_text_vga(x, y, text) l4_spin_n_text_vga((x), (y), (int)sizeof(text) - 1, "" text)

#endif
